"""No unlucky but right evaluation of a gated cell is outside, and what is called exact is."""

import numpy as np
import pytest

from harness import sample_cases
from harness.draw.limits import REGIMES
from harness.judge.judge import judge
from tests.judge import adversary
from tests.judge.adversary import Adversary, extreme_case

LIMITS = {
    "time": (1, 6),
    "batch": (1, 2),
    "hidden_size": (1, 4),
    "input_size": (1, 4),
    "num_layers": 1,
    "bidirectional": False,
    "go_backwards": False,
    "masks": False,
}
CELLS = [
    {"cell": "gru", "reset_after": True},
    {"cell": "gru", "reset_after": False},
    {"cell": "lstm"},
]


def evaluations(count, seed, **limits):
    """How many outputs were judged, and how many of them were exact; none may be outside."""
    return judged(sample_cases(count, seed, **LIMITS | limits))


def judged(cases):
    """The same of any cases."""
    outputs = exact = 0
    worst = 0.0
    for index, case in enumerate(cases):
        actual = Adversary(case, index).run()
        verdict = judge(case, lambda _, actual=actual: actual, calls=1)
        assert verdict.kind in ("agrees", "inconclusive"), verdict
        outputs += verdict.outputs
        exact += verdict.exact
        worst = max(worst, verdict.worst_ratio)
    return outputs, exact, worst


@pytest.mark.slow
@pytest.mark.parametrize("fields", CELLS, ids=str)
def test_no_unlucky_evaluation_is_outside(fields):
    outputs, exact, worst = evaluations(90, 1, **fields)
    assert outputs > 1000
    assert exact > 0
    assert worst > 0.3, "the adversary is too lucky to show anything"


@pytest.mark.deep
@pytest.mark.parametrize("fields", CELLS, ids=str)
@pytest.mark.parametrize("regime", [name for name, kinds in REGIMES.items() if "gru" in kinds])
def test_no_unlucky_evaluation_of_a_regime_is_outside(fields, regime):
    outputs, _, worst = evaluations(40, 2, **fields, regimes=regime)
    print(f"{fields} {regime}: {outputs} evaluations, worst ratio {worst:.3f}")


@pytest.mark.parametrize("fields", CELLS, ids=str)
def test_an_adversary_beyond_k_is_outside(fields, monkeypatch):
    monkeypatch.setattr(adversary, "OFF", {"sigmoid": 2**12, "tanh": 2**12})
    with pytest.raises(AssertionError, match="differs"):
        evaluations(20, 1, **fields, regimes="contracting")


def extremes(count, fields, dtype, first=0):
    """Evaluations near overflow and underflow; none may be outside."""
    with np.errstate(all="ignore"):
        cases = [extreme_case(fields, dtype, seed) for seed in range(first, first + count)]
    return judged(cases)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("fields", CELLS, ids=str)
def test_no_unlucky_evaluation_near_overflow_and_underflow_is_outside(fields, dtype):
    outputs, exact, _ = extremes(20, fields, dtype)
    assert outputs > 100
    assert exact > 0


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("fields", CELLS, ids=str)
def test_none_of_many_near_overflow_and_underflow_is_outside(fields, dtype):
    outputs, exact, worst = extremes(400, fields, dtype, 1000)
    print(f"{fields} {dtype}: {outputs} evaluations, {exact} exact, worst ratio {worst:.3f}")
