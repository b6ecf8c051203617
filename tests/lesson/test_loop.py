import math

import numpy as np
import pytest

from harness.draw.example import notebook_case
from harness.judge.bounds.precision import U64, gamma
from harness.judge.judge import judge
from harness.lesson.loop import numbers, steps


def test_shapes_are_those_of_the_text():
    inputs, W, U, b = numbers()
    assert (inputs.shape, W.shape, U.shape, b.shape) == ((42, 32), (64, 32), (64, 64), (64,))


def test_the_notebooks_numbers_lie_in_0_to_1_and_the_scaled_ones_on_both_sides_of_0():
    assert all(array.min() >= 0 and array.max() < 1 for array in numbers(scaled=False))
    assert all(array.min() < 0 < array.max() for array in numbers())


@pytest.mark.parametrize("t", [0, 1, 17, 41])
def test_every_part_of_a_step_is_what_the_equation_says(t):
    inputs, W, U, b = numbers()
    parts = steps()
    state = np.zeros(64) if t == 0 else parts.outputs[t - 1]
    assert np.array_equal(parts.states[t], state)
    for unit in (0, 5, 63):
        for sums, row, column in ((parts.W_x, W[unit], inputs[t]), (parts.U_h, U[unit], state)):
            products = [float(a) * float(b) for a, b in zip(row, column, strict=True)]
            allowed = gamma(len(products), U64) * math.fsum(map(abs, products))
            assert abs(sums[t, unit] - math.fsum(products)) <= allowed
        assert parts.sums[t, unit] == parts.W_x[t, unit] + parts.U_h[t, unit] + b[unit]


def test_the_outputs_lie_inside_their_bounds_and_wrong_ones_would_not():
    case, outputs = notebook_case(True, "float64", seed=0), steps().outputs[np.newaxis]
    assert judge(case, lambda _: outputs, calls=1).kind == "agrees"
    assert judge(case, lambda _: outputs[..., ::-1].copy(), calls=1).kind == "differs"
