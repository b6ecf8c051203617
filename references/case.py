"""What is computed: Config, CellWeights, Case, Outputs, and the checks that keep them honest."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from html import escape
from typing import Any, Literal

import numpy as np

from references.arrays import DTYPES, NAMES, checked, frozen

NONLINEARITIES = ("tanh", "relu", "linear", "sigmoid", "softsign")
MASKED_OUTPUTS = ("repeat", "zero")


@dataclass(frozen=True)
class Config:
    """What is computed, in `torch.nn.RNN`'s words; `go_backwards` is Keras'.

    Raises TypeError or ValueError, in one sentence, for a value that no RNN can have.
    """

    input_size: int
    hidden_size: int
    num_layers: int = 1
    bidirectional: bool = False
    nonlinearity: str = "tanh"
    bias: bool = True
    go_backwards: bool = False
    dtype: str = "float32"

    def __post_init__(self) -> None:
        for name in ("input_size", "hidden_size", "num_layers"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer):
                raise TypeError(f"{name} is {value!r}, expected a whole number")
            if value < 1:
                raise ValueError(f"{name} is {value}, expected at least 1")
            object.__setattr__(self, name, int(value))
        for name in ("bidirectional", "bias", "go_backwards"):
            if not isinstance(getattr(self, name), bool | np.bool_):
                raise TypeError(f"{name} is {getattr(self, name)!r}, expected True or False")
            object.__setattr__(self, name, bool(getattr(self, name)))
        _choice("nonlinearity", self.nonlinearity, NONLINEARITIES)
        _choice("dtype", self.dtype, DTYPES)

    @property
    def num_directions(self) -> int:
        """1, or 2 where bidirectional."""
        return 2 if self.bidirectional else 1

    @property
    def output_size(self) -> int:
        """Width of a layer's output sequence, H * D."""
        return self.hidden_size * self.num_directions

    def layer_input_size(self, layer: int) -> int:
        """Width of what `layer` reads: I for the first, H * D above it."""
        return self.input_size if layer == 0 else self.output_size


