"""The mission over everything that can be drawn.

What an implementation cannot do it refuses, and never half of it.
"""

from collections import Counter

import pytest
from hypothesis import given, reject, settings

from harness import Refused, cases, check, sample_cases
from harness.judge.judge import judge

CELLS = ("rnn", "gru", "lstm")


@pytest.mark.deep
@given(case=cases(cell=CELLS))
@settings(max_examples=20)
def test_what_is_not_refused_is_identical(fast_implementation, case):
    try:
        check(case, fast_implementation)
    except Refused:
        reject()


@pytest.mark.parametrize("cell", CELLS)
def test_each_implementation_agrees_on_sampled_cases_and_refuses_only_what_it_cannot_do(
    fast_implementation, cell
):
    count = 12 if cell == "rnn" else 8
    drawn = sample_cases(count, seed=1, cell=cell)
    verdicts = [judge(case, fast_implementation, "it") for case in drawn]
    kinds = Counter(verdict.kind for verdict in verdicts)
    assert set(kinds) <= {"agrees", "refused"}, [
        str(verdict) for verdict in verdicts if verdict.kind not in ("agrees", "refused")
    ]
    assert kinds["agrees"] > count // 3
    for verdict in verdicts:
        if verdict.kind == "refused":
            assert can_be_refused(verdict.case), verdict


def can_be_refused(case):
    """Some framework has no such layer."""
    config = case.config
    return (
        config.nonlinearity not in ("tanh", "relu")
        or config.go_backwards
        or case.mask is not None
        or not config.reset_after
    )
