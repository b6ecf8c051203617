"""Right implementations that compute in other ways: other orders, other precision inside, other right formulas."""

import numpy as np

from harness.mistakes.mistake import Edits, activate, run
from references.case import Case, Outputs


def terms(now):
    """Every product and both biases, (I + H + 2, H, B)."""
    products_W = now.weights.W.T[:, :, np.newaxis] * now.input_t[:, np.newaxis, :]
    products_U = now.weights.U.T[:, :, np.newaxis] * now.state_t[:, np.newaxis, :]
    biases = [
        np.broadcast_to(b[:, np.newaxis], products_W.shape[1:])[np.newaxis]
        for b in (now.weights.b_W, now.weights.b_U)
    ]
    return np.concatenate([products_W, products_U, *biases])


def summed(order):
    """The terms added one by one in that order."""

    def step(now):
        z = 0
        for term in order(terms(now)):
            z = z + term
        return activate(now, z)

    return step


def pairwise(now):
    rest = list(terms(now))
    while len(rest) > 1:
        rest = [a + b for a, b in zip(rest[::2], rest[1::2], strict=False)] + (
            [rest[-1]] if len(rest) % 2 else []
        )
    return activate(now, rest[0])


def blocked(now):
    all_terms = terms(now)
    return activate(
        now, sum(all_terms[start : start + 5].sum(axis=0) for start in range(0, len(all_terms), 5))
    )


def wider(dtype):
    """Computed in another format, rounded once a step."""

    def step(now):
        wide = now._replace(input_t=now.input_t.astype(dtype), states=(now.state_t.astype(dtype),))
        return activate(now, sum(terms(wide)))

    return step


def fused(now):
    """Multiply-add without rounding the product; in float64 the product's error is what long double leaves."""
    wide = np.float64 if now.input_t.dtype == np.float32 else np.longdouble
    z = (now.weights.b_W + now.weights.b_U)[:, np.newaxis] * np.ones_like(now.state_t)
    for weights, values in ((now.weights.W, now.input_t), (now.weights.U, now.state_t)):
        for column, value in zip(weights.T, values, strict=True):
            z = (column[:, np.newaxis].astype(wide) * value.astype(wide) + z).astype(z.dtype)
    return activate(now, z)


def one_product(now):
    """[W U] times [x; h]."""
    stacked = np.concatenate([now.weights.W, now.weights.U], axis=1)
    return activate(
        now,
        stacked @ np.concatenate([now.input_t, now.state_t])
        + (now.weights.b_W + now.weights.b_U)[:, np.newaxis],
    )


def row_by_row(now):
    columns = []
    for x, h in zip(now.input_t.T, now.state_t.T, strict=True):
        columns.append(
            activate(
                now, now.weights.W @ x + now.weights.U @ h + (now.weights.b_W + now.weights.b_U)
            )
        )
    return np.stack(columns, axis=1)


def keras_order(now):
    """(x K + b) + h R, batch first."""
    z = now.input_t.T @ now.weights.W.T + (now.weights.b_W + now.weights.b_U)
    return activate(now, z + now.state_t.T @ now.weights.U.T).T


def torch_order(now):
    """(W x + b_W) + (U h + b_U), by einsum."""
    left = np.einsum("hi,ib->hb", now.weights.W, now.input_t) + now.weights.b_W[:, np.newaxis]
    return activate(
        now,
        left
        + (np.einsum("hk,kb->hb", now.weights.U, now.state_t) + now.weights.b_U[:, np.newaxis]),
    )


def tanh_by_expm1(now):
    """tanh z = t / (t + 2) with t = exp(2|z|) - 1, by expm1; other activations as they are."""
    z = (
        now.weights.W @ now.input_t
        + now.weights.U @ now.state_t
        + (now.weights.b_W + now.weights.b_U)[:, np.newaxis]
    )
    if now.part.case.config.nonlinearity != "tanh":
        return activate(now, z)
    t = np.expm1(2 * np.minimum(np.abs(z), 40))
    return np.sign(z) * (t / (t + 2))


def sigmoid_and_tanh_rounded_once(now):
    """The activation in long double, rounded once."""
    z = (
        now.weights.W @ now.input_t
        + now.weights.U @ now.state_t
        + (now.weights.b_W + now.weights.b_U)[:, np.newaxis]
    )
    return activate(now, z.astype(np.longdouble))


def two_halves(case: Case) -> Outputs:
    """The sequence in two calls, the state carried; one layer, one direction, no mask."""
    if case.time == 1 or len(case.weights) > 1 or case.mask is not None or case.config.go_backwards:
        return run(case, Edits())
    half = case.time // 2
    first = run(Case(case.config, case.weights, case.inputs[:, :half], case.h_0), Edits())
    second = run(Case(case.config, case.weights, case.inputs[:, half:], first.h_n), Edits())
    return Outputs(np.concatenate([first.sequence, second.sequence], axis=1), second.h_n)


def stepping(step):
    return lambda case: run(case, Edits(step=lambda now: np.asarray(step(now))))


HONEST = {
    "left to right": stepping(summed(iter)),
    "right to left": stepping(summed(lambda all_terms: all_terms[::-1])),
    "shuffled": stepping(
        summed(lambda all_terms: np.random.Generator(np.random.PCG64(0)).permutation(all_terms))
    ),
    "pairwise": stepping(pairwise),
    "blocks of five": stepping(blocked),
    "float64 inside": stepping(wider(np.float64)),
    "long double inside": stepping(wider(np.longdouble)),
    "fused multiply-add": stepping(fused),
    "one product": stepping(one_product),
    "row by row": stepping(row_by_row),
    "Keras' order": stepping(keras_order),
    "torch's order, einsum": stepping(torch_order),
    "tanh by expm1": stepping(tanh_by_expm1),
    "activation rounded once": stepping(sigmoid_and_tanh_rounded_once),
    "two halves": two_halves,
}
