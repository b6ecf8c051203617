"""An LSTM's c between the steps: never outside of its enclosure, narrowed by h, carried over
masks.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from harness.draw.generate import sample_cases
from harness.draw.limits import REGIMES
from harness.judge import carry, certificate
from harness.judge.carry import (
    _between,
    _narrow,
)
from harness.judge.certificate import certify
from harness.judge.judge import judge
from harness.judge.shown_by_h import Interval
from references.case import Case, CellWeights, Config, Outputs
from references.numpy_rnn import run
from tests.references.gated import FORMS, gated_case

DTYPES = ("float32", "float64")


@pytest.fixture(autouse=True)
def _as_certify_runs():
    with np.errstate(all="ignore"):
        yield


def memory(time: int, enters: float = -6, remembers: float = 7, dtype: str = "float32") -> Case:
    """One unit per gate that remembers: f near 1, |c| near 1, long."""
    rng = np.random.default_rng(1)
    H, I = 4, 3
    W, U = rng.uniform(-1, 1, (4 * H, I)) / 4, rng.uniform(-1, 1, (4 * H, H)) / 4
    b = np.zeros(4 * H)
    b[:H], b[H : 2 * H] = enters, remembers
    weights = CellWeights(*(array.astype(dtype) for array in (W, U, b)))
    inputs = rng.uniform(-1, 1, (1, time, I)).astype(dtype)
    config = Config(I, H, cell="lstm", dtype=dtype)
    return Case(config, (weights,), inputs, c_0=np.ones((1, 1, H), dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_c_of_a_better_evaluation_lies_inside(form, dtype):
    case = gated_case("lstm", dtype=dtype, time=30, gain=3, **form)
    outputs = run(case)
    for index, one in enumerate(certify(case, outputs.layers)):
        difference = np.abs(outputs.c_n[index].astype("float64") - one.c_n.centre)
        assert (difference <= one.c_n.radius).all()
        assert one.c_n.decided.all()


def test_h_keeps_c_narrow_in_a_long_memory():
    case = memory(2000)
    (one,) = certify(case, run(case).layers)
    assert one.c_n.radius.max() < 2e-5 * np.abs(one.c_n.centre).max()
    assert (one.enclosure.radius[:, -1] < 4 * one.enclosure.radius[:, 0].max()).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_c_n_that_is_h_n_differs_in_the_place_of_c(dtype):
    case = gated_case("lstm", dtype=dtype, num_layers=2, bidirectional=True)

    def wrong(case):
        outputs = run(case)
        return replace(outputs, c_n=outputs.h_n)

    verdict = judge(case, wrong)
    assert verdict.kind == "differs"
    assert str(verdict.first).startswith("c_n, layer 0, direction 0, batch 0, time 4, unit 0")
    assert verdict.wrong == run(case).c_n.size


@pytest.mark.slow
def test_each_number_of_c_n_is_judged_and_counted():
    case = gated_case("lstm", num_layers=2, bidirectional=True, masked_output="repeat")
    right = run(case)
    count = sum(layer.size for layer in right.layers)
    assert judge(case, lambda _: right, calls=1).outputs == count + right.c_n.size
    without = Outputs(right.sequence, right.h_n, right.layers)
    verdict = judge(case, lambda _: without, calls=1)
    assert (verdict.kind, verdict.outputs) == ("agrees", count)
    assert "final state h_n checked, c_n not" in str(verdict)
    for index in np.ndindex(right.c_n.shape):
        wrong = right.c_n.copy()
        wrong[index] *= 1 + 2.0**-20
        outputs = replace(right, c_n=wrong)
        verdict = judge(case, lambda _, outputs=outputs: outputs, calls=1)
        assert (verdict.kind, verdict.wrong) == ("differs", 1), index
        first = verdict.first
        assert (first.layer * 2 + first.direction, first.batch, first.unit) == index


def test_a_masked_row_has_the_c_that_it_started_with_exactly():
    case = gated_case("lstm", masked_output="zero")
    (one,) = certify(case, run(case).layers)
    assert np.array_equal(one.c_n.centre[-1], case.c_0[0, -1])
    assert not one.c_n.radius[-1].any()


def test_one_weight_that_is_off_is_caught_late_in_a_memory():
    case = memory(400, enters=-2, remembers=5)
    (weights,) = case.weights
    W = weights.W.copy()
    W[9, 0] *= 1 + 2.0**-10
    other = replace(case, weights=(replace(weights, W=W),))
    assert judge(case, lambda _: run(other), calls=1).kind == "differs"


LESS, MOST = 0.99, 1.5  # of a radius: a c before a step may be enclosed a bit otherwise


def of_an_lstm(regime):
    sizes = {"time": (10, 30), "hidden_size": (1, 9), "batch": (1, 4)}
    return sample_cases(3, 3, cell="lstm", dtype="float32", regimes=regime, **sizes)


def assert_alike(many, one_by_one):
    for one, other in zip(many, one_by_one, strict=True):
        for ours, theirs in ((one.enclosure, other.enclosure), (one.c_n, other.c_n)):
            same = (ours.radius == 0) == (theirs.radius == 0)
            inside = np.abs(ours.centre - theirs.centre) <= ours.radius - theirs.radius * LESS
            nearly = ours.radius <= theirs.radius * MOST
            assert (same & inside & nearly).all()
            assert np.array_equal(ours.decided, theirs.decided)


def certify_one_by_one(case, layers, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(certificate, "BLOCK", 1)
        patch.setattr(certificate, "ROWS", 1)
        return certify(case, layers)


@pytest.mark.slow
@pytest.mark.parametrize("regime", ["ternary", "chaotic", "saturated", "memory", "edge"])
def test_many_steps_at_once_are_enclosed_as_one_by_one(regime, monkeypatch):
    for case in of_an_lstm(regime):
        layers = run(case).layers
        assert_alike(certify(case, layers), certify_one_by_one(case, layers, monkeypatch))


@pytest.mark.parametrize("about", [(0, 1e-9), (1e3, 1e-3), (0, np.inf), (-1, 2)])
@pytest.mark.parametrize("regime", ["ternary", "chaotic", "memory"])
def test_nothing_rests_on_what_is_foreseen(regime, about, monkeypatch):
    def foresee(self):
        self.after[:] = np.reshape(about, (2, 1))
        self.stale[:] = False

    for case in of_an_lstm(regime):
        layers = run(case).layers
        one_by_one = certify_one_by_one(case, layers, monkeypatch)
        with monkeypatch.context() as patch:
            patch.setattr(carry._Steps, "_foresee", foresee)
            assert_alike(certify(case, layers), one_by_one)


def test_a_c_that_may_be_anything_stays_so_where_no_h_shows_it() -> None:
    """Its candidate overflows while the output gate is shut: its centre is 0, a guess too."""
    W = np.array([[0], [0], [1e30], [-1e-28]], "float32")
    inputs = np.array([[[1e30], [0], [0]]], "float32")
    case = Case(Config(1, 1, cell="lstm"), (CellWeights(W, np.zeros_like(W)),), inputs)
    (one,) = certify(case, run(case).layers)
    assert np.isposinf(one.enclosure.radius[0, 1])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("regime", REGIMES)
def test_what_is_foreseen_is_mostly_right(regime, dtype, monkeypatch):
    """Else steps are enclosed one by one, which is right as well, but slow."""
    rounds, enclose = [], carry._Steps._enclose

    def count(self, at):
        enclose(self, at)
        rounds.append(np.count_nonzero(self.stale))

    monkeypatch.setattr(carry._Steps, "_enclose", count)
    sizes = {"time": 100, "hidden_size": 48, "batch": 2, "masks": False}
    limits = {"cell": "lstm", "regimes": regime, "dtype": dtype, "bidirectional": False}
    (case,) = sample_cases(1, 3, num_layers=1, **limits, **sizes)
    certify(case, run(case).layers)
    assert len(rounds) <= 16


@pytest.mark.parametrize("low", [1.0, -3.0, 0.0, 5e-324, 1e300, 1 / 3])
@pytest.mark.parametrize("steps", [0, 1, 3, 1000])
def test_centre_and_radius_hold_both_bounds(low, steps):
    high = low
    for _ in range(steps):
        high = np.nextafter(high, np.inf)
    middle, half = (Fraction(float(one[0])) for one in _between(*np.array([[low], [high]])))
    assert middle - half <= Fraction(low) <= Fraction(float(high)) <= middle + half


def test_an_empty_part_keeps_the_whole_and_an_exact_c_stays_exact():
    from_h = Interval(np.array([2.0, -1.0]), np.array([3.0, 1.0]))
    centre, radius = _narrow(np.array([0.5, 0.25]), np.array([0.5, 0.0]), *from_h)
    assert centre.tolist() == [0.5, 0.25]
    assert radius.tolist() == [0.5, 0]
    centre, radius = _narrow(np.array([2.5, 0.0]), np.array([8.0, np.inf]), *from_h)
    assert centre.tolist() == [2.5, 0]
    assert 0.5 <= radius[0] < 0.5 + 1e-9
    assert 1 <= radius[1] < 1 + 1e-9
