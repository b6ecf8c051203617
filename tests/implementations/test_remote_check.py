"""A user's check runs in its process, and what it checks in this one."""

import pytest

from harness import sample_cases
from harness.implementations.callee_process import Callee
from harness.implementations.remote_check import check_in
from references.numpy_rnn import run

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("mine")]


def test_a_users_check_runs_there_and_its_implementations_here():
    check = check_in(Callee("mine.py:check"), lambda: None)
    check(run)
    with pytest.raises(AssertionError, match="unequal"):
        check(lambda case: run(next(sample_cases(1, seed=5))))
    with pytest.raises(Exception, match="ZeroDivisionError"):
        check(lambda case: 1 / 0)
