"""What is computed: Config, CellWeights, Case, Outputs, and the checks that keep them honest."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields, replace
from html import escape
from typing import Any, ClassVar, Literal, Self

import numpy as np

from references.arrays import DTYPES, NAMES, checked, frozen
from references.cells import CELLS

NONLINEARITIES = ("tanh", "relu", "linear", "sigmoid", "softsign")
MaskedOutput = Literal["repeat", "zero"]
MASKED_OUTPUTS = ("repeat", "zero")
ONLY = {"nonlinearity": "rnn", "reset_after": "gru"}  # fields that one cell alone has
ALL = slice(None)  # of an axis


@dataclass(frozen=True)
class Config:
    """What is computed, in torch's words; `go_backwards` and `reset_after` (of a gru) are Keras'.

    `nonlinearity` is the rnn's: gru and lstm have tanh and sigmoid. Raises TypeError or ValueError,
    in one sentence, for a value that no RNN can have.
    """

    input_size: int
    hidden_size: int
    num_layers: int = 1
    bidirectional: bool = False
    nonlinearity: str = "tanh"
    bias: bool = True
    go_backwards: bool = False
    dtype: str = "float32"
    cell: str = "rnn"
    reset_after: bool = True

    def __post_init__(self) -> None:
        for name in ("input_size", "hidden_size", "num_layers"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer):
                raise TypeError(f"{name} is {value!r}, expected a whole number")
            if value < 1:
                raise ValueError(f"{name} is {value}, expected at least 1")
            object.__setattr__(self, name, int(value))
        for name in ("bidirectional", "bias", "go_backwards", "reset_after"):
            if not isinstance(getattr(self, name), bool | np.bool_):
                raise TypeError(f"{name} is {getattr(self, name)!r}, expected True or False")
            object.__setattr__(self, name, bool(getattr(self, name)))
        _choice("nonlinearity", self.nonlinearity, NONLINEARITIES)
        _choice("dtype", self.dtype, DTYPES)
        _choice("cell", self.cell, tuple(CELLS))
        if self.cell != "rnn" and self.nonlinearity != "tanh":
            own = "has tanh and sigmoid of its own"
            raise ValueError(f"nonlinearity is {self.nonlinearity!r}, but a cell {self.cell} {own}")
        if self.cell != "gru" and not self.reset_after:
            raise ValueError(f"reset_after is False, but a cell {self.cell} has no reset gate")

    @property
    def num_directions(self) -> int:
        """1, or 2 where bidirectional."""
        return 2 if self.bidirectional else 1

    @property
    def output_size(self) -> int:
        """Width of a layer's output sequence, H * D."""
        return self.hidden_size * self.num_directions

    @property
    def kind(self) -> "Config":
        """This Config with one layer of size 1: what frameworks prepare once for all sizes."""
        return replace(self, input_size=1, hidden_size=1, num_layers=1)

    def layer_input_size(self, layer: int) -> int:
        """Width of what `layer` reads: I for the first, H * D above it."""
        return self.input_size if layer == 0 else self.output_size


