"""A worker from its start to its end, as the process sees it that started it."""

import os
import sys

import pytest

from harness.runs.process import Process

pytestmark = pytest.mark.process


def loaded(name):
    return name in sys.modules


def early():
    from harness.runs.callee_start import _early

    return len(_early)


@pytest.mark.parametrize("for_user", [False, True])
def test_it_loads_the_judge_and_if_need_be_starts_a_functions_process(for_user):
    process = Process(60.0, for_user=for_user)
    try:
        assert process.ask(loaded, "harness.judge.judge") == (True, True)
        assert process.ask(early) == (True, int(for_user))
        assert process.ask(os.getpid) == (True, process.watchdog._process.pid)
    finally:
        process.end("was stopped")
