"""One step of a GRU by hand, for each of its mistakes."""

import math

import numpy as np
import pytest

from harness.mistakes.families.gru import MISTAKES
from references.case import Case, CellWeights, Config
from tests.mistakes.scalars import one_unit, outputs_of, sigmoid, terms

X, H = 0.7, 0.5
UN, B_U, B_W = -0.1, 0.1, 0.2  # of the candidate: U, b_U and b_W


def parts(case, gate=sigmoid):
    (r_x, z_x, n_x), (r_h, z_h, n_h) = terms(case, X, H)
    return gate(r_x + r_h), gate(z_x + z_h), n_x, n_h


def new(z, n):
    return (1 - z) * n + z * H


def hard(slope):
    return lambda z: min(max(slope * z + 0.5, 0), 1)


def with_gate(gate):
    def step(*_):
        r, z, n_x, n_h = parts(one_unit("gru", [X]), gate)
        return new(z, math.tanh(n_x + r * n_h))

    return step


STEPS = {
    "b_hn outside the reset": lambda r, z, x, h: new(z, math.tanh(x + B_U + r * (h - B_U))),
    "both biases of n inside the reset": lambda r, z, x, h: new(
        z, math.tanh(x - B_W + r * (h + B_W))
    ),
    "b_in and b_hn swapped": lambda r, z, x, h: new(
        z, math.tanh(x - B_W + B_U + r * (h - B_U + B_W))
    ),
    "b_hn dropped": lambda r, z, x, h: new(z, math.tanh(x + r * (h - B_U))),
    "b_hn inside the reset": lambda r, z, x, h: new(z, math.tanh(x + UN * r * H + r * B_U)),
    "reset after U h": lambda r, z, x, h: new(z, math.tanh(x + r * h)),
    "W x inside the reset": lambda r, z, x, h: new(z, math.tanh(r * (x + h))),
    "reset forgotten": lambda r, z, x, h: new(z, math.tanh(x + h)),
    "reset added": lambda r, z, x, h: new(z, math.tanh(x + h + r)),
    "z the other way round": lambda r, z, x, h: new(1 - z, math.tanh(x + r * h)),
    "1 - z forgotten": lambda r, z, x, h: math.tanh(x + r * h) + z * H,
    "z of the old state forgotten": lambda r, z, x, h: (1 - z) * math.tanh(x + r * h) + H,
    "update gate forgotten": lambda r, z, x, h: math.tanh(x + r * h),
    "r for z": lambda r, z, x, h: new(r, math.tanh(x + r * h)),
    "z for r": lambda r, z, x, h: new(z, math.tanh(x + z * h)),
    "gru candidate without tanh": lambda r, z, x, h: new(z, x + r * h),
    "gru candidate by sigmoid": lambda r, z, x, h: new(z, sigmoid(x + r * h)),
    "gru candidate by relu": lambda r, z, x, h: new(z, max(x + r * h, 0)),
    "gru gates without sigmoid": with_gate(lambda z: z),
    "gru gates by tanh": with_gate(math.tanh),
    "gru gates by hard sigmoid": with_gate(hard(1 / 6)),
    "gru gates by the older hard sigmoid": with_gate(hard(0.2)),
}
BEFORE = ("b_hn inside the reset", "reset after U h")


@pytest.mark.parametrize("name", STEPS)
def test_by_hand(name):
    case = one_unit("gru", [X], reset_after=name not in BEFORE)
    assert outputs_of(name, case).sequence.item() == pytest.approx(STEPS[name](*parts(case)), 1e-12)


def test_the_reset_before_u_h_leaves_the_candidates_bias_whole():
    """All weights are 0 but for the candidate's b_U of 1, so that r and z are 1/2."""
    b_U = np.array([0.0, 0, 0, 0, 1, 1])
    weights = CellWeights(np.zeros((6, 1)), np.zeros((6, 2)), np.zeros(6), b_U)
    case = Case(Config(1, 2, cell="gru", dtype="float64"), (weights,), np.ones((1, 1, 1)))
    outputs = outputs_of("reset before U h", case).sequence
    assert outputs.ravel().tolist() == pytest.approx([math.tanh(1) / 2] * 2)


def test_every_mistake_is_worked_out():
    assert {mistake.name for mistake in MISTAKES} == {*STEPS, "reset before U h"}
