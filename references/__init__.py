"""Implementations to compare: each is a function, `run(case) -> Outputs`, in the table below.

Importing this package imports no framework: `load(name)` does, on first use, in that framework's
own folder. A variant is another way to compute the same case in a framework: `keras/unroll`.
Bare `keras` is the plain one. What an implementation cannot do it refuses: `raise
Unsupported("reason")`. README.md beside this file is the contract.
"""

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from references.case import MaskedOutput
from references.layer import Unreadable
from references.notebook import from_notebook
from references.read import read
from references.unsupported import Unsupported

__all__ = [
    "REFERENCES",
    "NotInstalled",
    "Unknown",
    "Unreadable",
    "Unsupported",
    "default_frameworks",
    "from_notebook",
    "installed",
    "load",
    "read",
    "variants",
]


class Setting(NamedTuple):
    """A setting of the whole process: functions of the framework's package that get and set it."""

    change: str  # what a call did that changed it, in words
    get: str
    set: str


class Reference(NamedTuple):
    """A row of the table: all that is true of a framework and has to be known before its import.

    What has to be imported to be known stands in its module: `run(case)`, and where there is more
    than that `VARIANTS`, `facts()`, `activation_paths(nonlinearity)`, `mirror` and `source`.
    """

    module: str
    title: str  # as people call it
    needs: tuple[str, ...] = ()  # packages that have to be there; the first one is the framework's
    extra: str = ""  # of rnn-parity, which installs them
    fast: str = ""  # a variant that computes the same many times faster
    distributions: tuple[str, ...] = ()  # those whose versions decide results
    threads: tuple[str, ...] = ()  # environment variables that say how many it uses
    settings: tuple[Setting, ...] = ()
    flush_subnormals: str = ""  # its function that says whether subnormal numbers are read as zero
    layout: tuple[tuple[str, str], ...] = ()  # the arrays of one layer by its names, and by ours
    files: tuple[str, ...] = ()  # suffixes of files that hold its layers
    by_request: bool = False  # left out where no framework is named
    gates: Mapping[str, tuple[str, ...]] = {}  # their order by cell, where it is not torch's
    shapes: int = 0  # it compiles each shape anew, and asks for cases of so many; 0 for any number
    inference: str = ""  # a variant that has the bits of a trained layer that `source` calls
    masked: str = ""  # a variant that takes masks, where the plain one takes none
    # What its layers put out at masked steps, in one direction and in both.
    masked_outputs: tuple[MaskedOutput, MaskedOutput] = ("repeat", "repeat")


# Keras computes with another package, which this variable of its own names.
_BACKEND = os.environ.get("KERAS_BACKEND") or "tensorflow"

# In the order in which frameworks are imported: torch before TensorFlow.
REFERENCES = {
    "numpy": Reference(
        "references.numpy_rnn",
        "NumPy",
        distributions=("numpy",),
        threads=("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    ),
    "torch": Reference(
        "references.torch_rnn",
        "PyTorch",
        ("torch",),
        "torch",
        inference="no_grad",
        masked="packed",
        masked_outputs=("zero", "zero"),
        distributions=("torch",),
        threads=("OMP_NUM_THREADS", "MKL_NUM_THREADS"),
        settings=(
            Setting("changed torch's number of threads", "get_num_threads", "set_num_threads"),
            Setting("seeded torch's random numbers", "initial_seed", "manual_seed"),
        ),
        flush_subnormals="set_flush_denormal",
        layout=(
            ("weight_ih_l0", "W"),
            ("weight_hh_l0", "U"),
            ("bias_ih_l0", "b_W"),
            ("bias_hh_l0", "b_U"),
        ),
        files=(".pt", ".pth", ".ckpt", ".bin", ".safetensors"),
    ),
    "keras": Reference(
        "references.keras_rnn",
        "Keras",
        ("keras", _BACKEND),
        "keras",
        "graph" if _BACKEND == "tensorflow" else "",
        ("keras", "tensorflow", "tensorflow-cpu"),
        ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
        (Setting("changed Keras' floatx", "config.floatx", "config.set_floatx"),),
        layout=(("kernel", "W.T"), ("recurrent_kernel", "U.T"), ("bias", "b_W + b_U")),
        files=(".keras", ".h5"),
        gates={"gru": ("z", "r", "n")},
        shapes=24 if _BACKEND == "jax" else 0,
        masked_outputs=("repeat", "zero"),
    ),
    "onnx": Reference(
        "references.onnx_rnn",
        "ONNX",
        ("onnx", "onnxruntime"),
        "onnx",
        distributions=("onnx", "onnxruntime"),
        files=(".onnx",),
        by_request=True,
        masked_outputs=("zero", "zero"),
        gates={"gru": ("z", "r", "n"), "lstm": ("i", "o", "f", "g")},
    ),
}


class Unknown(ValueError):
    """There is no reference or variant of that name; the text lists those that there are."""


class NotInstalled(ImportError):
    """A reference's framework is not installed; the text gives the command that installs it."""


def installed() -> tuple[str, ...]:
    """The names of the references whose frameworks are installed, in the table's order.

    Imports none of them.
    """
    return tuple(name for name, reference in REFERENCES.items() if not _missing(reference))


def default_frameworks() -> tuple[str, ...]:
    """The names of the installed frameworks that take part where none is named."""
    return tuple(
        name for name in installed() if REFERENCES[name].needs and not REFERENCES[name].by_request
    )


def load(name: str) -> Callable[..., Any]:
    """Imports a reference's framework and returns its implementation, or a variant: `keras/unroll`.

    Raises Unknown (a ValueError) for an unknown name and NotInstalled for a missing framework.
    It has to give the case's dtype exactly: `exact_dtype` says so to the judge.
    """
    reference, slash, variant = name.partition("/")
    table = _variants(reference) if slash else {variant: module(name).run}
    if variant not in table:
        names = ", ".join(table) or "none"
        raise Unknown(f"{reference} has no variant {variant!r}; it has {names}")
    run: Any = table[variant]
    run.exact_dtype = True
    return run  # type: ignore[no-any-return]


def variants(name: str) -> tuple[str, ...]:
    """Imports a reference's framework and lists its variants by the names that `load` takes."""
    return tuple(f"{name}/{variant}" for variant in _variants(name))


def _variants(name: str) -> dict[str, Callable[..., Any]]:
    return getattr(module(name), "VARIANTS", {})


def module(name: str) -> Any:
    """Imports a reference's module, which offers what `Reference` says."""
    require(name)
    return import_module(REFERENCES[name].module)


def require(name: str) -> None:
    """Raises Unknown or NotInstalled where there is no such reference here; imports nothing."""
    if name not in REFERENCES:
        raise Unknown(f"reference is {name!r}, expected one of {', '.join(REFERENCES)}")
    if missing := _missing(REFERENCES[name]):
        which = f"{' and '.join(missing)}, which {'are' if len(missing) > 1 else 'is'}"
        install = f"pip install 'rnn-parity[{REFERENCES[name].extra}]'"
        raise NotInstalled(f"{name} needs {which} not installed: {install}")


def _missing(reference: Reference) -> list[str]:
    return [name for name in reference.needs if find_spec(name) is None]
