import math

import numpy as np

from harness.judge.judge import judge
from harness.judge.precision import U64, gamma
from harness.lesson.loop import numbers, steps
from harness.lesson.sequences import scaled


def test_shapes_are_those_that_the_lesson_says():
    inputs, W, U, b = numbers()
    assert (inputs.shape, W.shape, U.shape, b.shape) == ((42, 32), (64, 32), (64, 64), (64,))


def test_the_notebooks_numbers_lie_in_0_to_1_and_the_scaled_ones_on_both_sides_of_0():
    assert all(array.min() >= 0 and array.max() < 1 for array in numbers(scaled=False))
    assert all(array.min() < 0 < array.max() for array in numbers())


def test_every_part_of_a_step_is_what_the_equation_says():
    inputs, W, U, b = numbers()
    shown = steps()
    for t in (0, 1, 17, 41):
        state = [0.0] * 64 if t == 0 else shown.outputs[t - 1].tolist()
        assert shown.states[t].tolist() == state
        for unit in (0, 5, 63):
            for found, row, column in (
                (shown.W_x, W[unit], inputs[t]),
                (shown.U_h, U[unit], state),
            ):
                products = [
                    float(weight) * float(value) for weight, value in zip(row, column, strict=True)
                ]
                assert abs(found[t, unit] - math.fsum(products)) <= gamma(
                    len(products), U64
                ) * math.fsum(map(abs, products))
            assert shown.sums[t, unit] == shown.W_x[t, unit] + shown.U_h[t, unit] + b[unit]


def test_the_outputs_shown_lie_inside_their_bounds_and_a_wrong_one_would_not():
    case, outputs = scaled("float64"), steps().outputs
    assert judge(case, lambda _: outputs[np.newaxis], calls=1).kind == "agrees"
    assert judge(case, lambda _: outputs[np.newaxis, :, ::-1].copy(), calls=1).kind == "differs"
