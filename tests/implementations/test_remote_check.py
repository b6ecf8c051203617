"""A user's check runs in its process, and what it checks in this one."""

import numpy as np
import pytest

from harness import sample_cases
from harness.implementations.callee_process import Callee
from harness.implementations.remote_check import check_in
from references.case import Outputs
from references.numpy_rnn import run

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("mine")]


def test_a_users_check_runs_there_and_its_implementations_here():
    check = check_in(Callee("mine.py:check"), lambda: None)
    check(run)
    with pytest.raises(AssertionError, match="unequal"):
        check(lambda case: run(next(sample_cases(1, seed=5))))
    with pytest.raises(Exception, match="ZeroDivisionError"):
        check(lambda case: 1 / 0)


def test_one_array_for_all_calls_is_one_array_there():
    buffer = np.zeros((1, 4, 3), np.float64)

    def fill(case):
        buffer[...] = run(case).sequence
        return Outputs(buffer)

    def fresh(case):
        return Outputs(run(case).sequence.astype(np.float64))

    check = check_in(Callee("mine.py:keeps"), lambda: None)
    check(fresh)
    with pytest.raises(AssertionError, match="an earlier output has changed"):
        check(fill)
