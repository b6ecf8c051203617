"""The sizes for which a verdict holds, in words."""

from collections import Counter

import pytest

from harness.draw.generate import cases_at
from harness.draw.large import LARGE
from harness.draw.limits import limits
from harness.runs.reach import large_text, range_text, reach_at

REACH = Counter(time=40, batch=4, input_size=32, hidden_size=64, num_layers=3)


@pytest.mark.parametrize(
    ("reach", "allowed", "text"),
    [
        (REACH, {}, "T up to 40, B up to 4, I up to 32, H up to 64, up to 3 layers"),
        (
            REACH,
            {"time": (9, 50)},
            "T from 9 to 40, B up to 4, I up to 32, H up to 64, up to 3 layers",
        ),
        (REACH, {"hidden_size": 64}, "T up to 40, B up to 4, I up to 32, H = 64, up to 3 layers"),
        (REACH, {"batch": [4, 9]}, "T up to 40, B = 4, I up to 32, H up to 64, up to 3 layers"),
        (Counter(time=2, num_layers=1), {"num_layers": 1}, "T up to 2, 1 layer"),
        (Counter(num_layers=3), {"num_layers": (3, 2)}, "from 2 to 3 layers"),
        (Counter(), {}, ""),
    ],
)
def test_the_range_in_words(reach, allowed, text):
    assert range_text(reach, allowed) == text


def test_large_sizes_in_words():
    assert large_text(Counter(hidden_size=288, num_layers=5)) == "H = 288, 5 layers"
    assert large_text(Counter(num_layers=5, time=200)) == "T = 200, 5 layers"
    assert large_text(Counter()) == ""


def test_the_sizes_are_those_of_the_case():
    allowed = limits(cell=("rnn", "gru", "lstm"))
    indices = [*range(30), *range(LARGE, LARGE + 10)]
    for index, case in zip(indices, cases_at(indices, 0, allowed), strict=True):
        cell, sizes, wall = reach_at(index, 0, allowed)
        assert cell == case.config.cell
        assert sizes["time"] == case.time
        assert sizes["batch"] == case.batch
        for name in ("input_size", "hidden_size", "num_layers"):
            assert sizes[name] == getattr(case.config, name)
        assert bool(wall) == (index >= LARGE)
