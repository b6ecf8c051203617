"""Numbers with too few bits, too many, the wrong ones, or different ones each time."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from harness.judge.bounds.enclosure import Value
from harness.mistakes.mistake import Mistake, Run, run
from references.case import Case, CellWeights, Outputs
from references.cells import CELLS
from references.cells.walk import Moment


def round_to(bits: int, array: np.ndarray) -> Any:
    """Rounds to nearest with so many bits of significand; the exponent's range stays."""
    mantissa, exponent = np.frexp(array)
    return np.ldexp(np.round(np.ldexp(mantissa, bits)), exponent - bits).astype(array.dtype)


def _operands(bits: int) -> Callable[[Moment], Any]:
    """The factors of both products lose bits; sums do not."""
    fewer = partial(_each, partial(round_to, bits))

    def step(now: Moment) -> Any:
        matrices = {name: fewer(W) for name, W in vars(now.p).items() if name[0] in "WU"}
        p = SimpleNamespace(**vars(now.p) | matrices)
        states = (fewer(now.state_t), *now.states[1:])
        return now._replace(p=p, input_t=fewer(now.input_t), states=states).equation()

    return step


def _inside(dtype: str) -> Callable[[Moment], Any]:
    """The whole step in another format."""
    cast = partial(_each, lambda array: array.astype(dtype))

    def step(now: Moment) -> Any:
        stored = {name: array for name, array in vars(now.p).items() if _is_weight(name)}
        blocks = {name: cast(array) for name, array in stored.items()}
        for gate in CELLS[now.part.case.config.cell].GATES:
            blocks[f"b_{gate}"] = blocks[f"b_W_{gate}"] + blocks[f"b_U_{gate}"]
        p = SimpleNamespace(**vars(now.p) | blocks)
        states = tuple(map(cast, now.states))
        return now._replace(p=p, input_t=cast(now.input_t), states=states).equation()

    return step


def _is_weight(name: str) -> bool:
    """A name of `by_gate` is that of a stored block, not of a sum of two or of an attribute."""
    return name.startswith(("W_", "U_", "b_W_", "b_U_"))


def _each(change: Callable[[np.ndarray], np.ndarray], array: Any) -> Any:
    """Changes an array, or the observed numbers of a value."""
    return array.map(change) if isinstance(array, Value) else change(array)


def _fits(dtype: str) -> Callable[[np.ndarray], bool]:
    """All these numbers are in that narrower format already."""

    def fits(array: np.ndarray) -> bool:
        with np.errstate(all="ignore"):
            return np.array_equal(array.astype(dtype), array, equal_nan=True)

    return fits


def _one_bit(weights: tuple[CellWeights, ...]) -> tuple[CellWeights, ...]:
    """Turns over the last bit of the largest element of the first W."""
    W = weights[0].W.copy()
    index = np.unravel_index(np.argmax(np.abs(W)), W.shape)
    W[index] = np.nextafter(W[index], 0)
    return (replace(weights[0], W=W), *weights[1:])


def _enlarge(array: np.ndarray) -> np.ndarray:
    return array * (1 + 2.0**-10)


def _zero_tail(case: Case, outputs: Outputs) -> Outputs:
    H, sequence = case.config.hidden_size, outputs.sequence.copy()
    sequence[:, :, np.arange(sequence.shape[2]) % H >= H - H % 8] = 0
    return replace(outputs, sequence=sequence, layers=None)


def _noise(sequence: np.ndarray) -> Any:
    noise = 1 + 2.0**-8 * np.sin(np.arange(sequence.size)).reshape(sequence.shape)
    return (sequence * noise).astype(sequence.dtype)


def _one_nan(sequence: np.ndarray) -> np.ndarray:
    sequence = sequence.copy()
    sequence[0, -1, 0] = np.nan
    return sequence


def _narrower(array: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return array.astype("float16" if array.dtype == np.float32 else "float32")


def _caching() -> Run:
    """Computes with the first weights that it sees of each Config."""
    cache: dict[object, tuple[CellWeights, ...]] = {}
    return lambda case: run(replace(case, weights=cache.setdefault(case.config, case.weights)))


def _changing() -> Run:
    calls = [0]

    def change(case: Case) -> Outputs:
        calls[0] += 1
        outputs = run(case)
        sequence = outputs.sequence * (1 + 2.0**-8 * (calls[0] % 3))
        return replace(outputs, sequence=sequence.astype(case.config.dtype), layers=None)

    return change


FULL = (
    "keep matrix products in the case's dtype "
    "(torch.backends.cuda.matmul.allow_tf32, autocast, mixed_precision policies)"
)
MISTAKES = (
    Mistake("float16 inside", "The step is computed in half precision.")
    .to_fix("compute in the case's dtype", FULL)
    .shows(_fits("float16"))
    .change(step=_inside("float16")),
    Mistake("bfloat16 inputs", "The factors of the products keep 8 bits, as in bfloat16.")
    .to_fix("compute in the case's dtype", FULL)
    .when(reset_after=True)
    .change(step=_operands(8)),
    Mistake("TF32 inputs", "The factors of the products keep 11 bits, as in TF32.")
    .to_fix("compute in the case's dtype", FULL)
    .when(reset_after=True)
    .change(step=_operands(11)),
    Mistake("float32 inside", "The step is computed in single precision.")
    .to_fix("compute in the case's dtype", FULL)
    .when(dtype="float64")
    .shows(_fits("float32"))
    .change(step=_inside("float32")),
    Mistake("one weight off by one bit", "The last bit of one element of W is wrong.")
    .to_fix("copy weights bit for bit")
    .change_case(weights=_one_bit),
    Mistake("weights a thousandth too large", "The weights are a thousandth too large.")
    .to_fix("copy weights bit for bit")
    .change_weights(W=_enlarge, U=_enlarge),
    Mistake(
        "weights of an earlier call",
        "The weights are not the case's: they are its own, or those of an earlier call.",
    )
    .to_fix("load the weights of each case; drop caches and traces")
    .remember(_caching),
    Mistake("wrong tail of a vector", "The units after the last multiple of 8 are zero.")
    .to_fix("handle the rest of a vector loop")
    .when(lambda case: case.config.hidden_size > 8 and case.config.hidden_size % 8 != 0)
    .change(outputs=(_zero_tail,)),
    Mistake("noise", "The outputs carry a relative noise of 2^-8.")
    .to_fix("switch dropout and noise layers off")
    .change_outputs(sequence=_noise),
    Mistake("different on every call", "The same case gives other outputs in another call.")
    .to_fix("switch dropout off; fix seeds; start each call from new states")
    .remember(_changing),
    Mistake("NaN", "One output is NaN.")
    .to_fix("find the first NaN: overflow, 0 * inf, uninitialised memory")
    .change_outputs(sequence=_one_nan),
    Mistake("narrower dtype", "The outputs have a narrower dtype than the case.")
    .to_fix("keep the inputs' dtype, with dtype= set to it; Keras casts inputs to the layer's")
    .shows(lambda sequence: False)  # outputs that are well-formed have the case's dtype
    .change_outputs(sequence=_narrower, h_n=_narrower, c_n=_narrower),
)
