"""Factors: many weights are taken block by block, and that is all the difference."""

import numpy as np
import pytest

from harness.judge import factors
from harness.judge.enclosure import enclosed, point
from harness.judge.precision import PRECISIONS


@pytest.mark.parametrize("scale", [1.0, 2.0**-130])
def test_many_weights_are_summed_as_few_are(scale, monkeypatch):
    rng = np.random.default_rng(3)
    W, U = (rng.integers(-3, 4, (9, k)).astype("float32") for k in (5, 4))
    W[4] *= np.float32(scale)  # perhaps subnormal
    x = rng.integers(-2, 3, (5, 6)).astype("float32")
    h = enclosed(rng.uniform(-1, 1, (4, 6)), rng.uniform(0, 1e-6, (4, 6)), PRECISIONS["float32"])

    def both():
        whole = np.dot(point(W), point(x)) + np.dot(point(U), h)
        return [*whole.decide(), *np.dot(point(W), point(x)).decide()]

    few = both()
    monkeypatch.setattr(factors, "LARGE", 20)
    for ours, expected in zip(both(), few, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-15, atol=0)
    assert (few[4] == 0).any()
