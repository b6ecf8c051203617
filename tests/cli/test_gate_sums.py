"""A unit of a gated cell, written out: each row's product, each running sum, each gate, the
state.
"""

import numpy as np
import pytest

from harness.cli.gate_sums import gate_sums
from harness.draw.example import notebook_case
from references.cells import CELLS
from references.numpy_rnn import run

UNIT, T = 5, 2


def last(line, number):
    return number(line.split()[-1])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_every_row_holds_its_product_and_the_sum_so_far(cell, dtype):
    case, number = notebook_case(True, dtype, 1, cell), np.dtype(dtype).type
    lines = list(gate_sums(case, range(T, T + 1), UNIT))
    assert max(map(len, lines)) <= 100
    assert lines.pop(0) == f"step {T}, unit {UNIT}, {dtype}"
    (weights,), outputs = case.weights, run(case).sequence[0]
    for index, gate in enumerate(CELLS[cell].GATES):
        at, total = index * 64 + UNIT, number(0)
        assert lines.pop(0) == f"gate {gate}"
        assert lines.pop(0).split() == ["weight", "times", "product", "running", "sum"]
        kept = None
        for name, bias, values in (
            ("W", weights.b_W, case.inputs[0, T]),
            ("U", weights.b_U, outputs[T - 1]),
        ):
            if (cell, gate, name) == ("gru", "n", "U"):
                kept, total = total, number(0)
            for column, value in enumerate(values):
                weight = getattr(weights, name)[at, column]
                total = total + weight * value
                label, place, *numbers = lines.pop(0).split()
                assert (label, int(place)) == (name, column)
                assert [*map(number, numbers)] == [weight, value, weight * value, total]
            total = total + bias[at]
            assert [*map(number, lines.pop(0).split()[1:])] == [bias[at]] * 2 + [total]
        if kept is not None:
            r, times, product, shown = map(number, lines.pop(0).split()[1:])
            assert (times, product, shown) == (total, r * total, kept + r * total)
            total = shown
        gate_value, by_dot, of_loop = (last(lines.pop(0), number) for _ in range(3))
        assert by_dot == pytest.approx(total, rel=2**-18)
        assert gate_value == pytest.approx(of_loop, rel=2**-18)
    if cell == "gru":
        assert lines[0] == "h = (1 - z) * n + z * h"
        assert last(lines[3], number) == outputs[T, UNIT]
    else:
        assert lines[0] == "c = f * c + i * g, h = o * tanh(c)"
        assert last(lines[5], number) == outputs[T, UNIT]
        assert last(lines[3], number) == last(lines[4], number)
    assert last(lines[-1], number) == outputs[T, UNIT]
