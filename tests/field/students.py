"""Forty loops as students write them: ten right ones in ten styles, thirty wrong ones.

Each wrong one has a line that says what the diagnosis must name; an empty one names nothing.
"""

import numpy as np


def right_like_the_notebook(inputs, W, U, b):
    state, outputs = np.zeros_like(b), []
    for x in inputs:
        state = np.tanh(np.dot(W, x) + np.dot(U, state) + b)
        outputs.append(state)
    return np.stack(outputs)


def right_with_a_buffer(inputs, W, U, b):
    outputs = np.zeros((len(inputs) + 1, len(b)))
    for t in range(len(inputs)):
        outputs[t + 1] = np.tanh(W @ inputs[t] + U @ outputs[t] + b)
    return outputs[1:]


def right_with_columns(inputs, W, U, b):
    h, outputs = np.zeros((U.shape[0], 1)), []
    for x in inputs:
        h = np.tanh(W @ x.reshape(-1, 1) + U @ h + b.reshape(-1, 1))
        outputs.append(h[:, 0])
    return np.array(outputs)


def right_with_a_dictionary(inputs, W, U, b):
    hs = {-1: np.zeros(len(b))}
    for t, x in enumerate(inputs):
        hs[t] = np.tanh(np.dot(W, x) + np.dot(U, hs[t - 1]) + b)
    return np.array([hs[t] for t in range(len(inputs))])


def right_with_inputs_first(inputs, W, U, b):
    wx = inputs @ W.T + b
    h, outputs = np.zeros(len(b)), np.empty_like(wx)
    for t in range(len(wx)):
        h = np.tanh(wx[t] + h @ U.T)
        outputs[t] = h
    return outputs


def right_in_one_matrix(inputs, W, U, b):
    M, h, outputs = np.hstack([W, U, b[:, None]]), np.zeros(len(b)), []
    for x in inputs:
        h = np.tanh(M @ np.concatenate([x, h, [1.0]]))
        outputs.append(h)
    return np.vstack(outputs)


def right_by_recursion(inputs, W, U, b):
    if len(inputs) == 0:
        return np.zeros((0, len(b)))
    before = right_by_recursion(inputs[:-1], W, U, b)
    h = before[-1] if len(before) else np.zeros(len(b))
    return np.vstack([before, np.tanh(W @ inputs[-1] + U @ h + b)])


def right_with_loops_alone(inputs, W, U, b):
    H, h, outputs = len(b), [0.0] * len(b), []
    for x in inputs:
        z = [b[i] for i in range(H)]
        for i in range(H):
            for j in range(len(x)):
                z[i] += W[i, j] * x[j]
            for j in range(H):
                z[i] += U[i, j] * h[j]
        h = [float(np.tanh(one)) for one in z]
        outputs.append(h)
    return np.array(outputs)


class _Cell:
    def __init__(self, W, U, b):
        self.W, self.U, self.b, self.h = W, U, b, np.zeros(len(b))

    def __call__(self, x):
        self.h = np.tanh(self.W.dot(x) + self.U.dot(self.h) + self.b)
        return self.h


def right_with_a_class(inputs, W, U, b):
    cell = _Cell(W, U, b)
    return np.stack([cell(x) for x in inputs])


def right_with_einsum(inputs, W, U, b):
    h, outputs = np.zeros(len(b)), []
    for x in inputs:
        h = np.tanh(np.einsum("ij,j->i", W, x) + np.einsum("ij,j->i", U, h) + b)
        outputs.append(h.copy())
    return np.stack(outputs)


def _loop(inputs, W, U, b, start=None, activation=np.tanh):
    h, outputs = np.zeros(len(b), b.dtype) if start is None else start, []
    for x in inputs:
        h = activation(W @ x + U @ h + b)
        outputs.append(h)
    return np.stack(outputs)


def wrong_transposed(inputs, W, U, b):  # U transposed
    return _loop(inputs, W, U.T, b)


def wrong_without_bias(inputs, W, U, b):  # bias dropped
    return _loop(inputs, W, U, 0 * b)


def wrong_bias_outside(inputs, W, U, b):  # bias after activation
    h, outputs = np.zeros(len(b)), []
    for x in inputs:
        h = np.tanh(W @ x + U @ h) + b
        outputs.append(h)
    return np.stack(outputs)


def wrong_bias_twice(inputs, W, U, b):  # bias doubled
    return _loop(inputs, W, U, b + b)


def wrong_bias_subtracted(inputs, W, U, b):  # bias negated
    return _loop(inputs, W, U, -b)


def wrong_state_forgotten(inputs, W, U, b):  # recurrent term forgotten
    return np.tanh(inputs @ W.T + b)


