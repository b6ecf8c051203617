"""Implementations to compare: each is one function, `run(case) -> Outputs`, found in the table below.

Importing this package imports no framework: `load(name)` does, on first use, in that framework's own folder.
A variant is another way to compute the same case in a framework: `keras/unroll`. Bare `keras` is the plain one.
What an implementation cannot do it refuses: `raise Unsupported("reason")`.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from references.notebook import from_notebook
from references.unsupported import Unsupported

__all__ = [
    "REFERENCES",
    "NotInstalled",
    "Unknown",
    "Unsupported",
    "from_notebook",
    "installed",
    "load",
    "variants",
]


class Reference(NamedTuple):
    """A row of the table: where the implementation is, what it imports, and the extra that installs it."""

    module: str
    needs: tuple[str, ...] = ()
    extra: str = ""
    fast: str = ""  # a variant that computes the same many times faster


# In the order in which frameworks are imported: torch before TensorFlow.
REFERENCES = {
    "numpy": Reference("references.numpy_rnn"),
    "torch": Reference("references.torch_rnn", ("torch",), "torch"),
    "keras": Reference("references.keras_rnn", ("keras", "tensorflow"), "keras", "graph"),
}


class Unknown(ValueError):
    """There is no reference or variant of that name; the text lists those that there are."""


class NotInstalled(ImportError):
    """A reference was asked for whose framework is not installed; the text says what installs it."""


def installed() -> tuple[str, ...]:
    """The names of the references whose frameworks are installed, in the table's order; imports none of them."""
    return tuple(name for name, reference in REFERENCES.items() if not _missing(reference))


def load(name: str) -> Callable[..., Any]:
    """The implementation of that name in the table, or a variant of it, as `keras/unroll`; imports its framework on first use.

    Raises Unknown (a ValueError) for an unknown name and NotInstalled for a framework that is not there.
    """
    reference, slash, variant = name.partition("/")
    if not slash:
        return module(name).run  # type: ignore[no-any-return]
    known = _variants(reference)
    if variant not in known:
        raise Unknown(
            f"{reference} has no variant {variant!r}; it has {', '.join(known) or 'none'}"
        )
    return known[variant]


def variants(name: str) -> tuple[str, ...]:
    """The names of a reference's variants, each to be loaded as `name/variant`, in its table's order; imports its framework."""
    return tuple(f"{name}/{variant}" for variant in _variants(name))


def _variants(name: str) -> dict[str, Callable[..., Any]]:
    return getattr(module(name), "VARIANTS", {})


def module(name: str) -> Any:
    """The reference's module: `run`, and beside it `facts()` and `activation_paths(nonlinearity)`."""
    require(name)
    return import_module(REFERENCES[name].module)


def require(name: str) -> None:
    """Raises Unknown or NotInstalled where there is no such reference here; imports nothing."""
    if name not in REFERENCES:
        raise Unknown(f"reference is {name!r}, expected one of {', '.join(REFERENCES)}")
    missing = _missing(REFERENCES[name])
    if missing:
        raise NotInstalled(
            f"{name} needs {' and '.join(missing)}, which is not installed: pip install 'rnn-parity[{REFERENCES[name].extra}]'"
        )


def _missing(reference: Reference) -> list[str]:
    return [name for name in reference.needs if find_spec(name) is None]
