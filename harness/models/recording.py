"""Reads inputs and outputs that a user recorded: .npy and .npz files, never pickles."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.format import open_memmap

from harness.implementations.find import NotFound
from harness.printable import one_line
from references.as_arrays import outputs_from
from references.case import Case, CellWeights, Config, MaskedOutput, Outputs
from references.layer import Unreadable
from references.npz import arrays_in

INPUTS = ("inputs", "h_0", "c_0", "mask")
OUTPUTS = ("sequence", "h_n", "c_n")


class Inputs(NamedTuple):
    """What goes in: inputs (B, T, I), and initial states and a mask where there are such."""

    arrays: Mapping[str, np.ndarray]
    words: str  # which inputs these are
    masked_output: MaskedOutput = "repeat"  # what masked steps put out

    @classmethod
    def of(cls, case: Case) -> "Inputs":
        """What goes into this case, without its weights."""
        arrays = {name: getattr(case, name) for name in INPUTS}
        own = as_inputs({name: array for name, array in arrays.items() if array is not None})
        return own._replace(masked_output=case.masked_output)

    def case(self, config: Config, weights: tuple[CellWeights, ...]) -> Case:
        """The case of these inputs and weights. Raises NotFound where they do not fit."""
        arrays: dict[str, Any] = {
            name: array if name == "mask" else array.astype(config.dtype)
            for name, array in self.arrays.items()
        }
        try:
            return Case(config, weights, masked_output=self.masked_output, **arrays)
        except (TypeError, ValueError) as error:
            raise NotFound(f"{self.words} do not fit: {error}") from error


class Recording(NamedTuple):
    """What a program put out, and for which inputs."""

    inputs: Inputs
    outputs: Outputs


def is_recording(path: Path) -> bool:
    """Tells whether a .npz file holds outputs. Raises Unreadable, NotFound for inputs alone."""
    names = arrays_in(path) if path.suffix == ".npz" else ()
    if "inputs" in names and "sequence" not in names:
        raise NotFound(f"{path} has inputs and no sequence: a recording needs sequence, too")
    return "sequence" in names


def load_recording(path: Path) -> Recording:
    """Reads `inputs` and `sequence`, and what else of a case and of Outputs there is.

    Raises NotFound where something is missing, Unreadable where the file cannot be read.
    """
    arrays = arrays_in(path)
    outputs = {name: array for name, array in arrays.items() if _is_output(name)}
    inputs = load_inputs(path)
    if _has_zeros(inputs.arrays.get("mask"), outputs["sequence"]):
        inputs = inputs._replace(masked_output="zero")
    try:
        return Recording(inputs, outputs_from(outputs))
    except KeyError as missing:
        raise NotFound(f"{path} has other layers, but no array {missing}") from missing


def _has_zeros(mask: np.ndarray | None, sequence: np.ndarray) -> bool:
    """Tells whether all masked steps put out zeros, as those of a packed sequence do."""
    if mask is None or mask.dtype != bool or sequence.shape[:2] != mask.shape:
        return False
    return not bool(sequence[~mask].any())


def load_inputs(path: Path) -> Inputs:
    """Reads an array (B, T, I) of a .npy file, or `inputs`, h_0, c_0 and mask of a .npz file."""
    if path.suffix not in (".npy", ".npz"):
        raise NotFound(f"{path} is no file of inputs: save them by np.save or np.savez")
    if path.suffix == ".npy":
        arrays = {"inputs": _array(path)}
    else:
        arrays = {name: array for name, array in arrays_in(path).items() if not _is_output(name)}
    return as_inputs(arrays, f"the inputs of {path}")


def _is_output(name: str) -> bool:
    return name in OUTPUTS or name.startswith("layers.")


def as_inputs(arrays: Mapping[str, np.ndarray], words: str = "these inputs") -> Inputs:
    """Checks names, and that `inputs` are numbers of three dimensions; `words` say whose.

    Raises NotFound.
    """
    others = [str(name) for name in arrays if name not in INPUTS]
    if others or "inputs" not in arrays:
        has = ", ".join(others) or "no array named inputs"
        raise NotFound(
            f"{words} have {one_line(has)}; expected {', '.join(INPUTS)}, of which inputs has "
            "shape (batch, time, features)"
        )
    inputs = arrays["inputs"]
    if inputs.ndim != 3 or inputs.dtype.kind not in "fiub":
        text = f"{inputs.dtype} of shape {inputs.shape}"
        raise NotFound(f"{words} are {text}, expected numbers (batch, time, features)")
    return Inputs(dict(arrays), f"{words}, {inputs.shape}")


def _array(path: Path) -> np.ndarray:
    if not path.exists():
        raise Unreadable(f"there is no file {path}")
    try:
        return np.asarray(open_memmap(path, mode="r"))
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, EOFError) as error:  # NumPy's own sentence may advise to unpickle it
        text = f"{path} is no .npy file of numbers; save it by np.save"
        raise Unreadable(text) from error
