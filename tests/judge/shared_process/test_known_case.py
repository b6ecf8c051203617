"""The probe: the judge catches a known mistake; where it does not, that is said, and never passes
for agreement.
"""

import pytest

import harness.judge.compare
from harness.judge.shared_process import known_case as probe
from harness.judge.shared_process.known_case import assert_whole, trouble


@pytest.fixture(autouse=True)
def _anew():
    assert_whole.cache_clear()
    yield
    assert_whole.cache_clear()


def test_the_judge_is_whole():
    assert trouble() == ""
    assert assert_whole() is None


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (lambda *_: ("agrees", ""), "it misses a known mistake, a transposed U"),
        (lambda *_: ("inconclusive", ""), "it misses a known mistake, a transposed U"),
        (lambda *_: ("differs", ""), "it rejects the hand-written loop"),
        (lambda *_: 1 / 0, "on a known case it raised ZeroDivisionError"),
    ],
)
def test_a_judge_that_errs_is_a_defect_of_ours_before_any_call(outcome, sentence, monkeypatch):
    monkeypatch.setattr(harness.judge.compare, "_outcome", outcome)
    assert trouble() == f"the judge was disturbed: {sentence}"
    with pytest.raises(RuntimeError, match=sentence) as raised:
        assert_whole()
    assert "as by a mock of np.tanh, please report it" in str(raised.value)


def test_the_judge_is_tested_once_before_user_code(monkeypatch):
    looks = []
    monkeypatch.setattr(probe, "trouble", lambda: looks.append(1) or "")
    assert_whole()
    assert_whole()
    assert looks == [1]
