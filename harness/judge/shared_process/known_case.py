"""Has the judge judge a known mistake and the right outputs, to prove that it tells them apart."""

from dataclasses import replace
from functools import cache

import numpy as np

from harness.judge.calls.observe import assert_no_flushing
from harness.judge.calls.seal import opened, sealed
from harness.judge.judge import judge
from references.case import Case, CellWeights, Config, Outputs
from references.numpy_rnn import run

DISTURBED = "the judge was disturbed"


def _numbers(*shape: int) -> np.ndarray:
    """Dense numbers, no two alike, of which sums round."""
    count = int(np.prod(shape))
    numbers: np.ndarray = np.sin(np.arange(1, count + 1) * 1.7).reshape(shape)
    return numbers.astype("float32")


WEIGHTS = CellWeights(_numbers(3, 2), _numbers(3, 3), _numbers(3), -_numbers(3))
_case = Case(Config(2, 3), (WEIGHTS,), _numbers(2, 4, 2), _numbers(1, 2, 3))
_other = replace(_case, weights=(replace(WEIGHTS, U=WEIGHTS.U.T),))
CASE = sealed(_case)
RIGHT, WRONG = (sealed(Outputs(run(case).sequence)) for case in (_case, _other))


def trouble() -> str:
    """Says how the judge errs; empty where it catches the mistake and accepts what is right."""
    try:
        right = judge(opened(CASE), lambda _: opened(RIGHT), "probe", calls=1)
        wrong = judge(opened(CASE), lambda _: opened(WRONG), "probe", calls=1)
    except Exception as error:  # whatever was done to it
        return f"{DISTURBED}: on a known case it raised {type(error).__name__}"
    if wrong.kind != "differs":
        return f"{DISTURBED}: it misses a known mistake, a transposed U"
    if right.kind != "agrees":
        return f"{DISTURBED}: it rejects the hand-written loop"
    return ""


@cache
def assert_whole() -> None:
    """Raises RuntimeError where the judge errs before it has called any user's code: our defect.

    A thread that reads subnormal numbers as zero is none.
    """
    assert_no_flushing()
    if sentence := trouble():
        raise RuntimeError(
            f"{sentence}. rnn-parity cannot judge here; if nothing that it uses is replaced, as by "
            "a mock of np.tanh, please report it"
        )
