import numpy as np
import pytest

from harness.judge.certificate import certify


def test_the_four_lines_give_the_programs_bound(plain):
    """The judge's own rounding does not show in float32, and counts the sum twice in float64."""
    for bound, times in zip(plain.bounds, (1, 2), strict=True):
        n, u = bound.terms, bound.unit_roundoff
        assert bound.gamma == n * u / (1 - n * u)
        lines = times * bound.slope * bound.gamma * bound.magnitude
        lines += bound.K * 2 * u * abs(bound.expected)
        assert lines <= bound.allowed <= lines * 1.01


def test_the_parts_are_those_of_the_step(plain):
    bound, single = plain.bounds[0], plain.single
    (cell,) = single.case.weights
    x, h = single.case.inputs[0, bound.time], single.loop[bound.time - 1]
    terms = [*(cell.W[bound.unit] * x.astype(float)), *(cell.U[bound.unit] * h.astype(float))]
    terms += [cell.b_W[bound.unit], cell.b_U[bound.unit]]
    assert len(terms) == bound.terms == 98
    assert abs(np.sum(np.abs(terms)) - bound.magnitude) < 1e-12
    assert abs(np.sum(terms) - bound.sum) < 1e-12
    assert abs(np.tanh(bound.sum) - bound.expected) < 1e-15
    assert bound.actual == single.loop[bound.time, bound.unit]


def test_it_is_the_bound_by_which_the_judge_judges(plain):
    bound, single = plain.bounds[0], plain.single
    (certificate,) = certify(single.case, [single.loop[np.newaxis]])
    radius = certificate.enclosure.radius[0, bound.time, bound.unit]
    assert radius == pytest.approx(bound.allowed, rel=1e-12)  # another order of the sums
