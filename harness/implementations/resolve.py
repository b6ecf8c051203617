"""Turns what a user writes into an implementation.

A user writes a reference's name, a variant's, `package.module:function`, `file.py:function`,
`command:./program`, or hands over a callable.
"""

from collections.abc import Mapping
from functools import wraps
from pathlib import Path
from typing import Any

from harness.implementations.find import NotFound, adapted, find, parts
from harness.implementations.names import cell_of, is_program, is_users, plain_name, reference_of
from harness.implementations.program import words_of
from harness.implementations.remote import Remote
from harness.judge.calls.observe import Implementation
from harness.judge.judge import name_of
from references import Unknown, Unsupported, load, require
from references.case import Case

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
            return implementation, _row(implementation, load(plain_name(implementation)))
        except Unknown as error:
            raise NotFound(str(error)) from error
    if is_program(implementation):
        return implementation, Remote.of(implementation)
    return implementation, adapted(find(implementation), implementation)


def _row(name: str, run: Implementation) -> Implementation:
    """Returns what judges cases of one cell alone, where the name ends with one: `torch gru`."""
    cell = cell_of(name)
    if not cell:
        return run

    @wraps(run)
    def only(case: Case) -> Any:
        if case.config.cell != cell:
            raise Unsupported(
                f"a case of cell {case.config.cell!r}: {name!r} stands for those of {cell!r} "
                f"alone, {plain_name(name)!r} for all"
            )
        return run(case)

    return only


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
