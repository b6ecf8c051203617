"""Bounds of many products: a short way to a grid decides as the long one does."""

import numpy as np
import pytest

from harness.judge import product_bound as module
from harness.judge.enclosure import point


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("zeros", [0, 0.15, 0.9])
@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_a_look_at_some_columns_decides_as_a_look_at_every_product_does(
    dtype, zeros, share, monkeypatch
):
    """`share` of the rows are small integers, and the others of all bits."""
    random = np.random.default_rng(7)
    values = random.uniform(-1, 1, (3, 40, 6))  # W, x and h: of 40 inputs or states
    values[:, :, : round(6 * share)] = random.integers(-3, 4, (3, 40, round(6 * share)))
    values[random.random(values.shape) < zeros] = 0
    W, x, h = (point(one.astype(dtype)) for one in (values[0].T.copy(), *values[1:]))
    one = point(np.ones((6, 1), dtype))
    decisions = []
    for few in (0, 1 << 60):
        monkeypatch.setattr(module, "FEW", few)
        z = np.dot(point(W.observed), x) + np.dot(point(W.observed), h) + one
        decisions.append(z.decide()[1])
    assert np.array_equal(*decisions)
    some = (decisions[0] == 0).any()
    assert some or share < 1
    assert not some or share or zeros > 0.5
