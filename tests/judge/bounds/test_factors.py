"""Factors: many weights are taken block by block, and that is all the difference."""

import numpy as np
import pytest

from harness.judge.bounds import factors
from harness.judge.bounds.enclosure import enclosed, point
from harness.judge.bounds.precision import PRECISIONS, SINGLE, gamma

FLOAT32 = PRECISIONS["float32"]


def test_terms_are_those_that_can_be_other_than_zero():
    values = np.zeros((4, 300))
    values[1, :7] = values[2] = -1
    radius = np.zeros_like(values)
    radius[3, ::2] = 2.0**-40
    assert factors.Factors(values, [0], FLOAT32).terms.tolist() == [[0], [7], [300], [0]]
    assert factors.Factors(values, [0], FLOAT32, radius).terms[3] == 150
    assert factors.Factors(np.ones((2, 300)), [0], FLOAT32).terms == 300
    many = np.ones((2, 70_000))  # more than two bytes count
    many[0, 0] = 0
    assert factors.Factors(many, [0], FLOAT32).terms.tolist() == [[69_999], [70_000]]


@pytest.mark.parametrize("scale", [1.0, 2.0**-130])
def test_many_weights_are_summed_as_few_are(scale, monkeypatch):
    rng = np.random.default_rng(3)
    W, U = (rng.integers(-3, 4, (9, k)).astype("float32") for k in (5, 4))
    W[4] *= np.float32(scale)  # perhaps subnormal
    x = rng.integers(-2, 3, (5, 6)).astype("float32")
    h = enclosed(rng.uniform(-1, 1, (4, 6)), rng.uniform(0, 1e-6, (4, 6)), FLOAT32)

    def both():
        whole = np.dot(point(W), point(x)) + np.dot(point(U), h)
        return [*whole.decide(), *np.dot(point(W), point(x)).decide()]

    few = both()
    monkeypatch.setattr(factors, "LARGE", 20)
    for ours, expected in zip(both(), few, strict=True):
        # At most nine terms, in orders of their own.
        np.testing.assert_allclose(ours, expected, rtol=2 * gamma(9, SINGLE.unit), atol=0)
    assert (few[4] == 0).any()


def test_a_sample_is_of_some_columns_of_each_part_with_several():
    values = np.full((2, 65), 0.1)
    values[1, ::16] = 3
    assert factors.Factors(values, [0, 32, 64], FLOAT32).sample.T.tolist() == [
        [True] * 8,
        [False, True] * 4,
    ]
    assert factors.Factors(values[:, 64:], [0], FLOAT32).sample.tolist() == [[True, False]]


def test_numbers_are_subnormal_wherever_they_stand_and_zeros_are_not():
    values = np.ones((2, 3))
    assert factors.Factors(values, [0], FLOAT32).subnormal is None
    values[0, 1] = 0
    assert factors.Factors(values, [0], FLOAT32).subnormal is None
    values[1, 2] = -FLOAT32.tiny / 2
    expected = [[0, 0, 0], [0, 0, FLOAT32.tiny / 2]]
    assert factors.Factors(values, [0], FLOAT32).subnormal.tolist() == expected
    radius = np.array([[0, 0, 0.5], [1, 0, 0]])
    expected[1][0] = FLOAT32.tiny
    assert factors.Factors(values, [0], FLOAT32, radius).subnormal.tolist() == expected