class _Immutable:
    """Pickles and copies by its fields, so that an array is read-only on the other side too."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What Hypothesis and IPython print: the short repr."""
        printer.text(repr(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False, repr=False)
class CellWeights(_Immutable):
    """One layer, one direction. A bias left out is zeros; arrays are copied and read-only."""

    W: np.ndarray  # (H, I) input to hidden
    U: np.ndarray  # (H, H) hidden to hidden
    b_W: np.ndarray = None  # type: ignore[assignment]  # (H,) added with W x
    b_U: np.ndarray = None  # type: ignore[assignment]  # (H,) added with U h

    def __post_init__(self) -> None:
        W = checked("W", self.W)
        if W.ndim != 2 or 0 in W.shape:
            raise ValueError(
                f"W has shape {W.shape}, expected (hidden_size, input_size), both at least 1"
            )
        H, dtype = W.shape[0], NAMES[W.dtype.newbyteorder("=")]
        object.__setattr__(self, "W", frozen("W", W))
        for name, shape in (("U", (H, H)), ("b_W", (H,)), ("b_U", (H,))):
            value = getattr(self, name)
            array = (
                np.zeros(shape, dtype)
                if value is None and name != "U"
                else checked(name, value, dtype)
            )
            if array.shape != shape:
                raise ValueError(
                    f"{name} has shape {array.shape}, but W {W.shape} asks for {shape}"
                )
            object.__setattr__(self, name, frozen(name, array))

    def __repr__(self) -> str:
        return f"CellWeights(W {self.W.shape}, U {self.U.shape}, {self.W.dtype})"


@dataclass(frozen=True, eq=False, repr=False)
class Case(_Immutable):
    """One computation, whole: what goes in and which recurrence it is. Immutable; arrays are copied and read-only.

    A Case says what is computed, never how. Raises TypeError or ValueError, in one sentence, for what does not fit together.
    """

    config: Config
    weights: tuple[CellWeights, ...]  # index = layer * num_directions + direction
    inputs: np.ndarray  # (B, T, I)
    initial_state: np.ndarray = None  # type: ignore[assignment]  # (L*D, B, H), zeros where left out
    mask: np.ndarray | None = None  # (B, T) bool, True = a step that counts
    masked_output: Literal["repeat", "zero"] = "repeat"
    origin: str = ""  # Python that builds this case again; decides nothing

    def __post_init__(self) -> None:
        config = self.config
        if not isinstance(config, Config):
            raise TypeError(f"config is {config!r}, expected a Config")
        if not isinstance(self.origin, str):
            raise TypeError(f"origin is {self.origin!r}, expected a str")
        _choice("masked_output", self.masked_output, MASKED_OUTPUTS)
        object.__setattr__(self, "weights", _checked_cells(self.weights, config))
        inputs = checked("inputs", self.inputs, config.dtype)
        if inputs.ndim != 3 or 0 in inputs.shape or inputs.shape[2] != config.input_size:
            raise ValueError(
                f"inputs has shape {inputs.shape}, expected (batch, time, {config.input_size}), batch and time at least 1"
            )
        shape = (len(self.weights), inputs.shape[0], config.hidden_size)
        state = (
            np.zeros(shape, config.dtype)
            if self.initial_state is None
            else checked("initial_state", self.initial_state, config.dtype)
        )
        if state.shape != shape:
            raise ValueError(
                f"initial_state has shape {state.shape}, expected {shape}, layers * directions first"
            )
        if self.mask is not None:
            mask = checked("mask", self.mask, "bool")
            if mask.shape != inputs.shape[:2]:
                raise ValueError(
                    f"mask has shape {mask.shape}, expected (batch, time), here {inputs.shape[:2]}"
                )
            object.__setattr__(self, "mask", frozen("mask", mask))
        object.__setattr__(self, "inputs", frozen("inputs", inputs))
        object.__setattr__(self, "initial_state", frozen("initial_state", state))

    @property
    def batch(self) -> int:
        """B, the number of rows."""
        return int(self.inputs.shape[0])

    @property
    def time(self) -> int:
        """T, the number of steps."""
        return int(self.inputs.shape[1])

    def first_layers(self, count: int) -> "Case":
        """This case cut to its lowest `count` layers."""
        cells = count * self.config.num_directions
        return replace(
            self,
            config=replace(self.config, num_layers=count),
            weights=self.weights[:cells],
            initial_state=self.initial_state[:cells],
            origin=f"{self.origin}.first_layers({count})" if self.origin else "",
        )

    def __repr__(self) -> str:
        masked = "" if self.mask is None else f", mask ({self.masked_output})"
        origin = f", origin={self.origin!r}" if self.origin else ""
        return f"Case({self.config}, batch={self.batch}, time={self.time}{masked}{origin})"

    def _repr_html_(self) -> str:
        """What a notebook shows: what is computed, its sizes, and, unfolded, how to build it again."""
        config = self.config
        kinds = [
            config.nonlinearity,
            config.dtype,
            f"{config.num_layers} layer{'s' if config.num_layers > 1 else ''}",
        ]
        kinds += [
            word
            for word, holds in (
                ("both directions", config.bidirectional),
                ("backwards", config.go_backwards),
            )
            if holds
        ]
        kinds += [] if config.bias else ["no bias"]
        kinds += [] if self.mask is None else [f"mask ({self.masked_output})"]
        sizes = f"batch {self.batch}, time {self.time}, inputs {config.input_size}, units {config.hidden_size}"
        origin = (
            f"<details><summary>build it again</summary><code>{escape(self.origin)}</code></details>"
            if self.origin
            else ""
        )
        return f"<b>Case</b> {escape(', '.join(kinds))}<br>{sizes}{origin}"


@dataclass(frozen=True, eq=False, repr=False)
class Outputs:
    """What an implementation returns; the judge checks shapes and dtypes."""

    sequence: np.ndarray  # (B, T, H*D) of the top layer
    final_state: np.ndarray | None = None  # (L*D, B, H)
    layers: Sequence[np.ndarray] | None = None  # every layer's sequence, lowest first

    def __repr__(self) -> str:
        return f"Outputs(sequence {np.shape(self.sequence)}, final_state {None if self.final_state is None else np.shape(self.final_state)})"


def _checked_cells(weights: Any, config: Config) -> tuple[CellWeights, ...]:
    if not isinstance(weights, tuple | list):
        raise TypeError(f"weights is a {type(weights).__name__}, expected a tuple of CellWeights")
    cells, D = config.num_layers * config.num_directions, config.num_directions
    if len(weights) != cells:
        raise ValueError(
            f"weights holds {len(weights)} CellWeights, but num_layers={config.num_layers} and "
            f"bidirectional={config.bidirectional} ask for {cells}"
        )
    for index, cell in enumerate(weights):
        name, shape = f"weights[{index}]", (config.hidden_size, config.layer_input_size(index // D))
        if not isinstance(cell, CellWeights):
            raise TypeError(f"{name} is a {type(cell).__name__}, expected CellWeights")
        if cell.W.shape != shape:
            raise ValueError(
                f"{name}.W has shape {cell.W.shape}, expected (hidden_size, layer's inputs) = {shape}"
            )
        if NAMES[cell.W.dtype] != config.dtype:
            raise TypeError(f"{name} has dtype {cell.W.dtype}, but config.dtype is {config.dtype}")
        if not config.bias and (cell.b_W.any() or cell.b_U.any()):
            raise ValueError(f"{name} has a bias that is not zero, but config.bias is False")
    return tuple(weights)


def _choice(name: str, value: object, choices: Sequence[str]) -> None:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(choices)}")
