"""From what a user writes to an implementation: a reference's name, `package.module:function`, `file.py:function`, a callable."""

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
from harness.judge.judge import name_of
from harness.judge.observe import Implementation, first_line
from references import REFERENCES, Unknown, from_notebook, load, require, variants


class NotFound(ValueError):
    """There is no such implementation, or none that can be used; the text says what to do."""


def resolve(implementation: Any) -> tuple[str, Implementation]:
    """Name and function. A user's module or file is code, and is run. A function of four arguments is taken for a notebook's.

    Raises NotFound, or references.NotInstalled.
    """
    if not isinstance(implementation, str):
        if not callable(implementation):
            raise NotFound(
                f"implementation is {implementation!r}, expected a name, 'module:function' or a function"
            )
        return name_of(implementation), _adapted(implementation)
    if implementation in REFERENCES or (reference_of(implementation) and ":" not in implementation):
        try:
            return implementation, load(implementation)
        except Unknown as error:
            raise NotFound(str(error)) from error
    return implementation, _adapted(find(implementation))


def find(name: str) -> Callable[..., Any]:
    """The function of `package.module:function` or `file.py:function`, as it is. Raises NotFound."""
    where, function_name = _parts(name)
    module = _from_file(where) if where.endswith(".py") else _from_module(where)
    function = getattr(module, function_name, None)
    if not callable(function):
        raise NotFound(f"{where} has no function {function_name}; it has {_functions(module)}")
    return function  # type: ignore[no-any-return]


def _parts(name: str) -> tuple[str, str]:
    where, colon, function_name = name.rpartition(":")
    if not colon or not where or not function_name:
        known = ", ".join(REFERENCES)
        raise NotFound(
            f"implementation is {name!r}, expected one of {known}, a variant as keras/unroll, package.module:function or file.py:function"
        )
    return where, function_name


def reference_of(implementation: Any) -> str:
    """The reference that a name or a variant's name begins with, or nothing."""
    name = implementation.partition("/")[0] if isinstance(implementation, str) else ""
    return name if name in REFERENCES else ""


def check_name(name: Any) -> None:
    """Raises NotFound or NotInstalled for what cannot be an implementation's name, without running any of its code."""
    if not isinstance(name, str):
        raise NotFound(
            f"implementation is {name!r}, expected a name: worker processes take package.module:function or file.py:function"
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

    Raises NotFound for such as cannot be.
    """
    own = getattr(implementation, "limits", None)
    return dict(merge_limits([name], own, {})) if isinstance(own, Mapping) else {}


def shared_limits(limits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns the limits of all functions where they are the same, else none."""
    first, *others = limits or ({},)
    return dict(first) if all(other == first for other in others) else {}


def merge_limits(
    names: Iterable[str], own: Mapping[str, Any], limits: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns a run's limits, before the functions' own. Raises NotFound where they cannot be."""
    merged = {**own, **limits}
    try:
        check_limits(**merged)
    except (TypeError, ValueError) as error:
        raise NotFound(f"the own limits of {', '.join(names)} cannot be: {error}") from error
    return merged


def group_of(name: str) -> str:
    """Names what implementations share to be judged in one process: a framework, or nothing but a user's own function.

    What a user's function leaves behind in its process shall harm no other.
    """
    return reference_of(name) or name


def by_group(names: Iterable[str]) -> dict[str, list[str]]:
    """Names by their groups, in order."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(group_of(name), []).append(name)
    return groups


def in_import_order(implementations: Iterable[Any]) -> list[Any]:
    """References and their variants in the table's order, which is the order in which frameworks are imported, then the others."""
    table = list(REFERENCES)
    return sorted(
        implementations,
        key=lambda item: table.index(reference_of(item)) if reference_of(item) else len(table),
    )


def expanded(implementations: Iterable[Any]) -> list[Any]:
    """`torch/all` written out: the plain one, then every variant."""
    names: list[Any] = []
    for item in implementations:
        reference = reference_of(item)
        names += (
            [reference, *variants(reference)]
            if reference and item == f"{reference}/all"
            else [item]
        )
    return names


def _adapted(function: Any) -> Implementation:
    """The function itself, or wrapped where it takes the notebook's four arguments: inputs, W, U, b."""
    try:
        parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    except (TypeError, ValueError):
        return function  # type: ignore[no-any-return]
    required = [
        p
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    return from_notebook(function) if len(required) == 4 else function


def module_name(where: str) -> str:
    """What a user's module or file is called in `sys.modules`."""
    return (
        f"_implementation_{Path(where).stem}_{crc32(where.encode()):08x}"
        if where.endswith(".py")
        else where
    )


def _from_file(where: str) -> ModuleType:
    path = Path(where)
    if not path.is_file():
        raise NotFound(f"there is no file {where}")
    spec = spec_from_file_location(module_name(where), path)
    if spec is None or spec.loader is None:
        raise NotFound(f"{where} is no Python file")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    beside = str(path.resolve().parent)  # a file may import the modules beside it, as a script may
    if beside not in sys.path:
        sys.path.insert(0, beside)
    _run(where, partial(spec.loader.exec_module, module))
    return module


def _from_module(where: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    module: ModuleType = _run(where, lambda: import_module(where))
    return module


def _run(where: str, action: Any) -> Any:
    try:
        return action()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a user's module does at import is told, not thrown
        raise NotFound(
            f"{where} cannot be imported: {type(error).__name__}: {first_line(error)}"
        ) from error


def _functions(module: ModuleType) -> str:
    names = [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    ]
    return (
        ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "") or "none"
    )
