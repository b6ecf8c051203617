"""Every trick in the judge's own process: by `check`, and by `verify` of a function.

None agrees, each has its sentence, and who comes next is judged rightly.
"""

import os
import signal
import sys

import numpy as np
import pytest

from harness import Mismatch, check, sample_cases, verify
from harness.judge.shared_process import guarded
from references.numpy_rnn import run
from tests.hostile.tricks import TRICKS

PLAIN = {
    "num_layers": 1, "bidirectional": False, "go_backwards": False, "masks": False,
    "nonlinearity": "tanh", "dtype": "float32", "cell": "rnn", "regimes": "contracting",
    "time": (2, 6), "hidden_size": (2, 6),
}  # fmt: skip
SETTINGS = ("tanh", "dot", "abs", "count_nonzero", "errstate")
SLOW = ("walks_the_collector",)  # each of its calls looks at all objects there are
RINGS = ((), pytest.mark.deep, pytest.mark.deep)
BEFORE = {name: getattr(np, name) for name in SETTINGS}


@pytest.fixture(autouse=True)
def _own_signals():
    handler = signal.getsignal(signal.SIGALRM)
    environment, limit = dict(os.environ), sys.getrecursionlimit()
    errors = np.geterr()
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, handler)
    os.environ.clear()
    os.environ.update(environment)
    sys.setrecursionlimit(limit)
    np.seterr(**errors)


def as_before():
    """Whether all that the judge uses is its own again."""
    return guarded.disturbance() == "" and all(
        getattr(np, name) is value for name, value in BEFORE.items()
    )


def test_there_are_thirty_tricks():
    assert len(TRICKS) >= 30


@pytest.mark.parametrize("name", TRICKS)
def test_check_catches_the_trick(name):
    trick, kind, sentence = TRICKS[name]
    case = next(sample_cases(1, 1, **PLAIN))
    with pytest.raises(Mismatch) as raised:
        check(case, trick)
    verdict = raised.value.verdict
    assert (verdict.kind, sentence in verdict.reason) == (kind, True), verdict.reason
    assert str(raised.value)  # the diagnosis calls it again
    assert as_before()
    assert check(case, run).kind == "agrees"


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.long if name in SLOW else RINGS[at % 3])
        for at, name in enumerate(TRICKS)
    ],
)
def test_verify_catches_the_trick(name):
    trick, kind, sentence = TRICKS[name]
    report = verify(trick, run, examples=4, **PLAIN)
    assert report.exit_status == 1
    wrong, right = report.summaries
    assert wrong.counts[kind]
    reasons = {verdict.reason for verdict in report.verdicts}
    assert any(sentence in reason for reason in reasons), reasons
    assert right.counts == {"agrees": 4}
    assert as_before()