def wrong_state_never_updated(inputs, W, U, b):  # recurrent term forgotten
    h, outputs = np.zeros(len(b)), []
    for x in inputs:
        output = np.tanh(W @ x + U @ h + b)
        outputs.append(output)
    return np.stack(outputs)


def wrong_one_step_late(inputs, W, U, b):  # state for output
    h, outputs = np.zeros(len(b)), []
    for x in inputs:
        outputs.append(h)
        h = np.tanh(W @ x + U @ h + b)
    return np.stack(outputs)


def wrong_same_buffer(inputs, W, U, b):  # last output for all
    h, outputs = np.zeros(len(b)), []
    for x in inputs:
        h[:] = np.tanh(W @ x + U @ h + b)
        outputs.append(h)
    return np.stack(outputs)


def wrong_backwards(inputs, W, U, b):  # time reversed
    return _loop(inputs[::-1], W, U, b)


def wrong_order(inputs, W, U, b):  # output time reversed
    return _loop(inputs, W, U, b)[::-1]


def wrong_ones(inputs, W, U, b):  # initial state of ones
    return _loop(inputs, W, U, b, np.ones(len(b)))


def wrong_sigmoid(inputs, W, U, b):  # sigmoid for the activation
    return _loop(inputs, W, U, b, activation=lambda z: 1 / (1 + np.exp(-z)))


def wrong_relu(inputs, W, U, b):  # relu for the activation
    return _loop(inputs, W, U, b, activation=lambda z: np.maximum(z, 0))


def wrong_without_tanh(inputs, W, U, b):  # linear for the activation
    return _loop(inputs, W, U, b, activation=lambda z: z)


def wrong_tanh_twice(inputs, W, U, b):  # activation twice
    return _loop(inputs, W, U, b, activation=lambda z: np.tanh(np.tanh(z)))


def wrong_tanh_by_hand(inputs, W, U, b):  # tanh overflows
    return _loop(inputs, W, U, b, activation=lambda z: (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1))


def wrong_tanh_by_sigmoid(inputs, W, U, b):  # tanh from sigmoid
    return _loop(inputs, W, U, b, activation=lambda z: 2 / (1 + np.exp(-2 * z)) - 1)


def wrong_hard_tanh(inputs, W, U, b):  # hard tanh
    return _loop(inputs, W, U, b, activation=lambda z: np.clip(z, -1, 1))


def wrong_elementwise(inputs, W, U, b):  # U diagonal
    h, outputs = np.zeros(len(b)), []
    for x in inputs:
        h = np.tanh(W @ x + np.diag(U) * h + b)
        outputs.append(h)
    return np.stack(outputs)


def wrong_residual(inputs, W, U, b):  # state added
    h, outputs = np.zeros(len(b)), []
    for x in inputs:
        output = np.tanh(W @ x + U @ h + b)
        outputs.append(output)
        h = h + output
    return np.stack(outputs)


def wrong_pre_activation(inputs, W, U, b):  # pre-activation carried
    h, outputs = np.zeros(len(b)), []
    for x in inputs:
        h = W @ x + U @ h + b
        outputs.append(np.tanh(h))
    return np.stack(outputs)


def wrong_last_only(inputs, W, U, b):  # last output alone
    return _loop(inputs, W, U, b)[-1:]


def wrong_concatenate(inputs, W, U, b):  # outputs concatenated
    return np.concatenate(list(_loop(inputs, W, U, b)))


def wrong_axes(inputs, W, U, b):  # outputs transposed
    return np.stack(list(_loop(inputs, W, U, b)), axis=1)


def wrong_one_short(inputs, W, U, b):  # one output short
    return _loop(inputs, W, U, b)[1:]


def wrong_starts_with_zeros(inputs, W, U, b):  # one output too many
    return np.vstack([np.zeros(len(b)), _loop(inputs, W, U, b)])


def wrong_float32(inputs, W, U, b):  # float32 inside
    return _loop(*(one.astype("float32") for one in (inputs, W, U, b))).astype("float64")


def wrong_join(inputs, W, U, b):  # input and state joined as [h, x]
    M, h, outputs = np.hstack([W, U]), np.zeros(len(b)), []
    for x in inputs:
        h = np.tanh(M @ np.concatenate([h, x]) + b)
        outputs.append(h)
    return np.stack(outputs)


def wrong_state_every_ten(inputs, W, U, b):  # state lost at a chunk boundary
    h, outputs = np.zeros(len(b)), []
    for t, x in enumerate(inputs):
        h = np.tanh(W @ x + U @ (h if t % 10 else 0 * h) + b)
        outputs.append(h)
    return np.stack(outputs)
