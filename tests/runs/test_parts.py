"""Rows of one cell: their cases are their own, and the others' are what they were without them."""

import pytest

from harness.runs.batches import judge_block
from harness.runs.parts import Examples, Parts, drawable, within
from references.numpy_rnn import run

SMALL = {"time": (1, 3), "batch": (1, 2), "hidden_size": (1, 3), "input_size": (1, 3)}
NAMES = ("torch", "torch gru", "mine.py:run", "keras lstm", "keras/graph lstm")
EXAMPLES = Examples(7, 3)


def finished(names=NAMES, unusable=(), wrong=()):
    """The parts after all rounds; the `wrong` names give zeros."""
    own = {name: {} for name in names if name not in unusable}
    parts = Parts(names, own, EXAMPLES, 5, SMALL, {})
    indices = {name: [] for name in names}
    runs = {name: (lambda case: run(case).sequence * 0) if name in wrong else run for name in names}
    for group in parts.groups:
        while blocks := list(parts.next_round(group)):
            for row in (row for block in blocks for row in judge_block(block, runs)):
                parts.add(row)
                parts.learn(row)
                indices[row.verdict.implementation].append(row.at)
    return parts, indices


@pytest.mark.slow
def test_each_row_is_judged_on_its_own_number_of_cases_of_its_cell():
    parts, indices = finished()
    assert parts.groups == ["torch", "mine.py:run", "keras"]
    assert list(parts.summaries) == ["torch", "mine.py:run", "torch gru", *NAMES[3:]]
    assert {name: len(own) for name, own in indices.items()} == {
        **dict.fromkeys(("torch", "mine.py:run"), 7),
        **dict.fromkeys(("torch gru", "keras lstm", "keras/graph lstm"), 3),
    }
    cells = {name: dict(summary.cells) for name, summary in parts.summaries.items()}
    assert cells["torch"] == {"rnn": 7}
    assert cells["torch gru"] == {"gru": 3}
    assert cells["keras/graph lstm"] == {"lstm": 3}
    assert parts.shares == {"gru": 3, "lstm": 3}
    assert set(parts.scopes(False)) == set(NAMES)
    assert set(parts.sights(["torch gru"])) == {"torch gru"}
    assert parts.untried() == {}
    assert [verdict.case.config.cell for verdict in parts.verdicts()].count("lstm") == 6


def test_rows_without_a_cell_meet_the_cases_of_a_run_without_the_others():
    alone, with_others = finished(("torch",))[0], finished()[0]
    assert alone.shares == {}
    cases = [verdict.case.origin for verdict in alone.verdicts()]
    own = [one.case.origin for one in with_others.verdicts() if one.implementation == "torch"]
    assert cases == own
    assert alone.summaries["torch"] == with_others.summaries["torch"]


def test_a_failure_is_that_of_its_own_row():
    parts, _ = finished(wrong=("keras lstm",))
    assert [bool(parts.failures(name)) for name in NAMES] == [False, False, False, True, False]


def test_what_cannot_be_used_is_in_no_search_but_has_a_row():
    parts, indices = finished(unusable=("mine.py:run",))
    assert parts.groups == ["torch", "keras"]
    assert indices["mine.py:run"] == []
    assert "mine.py:run" in parts.summaries
    assert "mine.py:run" not in parts.scopes(False)


@pytest.mark.parametrize(
    ("values", "possible"),
    [
        ({}, True),
        ({"dtype": "float64"}, True),
        ({"regimes": "memory"}, True),
        ({"nonlinearity": "relu"}, False),
        ({"cell": "rnn"}, False),
        ({"cell": ("gru", "lstm")}, False),
        ({"reset_after": False}, False),
    ],
)
def test_which_limits_leave_cases_of_an_lstm_beside_the_others(values, possible):
    assert drawable("lstm", values) is possible
    assert within("lstm", {"time": 3}) == {"time": 3, "cell": "lstm"}
    assert within("", {"time": 3}) == {"time": 3}
