"""The recurrence written from its equations, number by number, in Python's own floats: slow, plain,
and no relation to the loop.
"""

import math

ACTIVATIONS = {
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)) if z > -700 else 0.0,
    "softsign": lambda z: z / (1 + abs(z)),
}


def outputs(case):
    """Every layer's sequence as nested lists [layer][row][time][unit], and final states [layer * D
    + direction][row][unit].
    """
    return all_outputs(case)[:2]


def all_outputs(case):
    """The same, then the final cell states, which are lists of None where the cell has none."""
    config, T = case.config, case.time
    times = list(range(T))[::-1] if config.go_backwards else list(range(T))
    below = [[[float(x) for x in case.inputs[row, t]] for t in times] for row in range(case.batch)]
    valid = [
        [case.mask is None or bool(case.mask[row, t]) for t in times] for row in range(case.batch)
    ]
    sequences, finals, final_cells = [], [], []
    for layer in range(config.num_layers):
        sequence = [[[] for _ in range(T)] for _ in range(case.batch)]
        for direction in range(config.num_directions):
            index = layer * config.num_directions + direction
            final, final_cell = [], []
            for row in range(case.batch):
                states, last, last_cell = _row(
                    case,
                    index,
                    below[row],
                    valid[row],
                    list(range(T))[::-1] if direction else list(range(T)),
                    row,
                )
                for t in range(T):
                    sequence[row][t] = sequence[row][t] + states[t]
                final.append(last)
                final_cell.append(last_cell)
            finals.append(final)
            final_cells.append(final_cell)
        sequences.append(sequence)
        below = sequence
    return sequences, finals, final_cells


def _row(case, index, inputs, valid, order, row):
    H = case.config.hidden_size
    h = [float(x) for x in case.h_0[index, row]]
    c = None if case.c_0 is None else [float(x) for x in case.c_0[index, row]]
    shown = [0.0] * H
    out = {}
    for t in order:
        if valid[t]:
            h, c = _step(case, case.weights[index], inputs[t], h, c)
            shown = h
        out[t] = shown if valid[t] or case.masked_output == "repeat" else [0.0] * H
    return out, h, c


def _step(case, cell, x, h, c):
    """The new h and c, as lists of units."""
    H = len(h)
    units = range(H)
    sigmoid = ACTIVATIONS["sigmoid"]

    def from_input(gate, j):
        row = gate * H + j
        return sum(float(cell.W[row, i]) * x[i] for i in range(len(x))) + float(cell.b_W[row])

    def from_state(gate, j, h):
        row = gate * H + j
        return sum(float(cell.U[row, k]) * h[k] for k in units) + float(cell.b_U[row])

    if case.config.cell == "rnn":
        f = ACTIVATIONS[case.config.nonlinearity]
        return [f(from_input(0, j) + from_state(0, j, h)) for j in units], None
    if case.config.cell == "gru":
        r = [sigmoid(from_input(0, j) + from_state(0, j, h)) for j in units]
        z = [sigmoid(from_input(1, j) + from_state(1, j, h)) for j in units]
        if case.config.reset_after:
            n = [math.tanh(from_input(2, j) + r[j] * from_state(2, j, h)) for j in units]
        else:
            reset = [r[j] * h[j] for j in units]
            n = [math.tanh(from_input(2, j) + from_state(2, j, reset)) for j in units]
        return [(1 - z[j]) * n[j] + z[j] * h[j] for j in units], None
    i, f, o = (
        [sigmoid(from_input(gate, j) + from_state(gate, j, h)) for j in units] for gate in (0, 1, 3)
    )
    g = [math.tanh(from_input(2, j) + from_state(2, j, h)) for j in units]
    c = [f[j] * c[j] + i[j] * g[j] for j in units]
    return [o[j] * math.tanh(c[j]) for j in units], c
