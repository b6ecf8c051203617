"""Which framework a model or a file belongs to, and which of its layers are meant.

A framework's part stands in its folder, in `source`: `layers(source, options)` gives a function
for each recurrent layer by name, which makes a Layer; `call(source, layer)` gives one that calls
the very layer, or None; `write(config, weights, path, suffix)` writes a file. Where they are there,
`chain(source)` names the layers of a mere stack, and `check_stack(source, names)` raises where one
of these does not read the one before it. A source is an object of the framework's, or a Path.

What needs no framework is read by `npz` and `safetensors_file`. They have `layers`, and EXPECTED,
which says what names they read.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import references
from references.case import Case, Outputs
from references.layer import Layer, Unreadable
from references.layer_stack import Run
from references.options import checked_options

PENDING = ".unproven"  # a file's name may end so: its kind is that of the name before


class Place(NamedTuple):
    """Where layers stand."""

    framework: str  # a row of REFERENCES; empty for plain arrays
    source: Any


def layers(source: Any, options: Mapping[str, Any]) -> Mapping[str, Callable[[], Layer]]:
    """A function for each recurrent layer of the source by its name, which reads that."""
    return _thunks(_place(source), options)


def _place(source: Any) -> Place:
    if isinstance(source, str | os.PathLike):
        return Place(framework_of_file(Path(source)), Path(source))
    return Place(framework_of(source), source)


def parts(source: Any, layer: str | None, options: Mapping[str, Any]) -> tuple[Place, list[Layer]]:
    """Where the layers are, and those that were named, lowest first."""
    checked_options(options)
    place = _place(source)
    thunks = _thunks(place, options)
    names = _names(place, list(thunks), layer)
    above = thunks
    if len(names) > 1:
        if check := getattr(_reader(place), "check_stack", None):
            check(place.source, names)
        if options.get("go_backwards"):  # the lowest layer reverses time for all
            above = _thunks(place, {**options, "go_backwards": False})
    return place, [thunks[names[0]](), *(above[name]() for name in names[1:])]


def _thunks(place: Place, options: Mapping[str, Any]) -> Mapping[str, Callable[[], Layer]]:
    return _reader(place).layers(place.source, options)  # type: ignore[no-any-return]


def _reader(place: Place) -> Any:
    """The module that reads the layers: the framework's own part, unless none is needed."""
    from references import npz, safetensors_file  # an implementation that is no file needs neither

    if isinstance(place.source, Path) and suffix_of(place.source) == ".safetensors":
        return safetensors_file
    return own(place.framework) if place.framework else npz


def is_source(source: Any) -> bool:
    """Tells whether this is a model, or the name of a file that may hold one."""
    try:
        _place(source)
    except Unreadable:
        return False
    return True


def framework_of(source: Any) -> str:
    """The row of REFERENCES that an object belongs to, by its class: nothing is imported."""
    packages = {row.needs[0]: name for name, row in references.REFERENCES.items() if row.needs}
    if isinstance(source, Mapping):  # a state_dict, or a checkpoint that holds one
        inner = [value for each in source.values() for value in (each, *_values(each))]
        names = (_framework_of_class(value, packages) for value in inner)
        return next(filter(None, names), "")
    if name := _framework_of_class(source, packages):
        return name
    kinds = "a torch module, a Keras layer or model, arrays by name, or the path of a file"
    raise Unreadable(f"the source has type {type(source).__name__}, expected {kinds}")


def _values(source: object) -> Iterable[object]:
    return source.values() if isinstance(source, Mapping) else ()


def _framework_of_class(item: object, packages: Mapping[str, str]) -> str:
    """By the first package among those of its class and of the classes that this one extends."""
    names = (packages.get(base.__module__.partition(".")[0], "") for base in type(item).__mro__)
    return next(filter(None, names), "")


def framework_of_file(path: Path) -> str:
    """The row of REFERENCES whose files end so; empty for plain arrays."""
    suffix = suffix_of(path)
    for name, row in references.REFERENCES.items():
        if suffix in row.files:
            return name
    if suffix == ".npz":
        return ""
    suffixes = [file for row in references.REFERENCES.values() for file in row.files]
    raise Unreadable(f"{path} ends in {suffix!r}, expected {', '.join([*suffixes, '.npz'])}")


def suffix_of(path: Path) -> str:
    """The suffix that says the kind of a file, also of one that is not proven yet."""
    return Path(path.name.removesuffix(PENDING)).suffix.lower()


def own(framework: str) -> Any:
    """The framework's own part."""
    part = getattr(references.module(framework), "source", None)
    if part is None:
        raise Unreadable(f"{references.REFERENCES[framework].title} has no files of its own")
    return part


def _names(place: Place, names: list[str], layer: str | None) -> list[str]:
    """The names of the layers that were asked for, checked."""
    source = place.source
    title = str(source) if isinstance(source, Path) else f"the {type(source).__name__}"
    if layer is None:
        if len(names) == 1:
            return names
        if not names:
            text = f"{title} holds no recurrent layer that can be read"
            raise Unreadable(text + getattr(_reader(place), "EXPECTED", ""))
        chain = getattr(_reader(place), "chain", None)
        if whole := chain(source) if chain else ():
            return list(whole)
        text = f"{title} holds {len(names)} recurrent layers: {_listing(names)}"
        example = f"{names[0]} say; several with commas, lowest first, are a stack"
        raise Unreadable(f"{text}. Name one by layer (--layer, for B --layer-b): {example}")
    chosen = [name.strip() for name in layer.split(",")]
    for name in chosen:
        if name not in names:
            has = f"it has {_listing(names)}" if names else "it has none"
            if names == [""]:
                has = "it is one layer itself, which needs no name"
            raise Unreadable(f"{title} has no recurrent layer {name!r}; {has}")
    return chosen


def _listing(names: list[str]) -> str:
    text = ", ".join(name or "''" for name in names[:20])
    return text + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def call(place: Place, layer: Layer) -> Run:
    """Calls the layer of the source, or one of its framework with its weights."""
    own_call = getattr(_reader(place), "call", None)
    if very := own_call(place.source, layer) if own_call else None:
        return very  # type: ignore[no-any-return]
    name = layer.framework if layer.framework in references.installed() else "numpy"
    # As lower layers of it are called: other ways of one framework may have other bits.
    run = of_framework(name, references.REFERENCES[name].inference)
    return lambda case: run(replace(case, weights=layer.weights))


def of_framework(name: str, way: str) -> Run:
    """A framework's way to compute a case, and the way that takes masks for one that has such."""
    ways = way, references.REFERENCES[name].masked or way
    plain, masked = (references.load("/".join(filter(None, (name, one)))) for one in ways)

    def run(case: Case) -> Outputs:
        return (masked if case.is_masked else plain)(case)  # type: ignore[no-any-return]

    run.exact_dtype = True  # type: ignore[attr-defined]
    return run
