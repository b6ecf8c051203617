"""Turns what a user writes into an implementation.

A user writes a reference's name, a variant's, `package.module:function`, `file.py:function`, or
hands over a callable.
"""

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import crc32

from harness.draw.limits import limits as check_limits
from harness.judge.crash import CrashPlace, crash_place
from harness.judge.judge import name_of
from harness.judge.kinds import WrongKind, adapt, start_from, unwritten
from harness.judge.observe import Implementation, first_line
from references import REFERENCES, Unknown, load, require, variants
from references.form import Form


class NotFound(ValueError):
    """Says that the words of the command name no implementation, and what to do."""


class Unusable(NotFound):
    """Says why what is there, a file, a module or an object, cannot be used, and what to do.

    A file that raises at import, lacks the function or offers something that is none. `paste` is
    code to start from, if there is any; the text has it below the sentence.
    """

    crash: CrashPlace | None = None  # where it raised at import

    def __init__(self, sentence: str, paste: str = "") -> None:
        super().__init__(sentence, paste)
        self.sentence, self.paste = sentence, paste

    def __str__(self) -> str:
        return "\n".join([self.sentence, *([start_from(self.paste)] if self.paste else [])])


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
        return name, _adapted(implementation, name)
    if implementation in REFERENCES or (reference_of(implementation) and ":" not in implementation):
        try:
            return implementation, load(implementation)
        except Unknown as error:
            raise NotFound(str(error)) from error
    return implementation, _adapted(find(implementation), implementation)


def find(name: str) -> Callable[..., Any]:
    """Returns the function of `package.module:function` or `file.py:function`, as it is.

    Raises NotFound, or Unusable where the file or module is there.
    """
    where, function_name = _parts(name)
    module = _from_file(where) if where.endswith(".py") else _from_module(where)
    function = getattr(module, function_name, None)
    if not callable(function):
        raise Unusable(f"{where} has no function {function_name}; it has {_functions(module)}")
    return function  # type: ignore[no-any-return]


def _parts(name: str) -> tuple[str, str]:
    where, colon, function_name = name.rpartition(":")
    if not colon or not where or not function_name:
        raise NotFound(
            f"implementation is {name!r}, expected one of {', '.join(REFERENCES)}, a variant as "
            "keras/unroll, package.module:function or file.py:function"
        )
    return where, function_name


def reference_of(implementation: Any) -> str:
    """Returns the reference that a name or a variant's name begins with, or an empty text."""
    name = implementation.partition("/")[0] if isinstance(implementation, str) else ""
    return name if name in REFERENCES else ""


def check_name(name: Any) -> None:
    """Raises NotFound or NotInstalled for what cannot be an implementation's name.

    Runs none of the implementation's code.
    """
    if not isinstance(name, str):
        raise NotFound(
            f"implementation is {name!r}, expected a name: worker processes take "
            "package.module:function or file.py:function"
        )
    reference = reference_of(name)
    if reference and ":" not in name:
        require(reference)
        return
    where, _ = _parts(name)
    if where.endswith(".py") and not Path(where).is_file():
        raise NotFound(f"there is no file {where}")


def own_limits(name: str, implementation: Implementation) -> dict[str, Any]:
    """Returns the limits within which a function refuses nothing, its `run.limits`, or none.

    Raises Unusable for limits that cannot be.
    """
    own = getattr(implementation, "limits", None)
    try:
        return dict(merge_limits([name], own, {})) if isinstance(own, Mapping) else {}
    except NotFound as error:
        raise Unusable(str(error)) from error


def shared_limits(limits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns those limits that all functions have: cases beyond them are refused by some."""
    first, *others = limits or ({},)
    common = set(first).intersection(*others)
    return {
        name: first[name]
        for name in first
        if name in common and all(other[name] == first[name] for other in others)
    }


def merge_limits(
    names: Iterable[str], own: Mapping[str, Any], limits: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the run's `limits` over the functions' `own`. Raises NotFound for impossible ones."""
    merged = {**own, **limits}
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


def claim(implementation: Implementation, nonlinearities: Iterable[str]) -> Implementation:
    """Returns a notebook's function as one that computes the only one of these nonlinearities.

    Nothing else is known of what it computes. Another implementation stays as it is.
    """
    names = set(nonlinearities)
    with_nonlinearity = getattr(implementation, "with_nonlinearity", None)
    if with_nonlinearity is None or len(names) != 1:
        return implementation
    return with_nonlinearity(*names)  # type: ignore[no-any-return]


def notebook_form(name: str, implementation: Implementation) -> Form | None:
    """Probes a notebook's function, and returns its form; None for others.

    Raises Unusable where it is not written yet.
    """
    form = getattr(implementation, "notebook_form", None)
    if form is not None and not form().written:
        error = unwritten(name)
        raise Unusable(error.sentence, error.paste)
    return form and form()


def _adapted(implementation: Any, name: str) -> Implementation:
    """Wraps a function of the notebook's arguments. Raises Unusable for what is no function."""
    try:
        return adapt(implementation, name)
    except WrongKind as error:
        raise Unusable(error.sentence, error.paste) from error


def module_name(where: str) -> str:
    """Returns the name of a user's module or file in `sys.modules`."""
    if not where.endswith(".py"):
        return where
    return f"_implementation_{Path(where).stem}_{crc32(where.encode()):08x}"


def _from_file(where: str) -> ModuleType:
    path = Path(where)
    if not path.is_file():
        raise NotFound(f"there is no file {where}")
    spec = spec_from_file_location(module_name(where), path)
    if spec is None or spec.loader is None:
        raise NotFound(f"{where} is no Python file")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    # A file may import the modules beside it, as a script may.
    _put_on_path(path.resolve().parent)
    _run(where, partial(spec.loader.exec_module, module))
    return module


def _from_module(where: str) -> ModuleType:
    _put_on_path(Path.cwd())
    module: ModuleType = _run(where, lambda: import_module(where))
    return module


def _put_on_path(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _run(where: str, action: Any) -> Any:
    try:
        return action()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a user's module raises at import becomes a sentence
        reason = f"{type(error).__name__}: {first_line(error)}"
        sentence = f"{where} cannot be imported: {reason}"
        if _is_absent(where, error):
            raise NotFound(sentence) from error
        unusable = Unusable(sentence)
        unusable.crash = crash_place(error)
        raise unusable from error


def _is_absent(where: str, error: BaseException) -> bool:
    """Tells whether the import failed for want of the module itself, or of a package above it."""
    absent = error.name if isinstance(error, ModuleNotFoundError) else None
    return absent is not None and f"{where}.".startswith(f"{absent}.")


def _functions(module: ModuleType) -> str:
    names = [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    ]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(names[:8]) + more or "none"
