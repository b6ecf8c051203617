"""Saves the case of a failing test to a file, and says how to replay it."""

import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.pytest_plugin.options import value


def saved_notes(item: pytest.Item, error: BaseException) -> list[tuple[str, str]]:
    """Makes a section of the test's report if the failure, or one of its group, is a Mismatch."""
    notes = [_save(item, number, mismatch) for number, mismatch in enumerate(_mismatches(error), 1)]
    return [("rnn-parity", "\n".join(notes))] if notes else []


def _mismatches(error: BaseException) -> Iterator[Any]:
    """Yields every Mismatch: Hypothesis raises a group for several failures, or a flaky one."""
    verdicts = sys.modules.get("harness.judge.verdict")
    if verdicts and isinstance(error, verdicts.Mismatch):
        yield error
    elif isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _mismatches(inner)


def _save(item: pytest.Item, number: int, error: Any) -> str:
    from harness.draw.saved import save_beside
    from harness.implementations.program import replay_command
    from harness.runs.environment import environment
    from harness.runs.findings import file_name
    from harness.runs.writable import reason_of

    verdict = error.verdict
    folder = Path(value(item.config, "save"))
    path = folder / f"{file_name(item.nodeid if number == 1 else f'{item.nodeid} {number}')}.case"
    about = {
        "implementation": verdict.implementation,
        "reason": verdict.reason,
        "found": item.nodeid,
        **environment([verdict.implementation]),
    }
    try:
        folder_there = Path(item.config.invocation_params.dir, folder)
        folder_there.mkdir(parents=True, exist_ok=True)
        path = folder / save_beside(verdict.case, folder_there / path.name, about).name
    except OSError as trouble:
        reason = f"{path}: {reason_of(trouble)}"
        return f"The case could not be saved: {reason}; --parity-save FOLDER names another folder."
    own = "" if _is_name(verdict.implementation) else " package.module:function"
    name = verdict.implementation
    command = f"{_search_path(name)}{replay_command(path, name)}"
    return f"saved as {path}; replay it with: {command}{own}"


def _search_path(name: str) -> str:
    """Returns what a shell needs before the command where pytest found the module elsewhere.

    A `pythonpath` in pytest's settings, src say, holds for pytest alone.
    """
    where = name.partition(":")[0]
    top = sys.modules.get(where.partition(".")[0])
    file = getattr(top, "__file__", None)
    if not file or where.endswith(".py") or os.name == "nt":
        return ""
    folder, here = Path(file).resolve().parent, Path.cwd()
    root = folder.parent if hasattr(top, "__path__") else folder
    is_own = root != here and root.is_relative_to(here) and "site-packages" not in root.parts
    return f"PYTHONPATH={shlex.quote(str(root.relative_to(here)))} " if is_own else ""


def _is_name(name: str) -> bool:
    """Tells whether a command finds what has this name: no method, object or lambda."""
    from harness.implementations.names import is_program, is_users

    where, _, function = name.partition(":")
    if is_program(name) or where.endswith(".py") or not is_users(name):
        return True
    own = None if where == "__main__" else getattr(sys.modules.get(where), function, None)
    return callable(own) and not isinstance(own, type)