class _Immutable:
    """Pickles and copies by its fields, so that an array is read-only on the other side too.

    The names of 0.1.0 are refused with the new ones, which `_RENAMED` holds.
    """

    _RENAMED: ClassVar[Mapping[str, str]] = {}

    def __new__(cls, *_: Any, **arguments: Any) -> Self:
        for old in arguments.keys() & cls._RENAMED.keys():
            raise TypeError(f"{cls.__name__}({old}=...) is {cls._RENAMED[old]}=... since 0.2.0")
        return super().__new__(cls)

    def __getattr__(self, name: str) -> Any:
        cls = type(self)
        if name in cls._RENAMED:
            raise AttributeError(f"{cls.__name__}.{name} is {cls._RENAMED[name]} since 0.2.0")
        raise AttributeError(f"{cls.__name__!r} object has no attribute {name!r}")

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What Hypothesis and IPython print: the short repr."""
        printer.text(repr(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), {name: getattr(self, name) for name in _fields(self)})


def _fields(item: Any) -> list[str]:
    return [field.name for field in fields(item)]


def _rebuild(kind: Any, values: Mapping[str, Any]) -> Any:
    return kind(**values)


@dataclass(frozen=True, eq=False, repr=False)
class CellWeights(_Immutable):
    """One layer in one direction of a cell with G gates (an rnn has one), in torch's order.

    A bias left out is zeros; arrays are copied and read-only.
    """

    W: np.ndarray  # (G*H, I) input to hidden
    U: np.ndarray  # (G*H, H) hidden to hidden
    b_W: np.ndarray = None  # type: ignore[assignment]  # (G*H,) added with W x
    b_U: np.ndarray = None  # type: ignore[assignment]  # (G*H,) added with U h

    def __post_init__(self) -> None:
        W = checked("W", self.W)
        if W.ndim != 2 or 0 in W.shape:
            raise ValueError(
                f"W has shape {W.shape}, expected (gates * hidden_size, input_size), all at least 1"
            )
        rows, dtype = W.shape[0], NAMES[W.dtype.newbyteorder("=")]
        U = checked("U", self.U, dtype)
        if U.ndim != 2 or U.shape[0] != rows or not U.shape[1] or rows % U.shape[1]:
            raise ValueError(
                f"U has shape {U.shape}, but W {W.shape} asks for ({rows}, {rows} / gates)"
            )
        for name, array in self.arrays().items():
            if array is None:
                array = np.zeros(rows, dtype)
            elif name.startswith("b") and checked(name, array, dtype).shape != (rows,):
                raise ValueError(
                    f"{name} has shape {array.shape}, but W {W.shape} asks for ({rows},)"
                )
            object.__setattr__(self, name, frozen(name, array))

    @property
    def gates(self) -> int:
        """G, the number of gates."""
        return int(self.U.shape[0] // self.U.shape[1])

    def arrays(self) -> dict[str, np.ndarray]:
        """W, U, b_W and b_U by name, in this order."""
        return {name: getattr(self, name) for name in WEIGHTS}

    def __repr__(self) -> str:
        return f"CellWeights(W {self.W.shape}, U {self.U.shape}, {self.W.dtype})"


WEIGHTS = tuple(_fields(CellWeights))  # the names of its arrays


@dataclass(frozen=True, eq=False, repr=False)
class Case(_Immutable):
    """One computation, whole: what goes in and which recurrence it is, never how it is computed.

    Immutable; arrays are copied and read-only. Raises TypeError or ValueError, in one sentence, for
    what does not fit together.
    """

    config: Config
    weights: tuple[CellWeights, ...]  # index = layer * num_directions + direction
    inputs: np.ndarray  # (B, T, I)
    h_0: np.ndarray = None  # type: ignore[assignment]  # (L*D, B, H), zeros where left out
    mask: np.ndarray | None = None  # (B, T) bool, True = a step that counts
    masked_output: MaskedOutput = "repeat"
    origin: str = ""  # Python that builds this case again; decides nothing
    _: KW_ONLY
    c_0: np.ndarray | None = None  # (L*D, B, H) of an lstm, zeros where left out; else None

    _RENAMED: ClassVar[Mapping[str, str]] = {"initial_state": "h_0"}

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
                f"inputs has shape {inputs.shape}, expected (batch, time, {config.input_size}), "
                "batch and time at least 1"
            )
        if self.c_0 is not None and "c" not in CELLS[config.cell].STATES:
            raise ValueError(f"c_0 is given, but a cell {config.cell} has no such state")
        for state in CELLS[config.cell].STATES:
            object.__setattr__(self, f"{state}_0", self._initial(f"{state}_0", inputs.shape[0]))
        if self.mask is not None:
            mask = checked("mask", self.mask, "bool")
            if mask.shape != inputs.shape[:2]:
                raise ValueError(
                    f"mask has shape {mask.shape}, expected (batch, time), here {inputs.shape[:2]}"
                )
            object.__setattr__(self, "mask", frozen("mask", mask))
        object.__setattr__(self, "inputs", frozen("inputs", inputs))

    def _initial(self, name: str, batch: int) -> np.ndarray:
        """h_0 or c_0, zeros where it is left out."""
        shape = (len(self.weights), batch, self.config.hidden_size)
        state = getattr(self, name)
        if state is None:
            state = np.zeros(shape, self.config.dtype)
        if checked(name, state, self.config.dtype).shape != shape:
            raise ValueError(
                f"{name} has shape {state.shape}, expected {shape}, layers * directions first"
            )
        return frozen(name, state)

    @property
    def batch(self) -> int:
        """B, the number of rows."""
        return int(self.inputs.shape[0])

    @property
    def time(self) -> int:
        """T, the number of steps."""
        return int(self.inputs.shape[1])

    @property
    def states(self) -> tuple[np.ndarray, ...]:
        """The initial states: h_0, and of an lstm c_0."""
        return (self.h_0,) if self.c_0 is None else (self.h_0, self.c_0)

    @property
    def starts_from_zeros(self) -> bool:
        """True where every initial state is all zeros."""
        return not any(state.any() for state in self.states)

    @property
    def is_masked(self) -> bool:
        """True where some step is masked; a mask may leave all of them."""
        return self.mask is not None and not bool(self.mask.all())

    def first_layers(self, count: int) -> "Case":
        """This case cut to its lowest `count` layers."""
        cells = slice(count * self.config.num_directions)
        return self.cut(
            {"h_0": cells, "c_0": cells},
            f"first_layers({count})",
            config=replace(self.config, num_layers=count),
            weights=self.weights[cells],
        )

    def first_row(self) -> "Case":
        """This case cut to the first row of its batch."""
        return self.take_rows(slice(1), "first_row()")

    def first_steps(self, count: int) -> "Case":
        """This case cut to the first `count` steps that are taken, with go_backwards the last."""
        return self._end(count, self.config.go_backwards, f"first_steps({count})")

    def last_steps(self, count: int) -> "Case":
        """This case cut to the last `count` steps that are taken, with go_backwards the first."""
        return self._end(count, not self.config.go_backwards, f"last_steps({count})")

    def _end(self, count: int, at_end: bool, origin: str) -> "Case":
        """This case cut to `count` steps at the end, or at the start, of its inputs."""
        steps = slice(max(0, self.time - count), None) if at_end else slice(count)
        return self.take_steps(steps, origin)

    def take_rows(self, rows: Any, origin: str = "") -> "Case":
        """This case with these rows of its batch, in this order."""
        states = dict.fromkeys(("h_0", "c_0"), (ALL, rows))
        return self.cut({"inputs": rows, "mask": rows, **states}, origin)

    def take_steps(self, steps: Any, origin: str = "") -> "Case":
        """This case with these steps of its inputs."""
        return self.cut(dict.fromkeys(("inputs", "mask"), (ALL, steps)), origin)

    def cut(self, indices: Mapping[str, Any], origin: str = "", **changes: Any) -> "Case":
        """This case with some arrays indexed, as far as it has them, and other fields changed.

        `origin` is the call that does so.
        """
        arrays = {name: getattr(self, name) for name in indices}
        parts = {name: a[indices[name]] for name, a in arrays.items() if a is not None}
        own = f"{self.origin}.{origin}" if self.origin and origin else ""
        return replace(self, **parts, **changes, origin=own)

    def __repr__(self) -> str:
        masked = "" if self.mask is None else f", mask ({self.masked_output})"
        origin = f", origin={self.origin!r}" if self.origin else ""
        return f"Case({self.config}, batch={self.batch}, time={self.time}{masked}{origin})"

    def _repr_html_(self) -> str:
        """What a notebook shows: the kind and sizes and, unfolded, how to build the case again."""
        config, origin = self.config, ""
        words = {
            config.cell if config.cell != "rnn" else config.nonlinearity: True,
            "reset before": not config.reset_after,
            config.dtype: True,
            f"{config.num_layers} layer{'s' if config.num_layers > 1 else ''}": True,
            "both directions": config.bidirectional,
            "backwards": config.go_backwards,
            "no bias": not config.bias,
            f"mask ({self.masked_output})": self.mask is not None,
        }
        kind = ", ".join(word for word, holds in words.items() if holds)
        sizes = f"batch {self.batch}, time {self.time}, inputs {config.input_size}, units "
        if self.origin:
            code = f"<code>{escape(self.origin)}</code>"
            origin = f"<details><summary>build it again</summary>{code}</details>"
        return f"<b>Case</b> {escape(kind)}<br>{sizes}{config.hidden_size}{origin}"


@dataclass(frozen=True, eq=False, repr=False)
class Outputs(_Immutable):
    """What an implementation returns; the judge checks shapes and dtypes."""

    sequence: np.ndarray  # (B, T, H*D) of the top layer
    h_n: np.ndarray | None = None  # (L*D, B, H)
    layers: Sequence[np.ndarray] | None = None  # every layer's sequence, lowest first
    _: KW_ONLY
    c_n: np.ndarray | None = None  # (L*D, B, H) of an lstm

    _RENAMED: ClassVar[Mapping[str, str]] = {"final_state": "h_n"}

    @classmethod
    def of(
        cls,
        sequence: np.ndarray,
        states: Sequence[np.ndarray] | None,
        layers: Sequence[np.ndarray] | None = None,
    ) -> "Outputs":
        """Outputs with these final states: h_n, and of an lstm c_n; None where none is shown."""
        h_n, c_n, *_ = *(states or ()), None, None
        return cls(sequence, h_n, layers, c_n=c_n)

    @property
    def states(self) -> tuple[np.ndarray, ...]:
        """The final states that are shown, h_n and c_n."""
        return tuple(state for state in (self.h_n, self.c_n) if state is not None)

    def __repr__(self) -> str:
        h_n = None if self.h_n is None else np.shape(self.h_n)
        c_n = "" if self.c_n is None else f", c_n {np.shape(self.c_n)}"
        return f"Outputs(sequence {np.shape(self.sequence)}, h_n {h_n}{c_n})"


def _checked_cells(weights: Any, config: Config) -> tuple[CellWeights, ...]:
    if not isinstance(weights, tuple | list):
        raise TypeError(f"weights is a {type(weights).__name__}, expected a tuple of CellWeights")
    cells, D = config.num_layers * config.num_directions, config.num_directions
    if len(weights) != cells:
        raise ValueError(
            f"weights holds {len(weights)} CellWeights, but num_layers={config.num_layers} and "
            f"bidirectional={config.bidirectional} ask for {cells}"
        )
    G, H = len(CELLS[config.cell].GATES), config.hidden_size
    rows = "hidden_size" if G == 1 else f"{G} gates * hidden_size"
    for index, cell in enumerate(weights):
        name, shape = f"weights[{index}]", (G * H, config.layer_input_size(index // D))
        if not isinstance(cell, CellWeights):
            raise TypeError(f"{name} is a {type(cell).__name__}, expected CellWeights")
        if cell.W.shape != shape:
            raise ValueError(
                f"{name}.W has shape {cell.W.shape}, expected ({rows}, layer's inputs) = {shape}"
            )
        if cell.U.shape[1] != H:
            raise ValueError(
                f"{name}.U has shape {cell.U.shape}, expected ({rows}, hidden_size) = {(G * H, H)}"
            )
        if NAMES[cell.W.dtype] != config.dtype:
            raise TypeError(f"{name} has dtype {cell.W.dtype}, but config.dtype is {config.dtype}")
        if not config.bias and (cell.b_W.any() or cell.b_U.any()):
            raise ValueError(f"{name} has a bias that is not zero, but config.bias is False")
    return tuple(weights)


def _choice(name: str, value: object, choices: Sequence[str]) -> None:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(choices)}")
