"""Notices what has replaced a part of the judge, or of NumPy, and puts the original back.

In Python and in pytest a user's code shares the judge's process. What the judge computes with is
recorded when it is loaded, and compared by identity, since an object may lie about equality.
"""

import builtins

# By name: an implementation may replace the builtins.
from builtins import (  # noqa: UP029
    KeyError,
    RuntimeError,
    all,
    callable,
    hasattr,
    id,
    isinstance,
    len,
    map,
    tuple,
    type,
    vars,
    zip,
)
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import attrgetter, is_, itemgetter
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from harness.judge.shared_process.reach import Namespace, functions

MOST = 3  # changes that a sentence names
ABSENT, END = object(), object()
CODE, DEFAULTS = map(attrgetter, ("__code__", "__defaults__"))


class Body(NamedTuple):
    """A function, and what it is made of."""

    label: str
    function: FunctionType
    code: CodeType
    defaults: tuple[Any, ...] | None


class Record(NamedTuple):
    """The originals, and how to read quickly what stands in their places."""

    spaces: tuple[tuple[Namespace, type, tuple[Any, ...]], ...]  # with class, values by key
    bodies: tuple[Body, ...]
    views: tuple[Any, ...]  # of the values of whole namespaces
    getters: tuple[tuple[Callable[[Any], tuple[Any, ...]], Any], ...]  # of the others
    owners: tuple[Any, ...]  # of the others
    functions: tuple[FunctionType, ...]
    with_defaults: tuple[FunctionType, ...]
    # All of it as it was when it was last looked at, and whole: something may have been added that
    # decides nothing.
    last: list[Any] = []  # noqa: RUF012 - `record` gives each its own


def record(spaces: Iterable[Namespace], further: Iterable[tuple[str, FunctionType]] = ()) -> Record:
    """Records these namespaces, their functions and further functions, as they are now."""
    by_owner: dict[int, Namespace] = {}
    for space in spaces:
        if space.keys:
            by_owner.setdefault(id(space.owner), space)
    every = tuple(by_owner.values())
    partial = tuple(space for space in every if not space.whole)
    named = (*functions(every), *further)
    unique = {id(function): (label, function) for label, function in named}
    bodies = tuple(_body(*item) for item in unique.values())
    blank = Record(
        tuple(
            (space, type(space.owner), tuple(space.mapping[key] for key in space.keys))
            for space in every
        ),
        bodies,
        # The end, so that a longer one is none that begins alike.
        (*[space.mapping.values() for space in every if space.whole], (END,)),
        # The first key twice: of one key alone it would give no tuple.
        tuple((itemgetter(space.keys[0], *space.keys), space.mapping) for space in partial),
        tuple(space.owner for space in partial),
        tuple(function for _, function, _, _ in bodies),
        tuple(function for _, function, _, defaults in bodies if defaults),
    )
    return blank._replace(last=[tuple(map(tuple, _values(blank)))])


def _body(label: str, function: FunctionType) -> Body:
    return Body(label, function, function.__code__, function.__defaults__)


def restore(record: Record) -> tuple[str, ...]:
    """Puts every original back; returns what was done to each, as `replaced numpy.tanh`."""
    try:
        pairs = zip(_values(record), record.last[0], strict=True)
        if all(all(map(is_, values, last)) for values, last in pairs):
            return ()
    except (KeyError, RuntimeError):  # something was removed, by a thread even now
        pass
    edits = (*_restore_names(record), *_restore_bodies(record))
    record.last[0] = tuple(map(tuple, _values(record)))
    return edits


def mocks(record: Record) -> tuple[tuple[Namespace, str, Any], ...]:
    """Returns what stands in the places of originals now: namespace, key and value."""
    return tuple(
        (space, key, space.mapping[key])
        for space, _, originals in record.spaces
        for key, original in zip(space.keys, originals, strict=True)
        if space.mapping.get(key, original) is not original
    )


def sentence(edits: tuple[str, ...], subject: str = "it") -> str:
    """Says what the subject changed."""
    more = f" and {len(edits) - MOST} more" if len(edits) > MOST else ""
    return f"{subject} {', '.join(edits[:MOST])}{more}, which the judge uses"


def _values(record: Record) -> tuple[Iterable[Any], ...]:
    """Returns what stands in the places of the originals. Raises KeyError for an empty one."""
    return (
        chain.from_iterable(record.views),
        chain.from_iterable([get(mapping) for get, mapping in record.getters]),
        map(type, record.owners),
        map(CODE, record.functions),
        map(DEFAULTS, record.with_defaults),
    )


def _restore_names(record: Record) -> Iterator[str]:
    """Puts back what names stood for, removes further names, and yields the changes."""
    for space, kind, originals in record.spaces:
        for key, original in zip(space.keys, originals, strict=True):
            value = space.mapping.get(key, ABSENT)
            if value is not original:
                put(space, key, original)
                verb = "removed" if value is ABSENT else "replaced"
                yield f"{verb} {space.label}.{key}"
        if type(space.owner) is not kind:
            space.owner.__class__ = kind
            yield f"changed the class of {space.label}"
        for key in [*space.mapping] if space.whole else ():
            if key not in space.keys and _decides(space, key):
                _remove(space, key)
                yield f"added {space.label}.{key}"


def _restore_bodies(record: Record) -> Iterator[str]:
    for label, function, code, defaults in record.bodies:
        if function.__code__ is not code:
            function.__code__ = code
            yield f"changed the code of {label}"
        if function.__defaults__ is not defaults:
            function.__defaults__ = defaults
            yield f"changed the defaults of {label}"


def _decides(space: Namespace, key: Any) -> bool:
    """Tells whether a further name can change what the code does."""
    if isinstance(space.owner, ModuleType):
        return key in vars(builtins) and not key.startswith("__")
    value = space.mapping[key]
    # Others note things about a class in it: copyreg, say, the names of its slots.
    return isinstance(space.owner, dict) or callable(value) or hasattr(type(value), "__get__")


def put(space: Namespace, key: str, value: Any) -> None:
    """Has a name stand for a value."""
    if isinstance(space.owner, type):
        type.__setattr__(space.owner, key, value)
    else:
        space.mapping[key] = value


def _remove(space: Namespace, key: str) -> None:
    if isinstance(space.owner, type):
        type.__delattr__(space.owner, key)
    else:
        del space.mapping[key]
