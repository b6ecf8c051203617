"""Right evaluations of GRU and LSTM, each in another way than the hand-written loop."""

from functools import partial

import numpy as np

from references.cells.walk import layers, recur

WIDER = {"float32": np.float64, "float64": np.longdouble}


def sigmoid(z):
    """As the loop's."""
    return 1 / (1 + np.exp(-z))


def stable(z):
    """By the sign of its argument."""
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, 1) / (1 + e)


def by_tanh(z):
    """By way of tanh in float64; in float64 itself it would lose what is small."""
    if z.dtype == np.float64:
        return stable(z)
    return (0.5 * (1 + np.tanh(0.5 * z.astype("float64")))).astype(z.dtype)


def backwards(a, x):
    """The products in reverse."""
    return np.dot(a[:, ::-1].copy(), x[::-1].copy())


def one_by_one(a, x):
    """One accumulator, from the first product to the last."""
    total = np.zeros((len(a), x.shape[1]), x.dtype)
    for column, row in zip(a.T, x, strict=True):
        total = total + np.multiply.outer(column, row)
    return total


def pairwise(a, x):
    """A tree of sums."""
    return (a.T[:, :, np.newaxis] * x[:, np.newaxis]).sum(axis=0)


def wide(a, x):
    """Sums in a wider format, rounded once."""
    wider = WIDER[x.dtype.name]
    return np.dot(a.astype(wider), x.astype(wider)).astype(x.dtype)


def torch_bias(dot, W, U, b_W, b_U, x, h):
    """Each bias with its own product."""
    return (dot(W, x) + b_W) + (dot(U, h) + b_U)


def folded_bias(dot, W, U, b_W, b_U, x, h):
    """One bias, with the input's product."""
    return (dot(W, x) + (b_W + b_U)) + dot(U, h)


def bias_first(dot, W, U, b_W, b_U, x, h):
    """Both biases before the products."""
    return ((b_U + b_W) + dot(U, h)) + dot(W, x)


def side_by_side(dot, W, U, b_W, b_U, x, h):
    """One product of both, as fused kernels have it."""
    joined = dot(np.concatenate([U, W], axis=1), np.concatenate([h, x]))
    return joined + (b_W + b_U)


UPDATES = {
    "convex": lambda z, n, h: (1 - z) * n + z * h,
    "from h": lambda z, n, h: h + (1 - z) * (n - h),
    "from n": lambda z, n, h: n + z * (h - n),
    "torch": lambda z, n, h: (h - n) * z + n,
    "distributed": lambda z, n, h: (n - z * n) + z * h,
}
CELL_STATES = {
    "forget first": lambda i, f, g, c: f * c + i * g,
    "input first": lambda i, f, g, c: i * g + f * c,
    "contracted": lambda i, f, g, c: (f.astype(WIDER[c.dtype.name]) * c + i * g).astype(c.dtype),
}


def gru_step(moment, *, dot, bias, sigma, update, distributed=False):
    """The output and the states that go on."""
    weights, x, (h,) = moment.weights, moment.input_t, moment.states
    W, U = (np.split(array, 3) for array in (weights.W, weights.U))
    b_W, b_U = (np.split(b[:, np.newaxis], 3) for b in (weights.b_W, weights.b_U))
    r, z = (sigma(bias(dot, W[k], U[k], b_W[k], b_U[k], x, h)) for k in (0, 1))
    if not moment.part.case.config.reset_after:
        n = np.tanh(bias(dot, W[2], U[2], b_W[2], b_U[2], x, r * h))
    elif distributed:
        n = np.tanh(dot(W[2], x) + b_W[2] + (r * dot(U[2], h) + r * b_U[2]))
    else:
        n = np.tanh(r * (b_U[2] + dot(U[2], h)) + (b_W[2] + dot(W[2], x)))
    new = (UPDATES[update](z, n, h),)
    return new[0], moment.hold(new)


def lstm_step(moment, *, dot, bias, sigma, update, fused=False):
    """The output and the states that go on."""
    weights, x, (h, c) = moment.weights, moment.input_t, moment.states
    arrays = [weights.W, weights.U, *(b[:, np.newaxis] for b in (weights.b_W, weights.b_U))]
    if fused:
        gates = np.split(bias(dot, *arrays, x, h), 4)
    else:
        parts = zip(*(np.split(array, 4) for array in arrays), strict=True)
        gates = [bias(dot, *part, x, h) for part in parts]
    i, f, o = (sigma(gates[k]) for k in (0, 1, 3))
    c = CELL_STATES[update](i, f, np.tanh(gates[2]), c)
    new = (np.tanh(c) * o, c)
    return new[0], moment.hold(new)


def wide_step(moment):
    """The whole step in a wider format, each state rounded once."""
    dtype = moment.input_t.dtype
    wider = WIDER[dtype.name]
    p = type(moment.p)(**{
        name: value.astype(wider) if isinstance(value, np.ndarray) else value
        for name, value in vars(moment.p).items()
    })  # fmt: skip
    states = tuple(state.astype(wider) for state in moment.states)
    new = moment._replace(p=p, input_t=moment.input_t.astype(wider), states=states).equation()
    new = tuple(state.astype(dtype) for state in new)
    return new[0], moment.hold(new)


def as_run(step):
    """An implementation of a step."""

    def run(case):
        with np.errstate(all="ignore"):
            return layers(case, partial(recur, step))

    return run


PLAIN = {"dot": np.dot, "bias": torch_bias, "sigma": sigmoid}
GRU = {
    "plain": {"update": "convex"},
    "torch": {"update": "torch"},
    "from h": {"update": "from h"},
    "from n": {"update": "from n", "bias": folded_bias},
    "distributed z": {"update": "distributed", "sigma": stable},
    "distributed r": {"update": "convex", "distributed": True},
    "backwards": {"update": "convex", "dot": backwards},
    "one by one": {"update": "from h", "dot": one_by_one, "bias": bias_first},
    "pairwise": {"update": "torch", "dot": pairwise},
    "wide sums": {"update": "convex", "dot": wide},
    "folded": {"update": "convex", "bias": folded_bias},
    "bias first": {"update": "from n", "bias": bias_first, "sigma": stable},
    "side by side": {"update": "convex", "bias": side_by_side},
    "sigmoid by tanh": {"update": "from h", "sigma": by_tanh},
}
LSTM = {
    "plain": {"update": "forget first"},
    "input first": {"update": "input first"},
    "contracted": {"update": "contracted"},
    "stable sigmoid": {"update": "forget first", "sigma": stable},
    "backwards": {"update": "forget first", "dot": backwards},
    "one by one": {"update": "input first", "dot": one_by_one, "bias": bias_first},
    "pairwise": {"update": "contracted", "dot": pairwise},
    "wide sums": {"update": "forget first", "dot": wide},
    "folded": {"update": "forget first", "bias": folded_bias},
    "bias first": {"update": "contracted", "bias": bias_first, "sigma": stable},
    "side by side": {"update": "forget first", "bias": side_by_side},
    "fused gates": {"update": "forget first", "fused": True},
    "fused and folded": {"update": "input first", "fused": True, "bias": folded_bias},
    "sigmoid by tanh": {"update": "forget first", "sigma": by_tanh},
}
HONEST = {
    cell: {
        **{name: as_run(partial(step, **PLAIN | options)) for name, options in ways.items()},
        "wide inside": as_run(wide_step),
    }
    for cell, step, ways in (("gru", gru_step, GRU), ("lstm", lstm_step, LSTM))
}
