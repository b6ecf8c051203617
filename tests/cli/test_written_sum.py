"""A written sum is right to the last digit, and fits into a terminal."""

import numpy as np
import pytest

from harness.cli.written_sum import written_sums
from harness.draw.example import notebook_case
from references.numpy_rnn import run as loop


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("unit", [0, 63])
def test_each_number_is_the_one_that_this_arithmetic_gives(dtype, scaled, unit):
    case = notebook_case(scaled, dtype, seed=0)
    number = np.dtype(dtype).type
    (cell,) = case.weights
    outputs = loop(case).sequence[0]
    lines = list(written_sums(case, range(42), unit))
    assert len(lines) == 42 * (2 + 32 + 64 + 1 + 3)
    for t in range(42):
        (title, _, *rows), lines = lines[:102], lines[102:]
        assert title == f"step {t}, unit {unit}, {dtype}"
        h = outputs[t - 1] if t else np.zeros_like(outputs[0])
        sides = [("W", cell.W[unit], case.inputs[0, t]), ("U", cell.U[unit], h)]
        total = number(0)
        for name, weights, values in sides:
            for column, (weight, value) in enumerate(zip(weights, values, strict=True)):
                total = total + weight * value
                label, index, *numbers = rows.pop(0).split()
                assert (label, int(index)) == (name, column)
                assert [number(text) for text in numbers] == [weight, value, weight * value, total]
        total = total + cell.b_W[unit]
        bias, activation, by_dot, output = (row.split() for row in rows)
        assert [number(text) for text in bias[1:]] == [cell.b_W[unit]] * 2 + [total]
        assert number(activation[-1]) == np.tanh(total)
        dots = np.dot(cell.W, case.inputs[0, t]) + np.dot(cell.U, h) + cell.b_W
        assert number(by_dot[-1]) == dots[unit]
        assert number(output[-1]) == outputs[t, unit]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_fits_into_100_columns(dtype):
    for seed in range(3):
        case = notebook_case(True, dtype, seed)
        lines = [line for unit in (0, 63) for line in written_sums(case, range(42), unit)]
        assert max(map(len, lines)) <= 100
