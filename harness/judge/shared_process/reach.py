"""Lists what the judge's code reaches: modules, classes, tables, functions, and NumPy's part in it.

It walks loaded modules and reads no file.
"""

import builtins
import sys
from collections.abc import Iterable, Iterator
from operator import attrgetter
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

# What a method of an array calls: `a.max()`, say.
METHODS = ("_amax", "_amin", "_any", "_all", "_sum", "_mean")
# Where a function stands behind what wraps it.
WRAPPERS = tuple(map(attrgetter, ("__wrapped__", "__func__", "fget", "func")))
OFTEN_REPLACED = ("print", "open", "input", "__import__", "breakpoint")  # for good reasons
HELPERS = ("collections", "dataclasses", "typing")  # their functions decide no verdict


class Namespace(NamedTuple):
    """A module, a class or a table: its live dict, and the keys that matter in it."""

    label: str
    owner: Any
    mapping: Any
    keys: tuple[str, ...]
    whole: bool = False  # then a further key is a change, too


def modules_of(*packages: str) -> tuple[ModuleType, ...]:
    """Returns the loaded modules of these packages, in the order of their names."""
    return tuple(
        module
        for name, module in sorted(sys.modules.items())
        if any(f"{name}.".startswith(f"{package}.") for package in packages)
    )


def namespaces(modules: Iterable[ModuleType]) -> Iterator[Namespace]:
    """Yields the modules, then the classes and tables that they define, without exceptions."""
    for module in modules:
        own, name = vars(module), module.__name__
        keys = tuple(key for key in own if not key.startswith("__"))
        if hasattr(module, "__path__"):  # its submodules become attributes of it as they load
            keys = tuple(key for key in keys if not isinstance(own[key], ModuleType))
            yield Namespace(name, module, own, keys)
        else:
            yield Namespace(name, module, own, keys, True)
        for key in keys:
            value = own[key]
            if isinstance(value, dict):
                yield Namespace(f"{name}.{key}", value, value, tuple(value), True)
            elif isinstance(value, type) and _is_own(value, name):
                yield Namespace(f"{name}.{key}", value, vars(value), tuple(vars(value)), True)


def in_sys_modules(modules: Iterable[ModuleType]) -> Namespace:
    """Returns where these modules stand, and NumPy."""
    names = tuple(module.__name__ for module in modules)
    return Namespace("sys.modules", sys.modules, sys.modules, (*names, "numpy"))


def functions(spaces: Iterable[Namespace]) -> Iterator[tuple[str, FunctionType]]:
    """Yields the functions of these namespaces, with their names, without generated ones."""
    for space in spaces:
        for key in space.keys:
            function = _function(space.mapping[key])
            if function is not None and not _is_generated(function):
                yield f"{space.label}.{key}", function


def numpy_parts(
    names: Iterable[str],
) -> tuple[tuple[Namespace, ...], tuple[tuple[str, FunctionType], ...]]:
    """Returns what NumPy's functions of these names are made of: globals, and Python functions."""
    methods = vars(_methods())
    roots = {f"numpy.{name}": getattr(np, name) for name in names}
    roots |= {f"numpy.ndarray.{name}": methods[name] for name in METHODS if name in methods}
    roots |= {f"numpy.errstate.{name}": value for name, value in vars(np.errstate).items()}
    waiting = [(label, _function(value)) for label, value in roots.items()]
    keys: dict[str, dict[str, None]] = {}
    reached: dict[int, tuple[str, FunctionType]] = {}
    while waiting:
        label, function = waiting.pop()
        if function is None or id(function) in reached or _is_generated(function):
            continue
        reached[id(function)] = label, function
        own, module = function.__globals__, function.__globals__["__name__"]
        for name in names_in(function.__code__):
            if name in own and name not in keys.setdefault(module, {}):
                keys[module][name] = None
                waiting.append((f"{module}.{name}", _function(own[name])))
    spaces = (
        Namespace(name, sys.modules[name], vars(sys.modules[name]), tuple(own))
        for name, own in keys.items()
    )
    return tuple(spaces), tuple(reached.values())


def builtins_of(codes: Iterable[CodeType]) -> Namespace:
    """Returns the builtins that these functions may use."""
    own = vars(builtins)
    names = sorted({name for code in codes for name in names_in(code)} & own.keys())
    return Namespace(
        "builtins", builtins, own, tuple(name for name in names if name not in OFTEN_REPLACED)
    )


def names_in(code: CodeType) -> Iterator[str]:
    """Yields the names of globals and attributes in a function's code."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_in(constant)


def _is_own(value: type, module: str) -> bool:
    return value.__module__ == module and not issubclass(value, BaseException)


def _function(value: Any) -> FunctionType | None:
    """Returns the Python function that a value is, or that stands behind it."""
    if isinstance(value, FunctionType):
        return value
    if isinstance(value, ModuleType | type):
        return None
    for inner in WRAPPERS:
        try:
            function = inner(value)
        except AttributeError:
            continue
        if isinstance(function, FunctionType):
            return function
    return None


def _is_generated(function: FunctionType) -> bool:
    """Tells whether it is a method that `dataclass` or `NamedTuple` makes."""
    return function.__code__.co_filename.startswith("<") or function.__module__ in HELPERS


def _methods() -> ModuleType:
    core = "numpy._core" if "numpy._core._methods" in sys.modules else "numpy.core"
    return sys.modules[f"{core}._methods"]
