"""The limits of functions and of references: their own, those that they share, and a run's."""

import re
from pathlib import Path

import pytest

from harness import verify
from harness.implementations.find import Unusable
from harness.implementations.own_limits import (
    limits_of_row,
    merge_limits,
    own_limits,
    shared_limits,
    takes_all,
    with_form,
)
from harness.implementations.resolve import resolve
from references import REFERENCES, load
from references.form import Form

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.mark.parametrize("others", [(), ("numpy",)])
def test_own_limits_that_cannot_be_are_refused_with_the_names_of_those_that_are(
    others: tuple[str, ...],
) -> None:
    text = "def run(case): return None\nrun.limits = {'num_layer': 1}\n"
    Path("mine_limits.py").write_text(text)
    name, sentence = "mine_limits.py:run", "num_layer is no limit; the limits are .*num_layers"
    report = verify(name, *others, examples=1)
    ((finding,),) = report.findings.values()
    assert re.match(f"the limits of {name} are wrong: {sentence}", finding.first.reason)
    assert (finding.first.phase, report.exit_status) == ("import", 1)
    with pytest.raises(Unusable, match=sentence):
        own_limits(*resolve(name))


def test_limits_that_all_functions_have_are_theirs() -> None:
    assert shared_limits([{"time": 3}, {"time": 3}]) == {"time": 3}
    assert shared_limits([{"time": 3}, {}]) == {}
    assert shared_limits([{"time": 3, "batch": 1}, {"time": 3, "batch": 2, "bias": False}]) == {
        "time": 3
    }
    assert shared_limits([]) == {}
    assert merge_limits(["x"], {"time": 3, "batch": 2}, {"time": 4}) == {"time": 4, "batch": 2}


def test_limits_of_one_cell_are_shared_by_those_who_have_it() -> None:
    gru = {"cell": "gru", "reset_after": False, "dtype": "float64"}
    lstm = {"cell": "lstm", "dtype": "float64"}
    assert shared_limits([gru, lstm]) == {
        "cell": ("gru", "lstm"),
        "reset_after": False,
        "dtype": "float64",
    }
    assert shared_limits([gru, {}]) == {"cell": ("gru", "rnn"), "reset_after": False}
    assert "reset_after" not in shared_limits([gru, gru | {"reset_after": True}])


def test_shapes_are_as_few_as_any_function_asks_for() -> None:
    shared = shared_limits([{"shapes": 30}, {}, {"shapes": 24, "masks": False}])
    assert shared == {"shapes": 24}
    assert shared_limits([{"layer_kinds": 9}, {"layer_kinds": 5}]) == {"layer_kinds": 5}
    assert shared_limits([{}, {"masks": False}]) == {}


@pytest.mark.slow
def test_a_reference_may_ask_for_few_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits_of_row("numpy") == own_limits("numpy", load("numpy")) == {}
    asks = REFERENCES["numpy"]._replace(shapes=6)
    monkeypatch.setitem(REFERENCES, "numpy", asks)
    assert limits_of_row("numpy lstm") == {"cell": "lstm", "shapes": 6}
    assert own_limits("numpy", load("numpy")) == {"shapes": 6}
    for limits, shapes in (({}, 6), ({"shapes": 9}, 9)):
        report = verify("numpy", examples=24, cell="lstm", time=(1, 3), hidden_size=2, **limits)
        keys = {
            (v.case.config, v.case.time, v.case.batch, v.case.mask is None, v.case.masked_output)
            for v in report.verdicts
        }
        assert (report.limits["shapes"], len(keys), report.large) == (shapes, shapes, 0)


def test_a_claimed_cell_outdoes_own_values_that_it_cannot_have() -> None:
    gru = {"cell": "gru", "reset_after": False, "nonlinearity": "tanh"}
    merged = merge_limits(["x"], gru, {"cell": "lstm"})
    assert merged == {"cell": "lstm", "nonlinearity": "tanh"}


def test_what_a_probe_shows_is_added_to_a_functions_own_limits() -> None:
    form = Form(cell="gru", reset_after=False)
    assert with_form("x", {"time": 3}, form) == {"time": 3} | form.limits
    assert with_form("x", {"reset_after": True}, form)["reset_after"] is True
    assert with_form("x", {"time": 3}, None) == {"time": 3}
    with pytest.raises(Unusable, match="the limits of x are wrong: hours is no limit"):
        with_form("x", {"hours": 3}, form)


@pytest.mark.parametrize(
    ("own", "run", "takes"),
    [
        ({}, {"cell": ("rnn", "lstm")}, True),
        ({"num_layers": 1, "time": (1, 9)}, {"num_layers": 1}, True),
        ({"num_layers": 1}, {}, False),
        ({"masks": False}, {}, False),
        ({"masks": False}, {"masks": False}, True),
        ({"time": 3}, {"cell": "lstm"}, False),
    ],
)
def test_limits_that_leave_out_a_choice_of_the_run_are_told(own, run, takes) -> None:
    assert takes_all(own, run) == takes
