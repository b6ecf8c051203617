import numpy as np
import pytest

from harness.judge.certificate import certify


def test_the_four_lines_give_the_programs_bound(plain):
    """As the lesson says: the judge's own rounding is too little to see in float32; in float64 the sum's share counts twice."""
    for found, times in zip(plain.bounds, (1, 2), strict=True):
        n, u = found.terms, found.unit_roundoff
        assert found.gamma == n * u / (1 - n * u)
        lines = times * found.slope * found.gamma * found.magnitude + found.K * 2 * u * abs(
            found.expected
        )
        assert lines <= found.allowed <= lines * 1.01


def test_the_parts_are_those_of_the_step(plain):
    found, shown = plain.bounds[0], plain.single
    (cell,) = shown.case.weights
    x, h = shown.case.inputs[0, found.time].astype(float), shown.loop[found.time - 1].astype(float)
    terms = [
        *(cell.W[found.unit] * x),
        *(cell.U[found.unit] * h),
        cell.b_W[found.unit],
        cell.b_U[found.unit],
    ]
    assert len(terms) == found.terms == 98
    assert abs(np.sum(np.abs(terms)) - found.magnitude) < 1e-12
    assert abs(np.sum(terms) - found.sum) < 1e-12
    assert abs(np.tanh(found.sum) - found.expected) < 1e-15


def test_it_is_the_bound_by_which_the_judge_judges(plain):
    found, shown = plain.bounds[0], plain.single
    (certificate,) = certify(shown.case, [shown.loop[np.newaxis]])
    assert certificate.enclosure.radius[0, found.time, found.unit] == pytest.approx(
        found.allowed, rel=1e-12
    )  # another order of the sums
