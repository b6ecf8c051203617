"""A user's module `mine`: right ones, some that are wrong in one way each, and one that is wrong
now and then.
"""

import numpy as np

from harness.mistakes.catalogue import BY_NAME
from references import Unsupported
from references.case import Outputs
from references.cells.rnn import simple_rnn
from references.numpy_rnn import run

without_bias = BY_NAME["bias dropped"].plant()


def notebook(inputs, W, U, b):
    return simple_rnn(inputs, W, U, b)


def transposed(inputs, W, U, b):
    return simple_rnn(inputs, W, U.T, b)


def right(case):
    return run(case)


def no_bias(case):
    return without_bias(case)


def no_relu(case):
    return without_bias(case) if case.config.nonlinearity == "relu" else run(case)


def only_relu(case):
    if case.config.nonlinearity != "relu":
        raise Unsupported(f"only relu, not {case.config.nonlinearity}")
    return run(case)


def only_lstm(case):
    if case.config.cell != "lstm":
        raise Unsupported(f"only lstm, not {case.config.cell}")
    return run(case)


def no_gru(case):
    return without_bias(case) if case.config.cell == "gru" else run(case)


def refuses(case):
    raise Unsupported("not today")


def crashes(case):
    raise ValueError("broken for good")


def writes(case):
    outputs = run(case)
    if case.inputs.flags.writeable:
        case.inputs[...] = 0
    return outputs


def writes_blindly(case):
    outputs = run(case)
    case.weights[0].U[...] = 0
    return outputs


first_weights = {}


def remembers(case):
    key = (case.config, case.inputs.shape)
    cells = first_weights.setdefault(key, case.weights)
    return run(type(case)(case.config, cells, case.inputs, case.h_0, case.mask, case.masked_output))


calls = []


def other_bits(case):
    """Right both times: the second call is one unit in the last place away."""
    if case.config.cell != "rnn":
        raise Unsupported("only rnn")
    calls.append(1)
    sequence = run(case).sequence
    moved = (
        np.nextafter(sequence, np.float32(0), dtype=sequence.dtype) if len(calls) % 2 else sequence
    )
    return Outputs(np.where(np.abs(sequence) < 0.999, moved, sequence))


def flaky(case):
    calls.append(1)
    return run(case).sequence + (len(calls) == 7)


def mistyped(case):
    return run(case)


mistyped.limits = {"nonlinearty": "tanh"}


def one_cell(case):
    if case.config.cell != "rnn":
        raise ValueError("it reads no cell")
    return run(case)


one_cell.limits = {"time": (1, 9)}


def picky(case):
    """Takes hardly any case."""
    if case.config.hidden_size != 7 or case.time != 7:
        raise Unsupported("seven units and steps")
    return run(case)


keeps_state = BY_NAME["zero state not reset"].plant()
