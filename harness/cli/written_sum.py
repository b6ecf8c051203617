"""One output of the loop, written out: each product, the bias, the running sum, the activation."""

from collections.abc import Iterator

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
        yield _row("", *HEADINGS)
        rows = {"W": (W[unit], inputs[t]), "U": (U[unit], states[t])}
        total = None
        for name, pair in rows.items():
            for column, (weight, value) in enumerate(zip(*pair, strict=True)):
                product = weight * value
                total = product if total is None else total + product
                yield _row(f"{name} {column}", weight, value, product, total)
        total = total + b[unit]
        yield _row("b", b[unit], "", b[unit], total)
        z = notebook_step(W, U, b, inputs[t], states[t], np.positive)
        yield _row("", "", "", "tanh of it", np.tanh(total))
        yield _row("", "", "", "the same sum by np.dot", z[unit])
        yield _row("", "", "", f"the loop's output_t[{unit}]", outputs[t, unit])


def _row(name: str, *cells: object) -> str:
    return f"{name:4}" + "".join(f" {cell!s:>{NUMBER}}" for cell in cells)
