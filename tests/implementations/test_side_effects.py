"""What a call leaves behind: said, and restored."""

import os
import random
import subprocess
import sys

import numpy as np
import pytest

from harness.draw.generate import sample_cases
from harness.implementations import side_effects
from harness.implementations.side_effects import watch
from harness.judge.calls.observe import LeftBehind
from references.numpy_rnn import run
from tests.campaign import hostile
from tests.campaign.conftest import ENVIRONMENT


@pytest.fixture(autouse=True)
def _output_is_pytests(monkeypatch):
    monkeypatch.setattr(side_effects, "_drop_output", lambda: False)


@pytest.mark.slow
def test_what_changes_for_all_is_told_and_put_back():
    before = np.geterr()
    case = next(sample_cases(1))
    with pytest.raises(
        LeftBehind, match="it changed NumPy's error state, which concerns all that runs after it"
    ):
        watch(hostile.errstate)(case)
    assert np.geterr() == before
    random.seed(1)
    random.random()  # as each call does before it is watched
    state = random.getstate()
    random.seed(1)
    with pytest.raises(LeftBehind, match="it seeded Python's random numbers"):
        watch(hostile.seeds)(case)
    assert random.getstate() == state


@pytest.mark.parametrize("module", [random, np.random], ids=["Python", "NumPy"])
def test_a_seed_is_told_in_every_call_though_an_earlier_one_set_the_same(module):
    def seeds(case):
        module.seed(0)
        return run(case)

    case = next(sample_cases(1))
    seeds(case)  # by nobody watched
    for _ in range(3):
        with pytest.raises(LeftBehind, match="random numbers"):
            watch(seeds)(case)


def test_draws_alone_are_no_side_effect():
    def draws(case):
        random.random()
        np.random.normal(size=1000)
        return run(case)

    case = next(sample_cases(1))
    for _ in range(3):
        watch(draws)(case)


def test_what_it_raises_itself_is_not_hidden_where_nothing_else_is_wrong():
    with pytest.raises(ValueError, match="the size"):
        watch(hostile.raises)(next(sample_cases(1)))


@pytest.mark.process
def test_what_is_printed_takes_no_room():
    program = (
        "import os; from harness.implementations import side_effects\n"
        "for _ in range(3):\n"
        "    side_effects._drop_output()\n"
        "    os.write(1, b'x' * 1000)\n"
        "    assert side_effects._drop_output()\n"
        "    assert not side_effects._drop_output()\n"
        "assert os.fstat(1).st_size == 0"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=ENVIRONMENT)


@pytest.mark.process
@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_copy_that_a_call_makes_ends_where_the_call_returns():
    own, copies, (case,) = os.getpid(), [], sample_cases(1)

    def forks(case):
        copies.append(os.fork())
        return run(case)

    watch(forks)(case)
    if os.getpid() != own:
        os._exit(7)  # it came through
    assert os.waitpid(copies[0], 0)[1] == 0
