"""Merges the limits of a run with those within which its implementations refuse nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.draw.limits import CHOICES, DEFAULTS, FEW, FLAGS
from harness.draw.limits import limits as check_limits
from harness.implementations.find import NotFound, Unusable
from harness.implementations.names import cell_of, is_users, reference_of
from harness.judge.calls.observe import Implementation
from references import REFERENCES
from references.case import ONLY
from references.form import Form


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


def takes_all(own: Mapping[str, Any], limits: Mapping[str, Any]) -> bool:
    """Tells whether limits of a function's own leave out no choice of the limits of a run."""
    if not own:
        return True
    ours, theirs = check_limits(**own), check_limits(**limits)
    flags = all(getattr(ours, flag) or not getattr(theirs, flag) for flag in FLAGS)
    return flags and all(set(every) <= {*ours.choices[n]} for n, every in theirs.choices.items())


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
