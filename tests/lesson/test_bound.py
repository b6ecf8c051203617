import numpy as np
import pytest
from flint import arb, ctx, fmpq

from harness.judge.certificate import certify
from harness.lesson.bound import true_output


def test_the_parts_give_the_programs_bound(plain):
    for bound in plain.bounds:
        n, u = bound.terms, bound.unit_roundoff
        assert bound.gamma == n * u / (1 - n * u)
        assert bound.own_gamma == n * 2.0**-53 / (1 - n * 2.0**-53)
        assert bound.from_sum + bound.from_tanh == pytest.approx(bound.allowed, rel=1e-4)


def test_the_parts_are_those_of_the_step(plain):
    bound, single = plain.bounds[0], plain.single
    (cell,) = single.case.weights
    x, h = single.case.inputs[0, bound.time], single.loop[bound.time - 1]
    terms = [*(cell.W[bound.unit] * x.astype(float)), *(cell.U[bound.unit] * h.astype(float))]
    terms += [cell.b_W[bound.unit]]
    assert len(terms) == bound.terms == 97
    assert abs(np.sum(np.abs(terms)) - bound.magnitude) < 1e-12
    assert abs(np.sum(terms) - bound.sum) < 1e-12
    assert abs(np.tanh(bound.sum) - bound.expected) < 1e-15


def rational(number):
    return fmpq(*float(number).as_integer_ratio())


@pytest.fixture
def _many_bits(monkeypatch):
    monkeypatch.setattr(ctx, "prec", 300)


@pytest.mark.usefixtures("_many_bits")
def test_the_loops_output_is_compared_with_the_true_one_and_not_with_itself(plain):
    """float64's own tanh would be the loop's: their difference was 0."""
    for bound, experiment in zip(plain.bounds, (plain.single, plain.double), strict=True):
        (cell,) = experiment.case.weights
        values = [*experiment.case.inputs[0, bound.time], *experiment.loop[bound.time - 1]]
        weights = [*cell.W[bound.unit], *cell.U[bound.unit]]
        pairs = [*zip(weights, values, strict=True), (cell.b_W[bound.unit], 1.0)]
        exact = sum(rational(weight) * rational(value) for weight, value in pairs)
        actual = rational(experiment.loop[bound.time, bound.unit])
        difference = abs(arb(exact).tanh() - arb(actual))
        assert bound.difference == pytest.approx(float(difference.mid()), rel=1e-12)
        assert bound.difference > 0
        assert bound.difference < bound.allowed


def test_a_true_output_has_many_digits():
    assert str(true_output([1.0], [0.5])).startswith("0.462117157260009758502318483643672548")


def test_it_is_the_bound_by_which_the_judge_judges(plain):
    """But for a second bias, which is 0: the judge may count it as a term."""
    bound, single = plain.bounds[0], plain.single
    (certificate,) = certify(single.case, [single.loop[np.newaxis]])
    radius = certificate.enclosure.radius[0, bound.time, bound.unit]
    assert bound.allowed * (1 - 2.0**-20) <= radius <= bound.allowed * 98.5 / 97
