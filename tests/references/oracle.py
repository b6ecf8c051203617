"""The recurrence written from its equations, number by number, in Python's own floats: slow, plain, and no relation to the loop."""

import math

ACTIVATIONS = {
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)) if z > -700 else 0.0,
    "softsign": lambda z: z / (1 + abs(z)),
}


def outputs(case):
    """Every layer's sequence as nested lists [layer][row][time][unit], and final states [layer * D + direction][row][unit]."""
    config, T = case.config, case.time
    times = list(range(T))[::-1] if config.go_backwards else list(range(T))
    below = [[[float(x) for x in case.inputs[row, t]] for t in times] for row in range(case.batch)]
    valid = [
        [case.mask is None or bool(case.mask[row, t]) for t in times] for row in range(case.batch)
    ]
    sequences, finals = [], []
    for layer in range(config.num_layers):
        sequence = [[[] for _ in range(T)] for _ in range(case.batch)]
        for direction in range(config.num_directions):
            index = layer * config.num_directions + direction
            final = []
            for row in range(case.batch):
                states, last = _row(
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
            finals.append(final)
        sequences.append(sequence)
        below = sequence
    return sequences, finals


def _row(case, index, inputs, valid, order, row):
    cell, f = case.weights[index], ACTIVATIONS[case.config.nonlinearity]
    H = case.config.hidden_size
    h = [float(x) for x in case.h_0[index, row]]
    shown = [0.0] * H
    out = {}
    for t in order:
        if valid[t]:
            h = [
                f(
                    sum(float(cell.W[j, i]) * inputs[t][i] for i in range(len(inputs[t])))
                    + sum(float(cell.U[j, k]) * h[k] for k in range(H))
                    + float(cell.b_W[j])
                    + float(cell.b_U[j])
                )
                for j in range(H)
            ]
            shown = h
        out[t] = shown if valid[t] or case.masked_output == "repeat" else [0.0] * H
    return out, h
