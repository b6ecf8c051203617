"""Right implementations that compute in other orders, in wider formats, or by other formulas."""

from functools import reduce

import numpy as np

from harness.mistakes.mistake import Edits, pre_activation, run
from references.case import Case, Outputs


def terms(now):
    """Every product and both biases, (I + H + 2, H, B)."""
    products_W = now.weights.W.T[:, :, np.newaxis] * now.input_t[:, np.newaxis, :]
    products_U = now.weights.U.T[:, :, np.newaxis] * now.state_t[:, np.newaxis, :]
    biases = [np.broadcast_to(b, products_W.shape[1:]) for b in (now.p.b_W_h, now.p.b_U_h)]
    return np.concatenate([products_W, products_U, biases])


def summed(order):
    """The terms added one by one in that order."""
    return lambda now: reduce(np.add, order(terms(now)), 0)


def shuffled(all_terms):
    return np.random.Generator(np.random.PCG64(0)).permutation(all_terms)


def pairwise(now):
    rest = list(terms(now))
    while len(rest) > 1:
        odd = rest[-1:] if len(rest) % 2 else []
        rest = [a + b for a, b in zip(rest[::2], rest[1::2], strict=False)] + odd
    return rest[0]


def blocked(now):
    each = terms(now)
    return sum(each[start : start + 5].sum(axis=0) for start in range(0, len(each), 5))


def wider(dtype):
    """Computed in another format, rounded once a step."""

    def z(now):
        wide = now._replace(input_t=now.input_t.astype(dtype), states=(now.state_t.astype(dtype),))
        return sum(terms(wide))

    return z


def fused(now):
    """Multiply-add without rounding the product.

    In float64 the product's error is what long double leaves.
    """
    wide = np.float64 if now.input_t.dtype == np.float32 else np.longdouble
    z = now.p.b_h * np.ones_like(now.state_t)
    for weights, values in ((now.weights.W, now.input_t), (now.weights.U, now.state_t)):
        for column, value in zip(weights.T, values, strict=True):
            z = (column[:, np.newaxis].astype(wide) * value.astype(wide) + z).astype(z.dtype)
    return z


def one_product(now):
    """[W U] times [x; h]."""
    stacked = np.concatenate([now.weights.W, now.weights.U], axis=1)
    return stacked @ np.concatenate([now.input_t, now.state_t]) + now.p.b_h


def row_by_row(now):
    W, U, b = now.weights.W, now.weights.U, now.p.b_h[:, 0]
    rows = zip(now.input_t.T, now.state_t.T, strict=True)
    return np.stack([W @ x + U @ h + b for x, h in rows], axis=1)


def keras_order(now):
    """(x K + b) + h R, batch first."""
    z = now.input_t.T @ now.weights.W.T + now.p.b_h[:, 0]
    return (z + now.state_t.T @ now.weights.U.T).T


def torch_order(now):
    """(W x + b_W) + (U h + b_U), by einsum."""
    left = np.einsum("hi,ib->hb", now.weights.W, now.input_t) + now.p.b_W_h
    return left + (np.einsum("hk,kb->hb", now.weights.U, now.state_t) + now.p.b_U_h)


def rounded_once(now):
    """The activation in long double."""
    return pre_activation(now).astype(np.longdouble)


def tanh_by_expm1(now):
    """tanh z = t / (t + 2) with t = exp(2|z|) - 1, by expm1; other activations as they are."""
    z = pre_activation(now)
    if now.part.case.config.nonlinearity != "tanh":
        return now.p.activation(z)
    t = np.expm1(2 * np.minimum(np.abs(z), 40))
    return np.sign(z) * (t / (t + 2))


def two_halves(case: Case) -> Outputs:
    """The sequence in two calls, the state carried; one layer, one direction, no mask."""
    if case.time == 1 or len(case.weights) > 1 or case.mask is not None or case.config.go_backwards:
        return run(case)
    half = case.time // 2
    first = run(Case(case.config, case.weights, case.inputs[:, :half], case.h_0))
    second = run(Case(case.config, case.weights, case.inputs[:, half:], first.h_n))
    return Outputs(np.concatenate([first.sequence, second.sequence], axis=1), second.h_n)


def by_step(step):
    return lambda case: run(case, Edits(step=step))


def by_sum(z):
    """A step that computes the pre-activation in another way."""
    return by_step(lambda now: now.p.activation(z(now)))


HONEST = {
    "left to right": by_sum(summed(iter)),
    "right to left": by_sum(summed(reversed)),
    "shuffled": by_sum(summed(shuffled)),
    "pairwise": by_sum(pairwise),
    "blocks of five": by_sum(blocked),
    "float64 inside": by_sum(wider(np.float64)),
    "long double inside": by_sum(wider(np.longdouble)),
    "fused multiply-add": by_sum(fused),
    "one product": by_sum(one_product),
    "row by row": by_sum(row_by_row),
    "Keras' order": by_sum(keras_order),
    "torch's order, einsum": by_sum(torch_order),
    "tanh by expm1": by_step(tanh_by_expm1),
    "activation rounded once": by_sum(rounded_once),
    "two halves": two_halves,
}
