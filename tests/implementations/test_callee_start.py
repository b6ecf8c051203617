"""The process of a user's function, started before anybody knows which."""

import pytest

from harness.implementations import callee_start
from harness.implementations.callee_process import Callee

pytestmark = pytest.mark.process


def test_the_first_function_gets_the_process_that_was_started_early(tmp_path):
    (tmp_path / "mine.py").write_text("def run(case): return case\n")
    callee_start.start_early()
    (early,) = callee_start._early
    first, second = (Callee(f"{tmp_path / 'mine.py'}:run") for _ in range(2))
    try:
        assert first._process is early is not second._process
        assert not callee_start._early
    finally:
        first.close()
        second.close()
