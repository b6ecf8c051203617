"""Imports a user's function by name: `package.module:function` or `file.py:function`.

A user's module or file is code, and is run.
"""

import inspect
import os
import shlex
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import crc32

from harness.judge.calls.crash import CrashPlace, crash_place
from harness.judge.calls.kinds import WrongKind, adapt, start_from, unwritten
from harness.judge.calls.observe import Implementation, first_line
from references import REFERENCES
from references.form import Form
from references.sources import is_source


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


def find(name: str) -> Callable[..., Any]:
    """Returns the function of `package.module:function` or `file.py:function`, as it is.

    Raises NotFound, or Unusable where the file or module is there.
    """
    where, function_name = parts(name)
    module = _from_file(where) if where.endswith(".py") else _from_module(where)
    function = getattr(module, function_name, None)
    if not callable(function):
        raise Unusable(f"{where} has no function {function_name}; it has {_functions(module)}")
    return function  # type: ignore[no-any-return]


def parts(name: str) -> tuple[str, str]:
    """Returns the module or file of a name, and its function. Raises NotFound."""
    where, colon, function_name = name.rpartition(":")
    if is_source(name):
        raise NotFound(
            f"{name} is a model, whose weights are its own: compare it with another model, or "
            "with a function, by rnn-parity compare"
        )
    if not colon or not where or not function_name:
        _check_path(name)
        raise NotFound(
            f"implementation is {name!r}, expected one of {', '.join(REFERENCES)}, a variant as "
            "keras/unroll, package.module:function, file.py:function or command:./program"
        )
    return where, function_name


def _check_path(path: str) -> None:
    """Raises NotFound for a path without a function."""
    if os.path.isdir(path):
        raise NotFound(f"{path} is a folder; name a file in it")
    if path.endswith(".py"):
        if not os.path.isfile(path):
            raise NotFound(f"there is no file {path}")
        raise NotFound(f"name the function of {path}, as in {path}:run")


def adapted(implementation: Any, name: str) -> Implementation:
    """Wraps a function of the notebook's arguments. Raises Unusable for what is no function."""
    try:
        return adapt(implementation, name)
    except WrongKind as error:
        raise Unusable(error.sentence, error.paste) from error


def notebook_form(name: str, implementation: Implementation) -> Form | None:
    """Probes a notebook's function, and returns its form; None for others.

    Raises Unusable where it is not written yet.
    """
    form = getattr(implementation, "notebook_form", None)
    if form is not None and not form().written:
        error = unwritten(name)
        raise Unusable(error.sentence, error.paste)
    return form and form()


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
    if where.endswith(".ipynb"):
        script = f"jupyter nbconvert --to script {shlex.quote(where)}"
        raise NotFound(f"{where} is a notebook: write it to a .py file first, by `{script}`")
    if where.startswith(".") or "/" in where or os.sep in where:
        raise NotFound(f"{where} is no module's name; a file's name ends with .py")
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
        if where.endswith(".py") and "relative import" in reason:
            path = Path(where).resolve()
            sentence += f"; name it as a module: {path.parent.name}.{path.stem}:function"
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
