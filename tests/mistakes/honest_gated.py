"""Right implementations of gated cells: other orders of sums, wider formats, other formulas."""

from dataclasses import replace

import numpy as np

from harness.mistakes.families import gru, lstm
from harness.mistakes.mistake import NOTHING, Edits, run
from harness.mistakes.right_variants import RIGHT, WIDER, edits_in_order, one_by_one
from references.case import Case, Outputs
from references.cells import lstm as lstm_cell


def time_major(W, x):
    return np.ascontiguousarray(np.einsum("hi,ib->bh", W, x)).T


def wide_sums(W, x):
    dtype = WIDER[W.dtype.name]
    return (W.astype(dtype) @ x.astype(dtype)).astype(W.dtype)


def rounded_once(function):
    """The function in the wider format, rounded once."""
    return lambda z: function(np.asarray(z).astype(WIDER[z.dtype.name])).astype(z.dtype)


def by_tanh(z):
    """sigmoid as (1 + tanh(z / 2)) / 2, in float64 at least; relative near 0 by exp alone."""
    wide = np.asarray(z).astype(WIDER[z.dtype.name])
    near = np.where(wide < -8, np.exp(np.minimum(wide, 0)), 0)
    return np.where(wide < -8, near / (1 + near), (1 + np.tanh(wide / 2)) / 2).astype(z.dtype)


def stable(z):
    """exp(z) / (1 + exp(z)) where z < 0."""
    small = np.exp(-np.abs(z))
    return np.where(z < 0, small / (1 + small), 1 / (1 + small))


def steps(**parts):
    """A step by these parts, of either cell."""

    def step(now):
        cell = {"gru": gru, "lstm": lstm}[now.part.case.config.cell]
        return tuple(map(np.asarray, cell.Step(**parts)(now)))

    return lambda case: run(case, Edits(step=step))


def by_dot(dot):
    edits = edits_in_order(NOTHING, dot)
    return lambda case: run(case, edits)


def state_first(now):
    """U h + b before W x is added."""
    p, x, h = now.p, now.input_t, now.state_t
    return tuple(
        np.dot(vars(p)[f"U_{gate}"], h) + vars(p)[f"b_{gate}"] + np.dot(vars(p)[f"W_{gate}"], x)
        for gate in lstm_cell.GATES
    )


def two_halves(case: Case) -> Outputs:
    """The sequence in two calls, every state carried; one layer, one direction, no mask."""
    if case.time == 1 or len(case.weights) > 1 or case.mask is not None or case.config.go_backwards:
        return run(case)
    half = case.time // 2
    first = run(replace(case, inputs=case.inputs[:, :half]))
    second = run(replace(case, inputs=case.inputs[:, half:], h_0=first.h_n, c_0=first.c_n))
    sequence = np.concatenate([first.sequence, second.sequence], axis=1)
    return Outputs(sequence, second.h_n, c_n=second.c_n)


BOTH = {
    **RIGHT,
    "one by one": by_dot(one_by_one),
    "time-major": by_dot(time_major),
    "sums in a wider format": by_dot(wide_sums),
    "two halves": two_halves,
    "sigmoid by tanh": steps(gate=by_tanh),
    "sigmoid by exp(-|z|)": steps(gate=stable),
    "sigmoid rounded once": steps(gate=rounded_once(lambda z: 1 / (1 + np.exp(-z)))),
}
HONEST = {
    "gru": {
        **BOTH,
        "h + (1 - z)(n - h)": steps(mix=lambda z, n, h: h + (1 - z) * (n - h)),
        "n + z (h - n)": steps(mix=lambda z, n, h: n + z * (h - n)),
        "n - z n + z h": steps(mix=lambda z, n, h: n - z * n + z * h),
    },
    "lstm": {
        **BOTH,
        "U h + b first": steps(sums=state_first),
        "tanh of c rounded once": steps(squash=rounded_once(np.tanh)),
        "tanh of g rounded once": steps(candidate=rounded_once(np.tanh)),
    },
}
