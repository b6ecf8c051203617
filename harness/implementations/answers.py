"""Notices, in a worker process, that a user's code imports what it is compared with: the answer.

The answer is a framework (torch, keras, tensorflow), whatever of it is imported, and of ours the
loop and the mirrors: `references.load`, `numpy_rnn`, `torch_rnn`, `keras_rnn`, `cells`. The types
of the contract are not: `references.case`, `Unsupported`, `from_notebook`, nor activations.

Only imports by the user's own code count, at its import and while it runs; not those of a library
that it uses. This is for honest mistakes: it does not stop who wants to hide an import.
"""

import builtins
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any, NamedTuple

import references
from harness.judge.calls.crash import is_users, short_path
from references import REFERENCES

FRAMEWORKS = frozenset(need for row in REFERENCES.values() for need in row.needs)
MODULES = ("references.cells", *(row.module for row in REFERENCES.values()))
NO_ANSWER = "references.cells.activations"
FUNCTIONS = ("references.load", "references.module", "references.*")


class Use(NamedTuple):
    """An import of the answer, and the line of the user's code that has it."""

    module: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.module} ({self.file}:{self.line})"


# The imports of this process by module and file, once each: it imports one user's function.
_uses: dict[tuple[str, str], Use] = {}
_package = ""  # the user's own, which may be installed


def watch(implementation: str) -> None:
    """Notes imports of the answer from now on, by this implementation, `module:function` say."""
    global _package
    where = implementation.rpartition(":")[0]
    _package = "" if where.endswith(".py") else where.partition(".")[0]
    if _uses or hasattr(builtins.__import__, "watches"):
        return
    builtins.__import__ = _watching(builtins.__import__, _by_statement)
    importlib.import_module = _watching(importlib.import_module, _by_name)
    for name in ("load", "module"):
        function = _watching(
            getattr(references, name), lambda *_, name=name: [f"references.{name}"]
        )
        setattr(references, name, function)


def uses() -> tuple[Use, ...]:
    """Returns the imports of the answer so far, in the order of the user's lines."""
    return tuple(sorted(_uses.values(), key=lambda use: (use.file, use.line, use.module)))


def _watching(function: Callable[..., Any], names: Callable[..., Sequence[str]]) -> Any:
    """Wraps a function that imports; `names` takes its arguments, and says what it imports."""

    def importing(*arguments: Any, **options: Any) -> Any:
        for name in _answers(names(*arguments, **options)):
            _note(name, sys._getframe(1))
        return function(*arguments, **options)

    importing.watches = True  # type: ignore[attr-defined]
    return importing


def _by_statement(
    name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
) -> Sequence[str]:
    """Returns what an import statement imports, as dotted names; nothing for a relative one."""
    if level:
        return ()
    return [f"{name}.{item}" for item in fromlist or ()] or [name]


def _by_name(name: str, package: str | None = None) -> Sequence[str]:
    return [name]


def _answers(names: Sequence[str]) -> Iterator[str]:
    """Yields the module or function of each name that is the answer."""
    for name in names:
        top = name.partition(".")[0]
        if top in FRAMEWORKS:
            yield top
        elif top == "references":
            if name in FUNCTIONS:
                yield "references.load" if name.endswith("*") else name
            elif not f"{name}.".startswith(f"{NO_ANSWER}."):
                yield from (module for module in MODULES if f"{name}.".startswith(f"{module}."))


def _note(module: str, frame: FrameType) -> None:
    """Notes an import if its line is the user's."""
    file, name = frame.f_code.co_filename, str(frame.f_globals.get("__name__", ""))
    if is_users(file) or (_package and name.partition(".")[0] == _package):
        place = short_path(file)
        _uses.setdefault((module, place), Use(module, place, frame.f_lineno))
