"""Turns what a user writes into an implementation.

A user writes a reference's name, a variant's, `package.module:function`, `file.py:function`,
`command:./program`, or hands over a callable.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.draw.limits import CHOICES, DEFAULTS, FEW, ONLY
from harness.draw.limits import limits as check_limits
from harness.implementations.find import NotFound, Unusable, adapted, find, parts
from harness.implementations.names import cell_of, is_program, is_users, plain_name, reference_of
from harness.implementations.program import words_of
from harness.implementations.remote import Remote
from harness.judge.judge import name_of
from harness.judge.observe import Implementation
from references import REFERENCES, Unknown, load, require, variants
from references.form import Form

CLAIMS = ("nonlinearity", "cell")  # what a notebook's function may claim to compute


def resolve(implementation: Any) -> tuple[str, Implementation]:
    """Returns the implementation's name and function.

    A user's module or file is code, and is run. A function of three or four arguments counts as a
    notebook's. Raises NotFound, Unusable, or references.NotInstalled.
    """
    if not isinstance(implementation, str):
        if not callable(implementation):
            expectation = "a name, 'module:function' or a function"
            raise NotFound(f"implementation is {implementation!r}, expected {expectation}")
        name = name_of(implementation)
        return name, adapted(implementation, name)
    if not is_users(implementation):
        try:
            return implementation, load(plain_name(implementation))
        except Unknown as error:
            raise NotFound(str(error)) from error
    if is_program(implementation):
        return implementation, Remote.of(implementation)
    return implementation, adapted(find(implementation), implementation)


def check_name(name: Any) -> None:
    """Raises NotFound or NotInstalled for what cannot be an implementation's name.

    Runs none of the implementation's code.
    """
    if not isinstance(name, str):
        raise NotFound(
            f"implementation is {name!r}, expected a name: worker processes take "
            "package.module:function or file.py:function"
        )
    if not is_users(name):
        require(reference_of(name))
        return
    if is_program(name):
        words_of(name)
        return
    where, _ = parts(name)
    if where.endswith(".py") and not Path(where).is_file():
        raise NotFound(f"there is no file {where}")


def own_limits(
    name: str, implementation: Implementation, form: Form | None = None
) -> dict[str, Any]:
    """Returns the limits within which a function refuses nothing, its `run.limits`, or none.

    With what a probe shows of a notebook's function they are those of its cell; a row of one cell
    is judged on that. A reference's row may ask for few shapes. Raises Unusable for limits that
    cannot be.
    """
    if not is_users(name):
        return limits_of_row(name)
    own = getattr(implementation, "limits", None)
    return with_form(name, own if isinstance(own, Mapping) else {}, form)


def limits_of_row(name: str) -> dict[str, Any]:
    """Returns the limits that a reference asks for: the cell of its row, and few shapes."""
    cell, shapes = cell_of(name), REFERENCES[reference_of(name)].shapes
    return ({"cell": cell} if cell else {}) | ({"shapes": shapes} if shapes else {})


def with_form(name: str, own: Mapping[str, Any], form: Form | None) -> dict[str, Any]:
    """Adds limits that follow from what a probe shows to a function's own, which outdo them.

    Raises Unusable for limits that cannot be.
    """
    try:
        return merge_limits([name], form.limits if form else {}, own)
    except NotFound as error:
        raise Unusable(str(error)) from error


def shared_limits(limits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns those limits that all functions have: cases beyond them are refused by some.

    Of functions of several cells all cells are drawn; a limit of one cell is that of its functions.
    Shapes, and kinds of layers, are as few as any of them asks for.
    """
    cells = {cell: None for own in limits for cell in _cells(own)}
    shared: dict[str, Any] = {}
    for name in dict.fromkeys(name for own in limits for name in own):
        concerned = [own for own in limits if ONLY.get(name, "") in ("", *_cells(own))]
        values = [own.get(name) for own in concerned]
        if values and None not in values and all(value == values[0] for value in values):
            shared[name] = values[0]
    for name in FEW:
        counts = [own[name] for own in limits if own.get(name)]
        shared |= {name: min(counts)} if counts else {}
    return shared | ({"cell": tuple(cells)} if len(cells) > 1 else {})


def _cells(limits: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells that are drawn within these limits."""
    cells = limits.get("cell", DEFAULTS["cell"])
    return (cells,) if isinstance(cells, str) else tuple(cells)


def merge_limits(
    names: Iterable[str], own: Mapping[str, Any], limits: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the run's `limits` over the functions' `own`. Raises NotFound for impossible ones.

    Own values that only another cell can have do not count.
    """
    cells = _cells({**own, **limits})
    merged = {
        name: value
        for name, value in own.items()
        if ONLY.get(name, "") in ("", *cells) or value == CHOICES[name][0]
    }
    merged |= limits
    try:
        check_limits(**merged)
    except (TypeError, ValueError) as error:
        raise NotFound(f"the limits of {', '.join(names)} are wrong: {error}") from error
    return merged


def group_of(name: str) -> str:
    """Returns the framework whose implementations share a process, or a function's own name.

    A user's function has a process of its own, so that what it leaves behind harms no other.
    """
    return reference_of(name) or name


def by_group(names: Iterable[str]) -> dict[str, list[str]]:
    """Returns the names by their groups, in order."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(group_of(name), []).append(name)
    return groups


def in_import_order(implementations: Iterable[Any]) -> list[Any]:
    """Sorts references and their variants in the table's order, and puts the others behind.

    The table's order is the one in which frameworks are imported.
    """
    table = [*REFERENCES, ""]
    return sorted(implementations, key=lambda item: table.index(reference_of(item)))


def expanded(implementations: Iterable[Any]) -> list[Any]:
    """Replaces `torch/all` by the plain reference and all its variants."""
    names: list[Any] = []
    for item in implementations:
        reference = reference_of(item)
        every = reference and item == f"{reference}/all"
        names += [reference, *variants(reference)] if every else [item]
    return names


def claim(implementation: Implementation, choices: Mapping[str, Any]) -> Implementation:
    """Returns a notebook's function as one that computes the only cell and nonlinearity of these.

    `choices` are those of a run's limits, or the values of one case's Config. Where a run has
    several, nothing is claimed. Another implementation stays as it is.
    """
    with_claim = getattr(implementation, "with_claim", None)
    if with_claim is None:
        return implementation
    return with_claim(*(_only(choices[name]) for name in CLAIMS))  # type: ignore[no-any-return]


def _only(values: Any) -> str:
    """The only one of these values, or an empty text."""
    names = {values} if isinstance(values, str) else set(values)
    return str(*names) if len(names) == 1 else ""
