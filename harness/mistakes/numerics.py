"""Numbers with too few bits, too many, the wrong ones, or different ones each time."""

from dataclasses import replace

import numpy as np

from harness.draw.features import has
from harness.mistakes.mistake import (
    Edits,
    Mistake,
    Run,
    activate,
    always,
    each_cell,
    hidden,
    run,
    with_weights,
)
from references.case import Case, CellWeights, Outputs
from references.cells.walk import Moment


def kept_bits(array: np.ndarray, bits: int) -> np.ndarray:
    """Rounded to nearest with that many bits of significand, the exponent's range unchanged."""
    mantissa, exponent = np.frexp(array)
    rounded: np.ndarray = np.ldexp(np.round(np.ldexp(mantissa, bits)), exponent - bits).astype(
        array.dtype
    )
    return rounded


def _operands(bits: int) -> Edits:
    """The factors of both products lose bits; sums do not."""

    def step(now: Moment) -> np.ndarray:
        W, U, x, h = (
            kept_bits(array, bits)
            for array in (now.weights.W, now.weights.U, now.input_t, now.state_t)
        )
        return np.asarray(
            activate(
                now,
                np.dot(W, x) + np.dot(U, h) + (now.weights.b_W + now.weights.b_U)[:, np.newaxis],
            )
        )

    return Edits(step=step)


def _half(now: Moment) -> np.ndarray:
    W, U, x, h, b = (
        a.astype(np.float16)
        for a in (
            now.weights.W,
            now.weights.U,
            now.input_t,
            now.state_t,
            (now.weights.b_W + now.weights.b_U)[:, np.newaxis],
        )
    )
    return np.asarray(activate(now, np.dot(W, x) + np.dot(U, h) + b))


def _single(now: Moment) -> np.ndarray:
    W, U, x, h, b = (
        a.astype(np.float32)
        for a in (
            now.weights.W,
            now.weights.U,
            now.input_t,
            now.state_t,
            (now.weights.b_W + now.weights.b_U)[:, np.newaxis],
        )
    )
    return np.asarray(activate(now, np.dot(W, x) + np.dot(U, h) + b))


def _one_bit(case: Case) -> Case:
    """The last bit of the largest element of the first W is turned over."""
    cell = case.weights[0]
    W = cell.W.copy()
    at = np.unravel_index(np.argmax(np.abs(W)), W.shape)
    W[at] = np.nextafter(W[at], 0)
    return with_weights(case, (replace(cell, W=W), *case.weights[1:]))


def _tail(case: Case, outputs: Outputs) -> Outputs:
    H = hidden(case)
    unit = np.arange(outputs.sequence.shape[2]) % H
    return Outputs(
        np.where(unit >= H - H % 8, 0, outputs.sequence).astype(outputs.sequence.dtype),
        outputs.h_n,
    )


def _noisy(case: Case, outputs: Outputs) -> Outputs:
    noise = 1 + 2.0**-8 * np.sin(np.arange(outputs.sequence.size)).reshape(outputs.sequence.shape)
    return Outputs((outputs.sequence * noise).astype(outputs.sequence.dtype), outputs.h_n)


def _first_nan(case: Case, outputs: Outputs) -> Outputs:
    sequence = outputs.sequence.copy()
    sequence[0, -1, 0] = np.nan
    return Outputs(sequence, outputs.h_n)


def _other_dtype(case: Case, outputs: Outputs) -> Outputs:
    dtype = "float64" if case.config.dtype == "float32" else "float32"
    return Outputs(
        outputs.sequence.astype(dtype),
        None if outputs.h_n is None else outputs.h_n.astype(dtype),
    )


def _cached() -> Run:
    """Keeps the first weights that it sees of each Config."""
    kept: dict[object, tuple[CellWeights, ...]] = {}
    return lambda case: run(with_weights(case, kept.setdefault(case.config, case.weights)), Edits())


def _changing() -> Run:
    calls = [0]

    def changing(case: Case) -> Outputs:
        calls[0] += 1
        outputs = run(case, Edits())
        return Outputs(
            (outputs.sequence * (1 + 2.0**-8 * (calls[0] % 3))).astype(case.config.dtype),
            outputs.h_n,
        )

    return changing


FULL = "keep matrix products in the case's dtype (torch.backends.cuda.matmul.allow_tf32, autocast, mixed_precision policies)"
MISTAKES = (
    Mistake(
        "float16 inside",
        "numerics",
        "The step is computed in half precision.",
        FULL,
        always,
        Edits(step=_half),
    ),
    Mistake(
        "bfloat16 inputs",
        "numerics",
        "The factors of the products keep 8 bits, as in bfloat16.",
        FULL,
        always,
        _operands(8),
    ),
    Mistake(
        "TF32 inputs",
        "numerics",
        "The factors of the products keep 11 bits, as in TF32.",
        FULL,
        always,
        _operands(11),
    ),
    Mistake(
        "float32 inside",
        "numerics",
        "The step is computed in single precision.",
        FULL,
        has(dtype="float64"),
        Edits(step=_single),
    ),
    Mistake(
        "one weight off by one bit",
        "numerics",
        "The last bit of one element of W is wrong.",
        "copy weights bit for bit",
        always,
        Edits(case=_one_bit),
    ),
    Mistake(
        "weights a thousandth too large",
        "numerics",
        "The weights are a thousandth too large.",
        "copy weights bit for bit",
        always,
        each_cell(lambda c: replace(c, W=c.W * (1 + 2.0**-10), U=c.U * (1 + 2.0**-10))),
    ),
    Mistake(
        "weights of an earlier call",
        "numerics",
        "The weights of the first call are kept.",
        "load the weights of each case; drop caches and traces",
        always,
        stateful=_cached,
    ),
    Mistake(
        "wrong tail of a vector",
        "numerics",
        "The units after the last multiple of 8 are zero.",
        "handle the rest of a vector loop",
        lambda case: hidden(case) % 8 != 0,
        Edits(outputs=_tail),
    ),
    Mistake(
        "noise",
        "numerics",
        "The outputs carry a relative noise of 2^-8.",
        "switch dropout and noise layers off",
        always,
        Edits(outputs=_noisy),
    ),
    Mistake(
        "different on every call",
        "numerics",
        "The same case gives other outputs each time.",
        "switch dropout off; fix seeds",
        always,
        stateful=_changing,
    ),
    Mistake(
        "NaN",
        "numerics",
        "One output is NaN.",
        "find the first NaN: overflow, 0 * inf, uninitialised memory",
        always,
        Edits(outputs=_first_nan),
    ),
    Mistake(
        "another dtype",
        "numerics",
        "The outputs have another dtype than the case.",
        "set dtype= to the case's; Keras casts inputs to the layer's dtype",
        always,
        Edits(outputs=_other_dtype),
    ),
)
