"""One output of the loop, written out: each product, the bias, the running sum, the activation."""

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np

from references.case import Case
from references.cells.rnn import notebook_step, simple_rnn

# The longest number is as long as -1.2345678901234567e-05; four stand in 100 columns.
NUMBER = 23
HEADINGS = ("weight", "times", "product", "running sum")


def written_sums(case: Case, steps: range, unit: int) -> Iterator[str]:
    """Lines of at most 100 columns for the case's first row; each number has all its digits."""
    (cell,) = case.weights
    W, U, b, inputs = cell.W, cell.U, cell.b_W, case.inputs[0]
    outputs = simple_rnn(inputs, W, U, b)
    states = np.concatenate([np.zeros_like(outputs[:1]), outputs[:-1]])
    for t in steps:
        yield f"step {t}, unit {unit}, {W.dtype}"
        yield row("", *HEADINGS)
        total = yield from products("W", W[unit], inputs[t])
        total = yield from products("U", U[unit], states[t], total)
        total = total + b[unit]
        yield row("b", b[unit], "", b[unit], total)
        z = notebook_step(W, U, b, inputs[t], states[t], np.positive)
        yield row("", "", "", "tanh of it", np.tanh(total))
        yield row("", "", "", "the same sum by np.dot", z[unit])
        yield row("", "", "", f"the loop's output_t[{unit}]", outputs[t, unit])


def products(
    name: str, weights: np.ndarray, values: np.ndarray, total: Any = None
) -> Generator[str, None, Any]:
    """A row for each product, with the sum that runs on from `total`; returns that sum."""
    for column, (weight, value) in enumerate(zip(weights, values, strict=True)):
        product = weight * value
        total = product if total is None else total + product
        yield row(f"{name} {column}", weight, value, product, total)
    return total


def row(name: str, *cells: object) -> str:
    """One line: a name of at most four letters, then columns of the width of NUMBER."""
    return f"{name:4}" + "".join(f" {cell!s:>{NUMBER}}" for cell in cells)
