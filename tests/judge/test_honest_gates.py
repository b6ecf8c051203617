"""No right evaluation of a GRU or an LSTM is accused, whatever its order and its forms."""

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from references.numpy_rnn import run
from tests.judge.honest_gates import HONEST

WAYS = [(cell, name) for cell, ways in HONEST.items() for name in ways]


def accused(cell, name, count, seed, **limits):
    """The verdicts that differ."""
    verdicts = (
        judge(case, HONEST[cell][name], calls=1)
        for case in sample_cases(count, seed, cell=cell, **limits)
    )
    return [verdict for verdict in verdicts if verdict.kind == "differs"]


@pytest.mark.parametrize(("cell", "name"), WAYS)
def test_none_of_a_few_small_cases_is_accused(cell, name):
    assert not accused(cell, name, 10, 1, time=(1, 12), hidden_size=(1, 12), input_size=(1, 12))


@pytest.mark.long
@pytest.mark.parametrize(("cell", "name"), WAYS)
def test_none_of_two_thousand_cases_is_accused(cell, name):
    assert not accused(cell, name, 2000, 2)


@pytest.mark.parametrize("cell", HONEST)
def test_the_ways_really_differ_from_the_loop(cell):
    (case,) = sample_cases(1, 3, cell=cell, regimes="chaotic", time=20, hidden_size=33, batch=4)
    other = {
        name: int(np.count_nonzero(way(case).sequence != run(case).sequence))
        for name, way in HONEST[cell].items()
    }
    assert sum(count > 0 for count in other.values()) >= len(other) - 2, other
