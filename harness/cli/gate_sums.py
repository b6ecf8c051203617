"""One unit of a gated cell, written out: each gate's products, then how the gates make a state."""

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np

from harness.cli.gate_values import GatedStep, gated_steps
from harness.cli.written_sum import HEADINGS, products, row
from references.case import WEIGHTS, Case
from references.cells import CELLS
from references.cells.activations import ACTIVATIONS
from references.cells.gates import by_gate

CANDIDATES = {"gru": "n", "lstm": "g"}  # the gate that is a tanh; the others are sigmoids


def gate_sums(case: Case, steps: range, unit: int) -> Iterator[str]:
    """Lines of at most 100 columns for the case's first row; each number has all its digits."""
    cell = case.config.cell
    every = gated_steps(case)
    for t in steps:
        yield f"step {t}, unit {unit}, {case.config.dtype}"
        for gate in CELLS[cell].GATES:
            yield f"gate {gate}"
            yield row("", *HEADINGS)
            yield from _gate(case, every[t], gate, unit)
        new = _new_state if cell == "gru" else _new_states
        yield from new(every[t], unit)
        yield row("", "", "", f"the loop's output_t[{unit}]", every[t].after["h"][unit])


def _gate(case: Case, step: GatedStep, gate: str, unit: int) -> Iterator[str]:
    """The sum of one gate, and its sigmoid or tanh, beside the loop's own numbers."""
    cell = case.config.cell
    p = by_gate(case.weights[0], case.config, np.tanh)
    W, U, b_W, b_U = (getattr(p, f"{name}_{gate}")[unit] for name in WEIGHTS)
    total = yield from products("W", W, step.inputs)
    total = yield from _add("b_W", b_W[0], total)
    after = cell == "gru" and gate == "n"
    recurrent = yield from products("U", U, step.before["h"], None if after else total)
    recurrent = yield from _add("b_U", b_U[0], recurrent)
    if after:
        r = step.gates["r"][unit]
        total = total + r * recurrent
        yield row("r", r, recurrent, r * recurrent, total)
    else:
        total = recurrent
    name = "tanh" if gate == CANDIDATES[cell] else "sigmoid"
    yield row("", "", "", f"{name} of it", ACTIVATIONS[name](total))
    yield row("", "", "", "the same sum by np.dot", step.sums[gate][unit])
    yield row("", "", "", f"the loop's {gate}_t[{unit}]", step.gates[gate][unit])


def _add(name: str, bias: Any, total: Any) -> Generator[str, None, Any]:
    total = total + bias
    yield row(name, bias, "", bias, total)
    return total


def _new_state(step: GatedStep, unit: int) -> Iterator[str]:
    z, n, h = step.gates["z"][unit], step.gates["n"][unit], step.before["h"][unit]
    yield "h = (1 - z) * n + z * h"
    yield row("", *HEADINGS)
    first, second = (1 - z) * n, z * h
    yield row("1-z", 1 - z, n, first, first)
    yield row("z", z, h, second, first + second)


def _new_states(step: GatedStep, unit: int) -> Iterator[str]:
    i, f, g, o = (step.gates[gate][unit] for gate in "ifgo")
    c = step.before["c"][unit]
    yield "c = f * c + i * g, h = o * tanh(c)"
    yield row("", *HEADINGS)
    yield row("f", f, c, f * c, f * c)
    new = f * c + i * g
    yield row("i", i, g, i * g, new)
    yield row("", "", "", f"the loop's new c[{unit}]", step.after["c"][unit])
    yield row("o", o, np.tanh(new), o * np.tanh(new), "")
