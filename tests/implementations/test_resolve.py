"""From what a user writes to an implementation: every way in, and a sentence for every way that
leads nowhere.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from harness import sample_cases, verify
from harness.implementations.find import Unusable
from harness.implementations.resolve import (
    claim,
    limits_of_row,
    merge_limits,
    own_limits,
    resolve,
    shared_limits,
    with_form,
)
from harness.judge.judge import judge
from references import REFERENCES, NotInstalled, installed, load, numpy_rnn
from references.cells.rnn import simple_rnn
from references.form import Form
from references.notebook import LIMITS
from tests.implementations.files import GOOD, sentence

KNOWN = "numpy, torch, keras"

pytestmark = pytest.mark.usefixtures("own_folder")


def test_a_reference_is_found_by_its_name() -> None:
    assert resolve("numpy") == ("numpy", numpy_rnn.run)


def test_a_function_is_itself_under_its_own_name() -> None:
    assert resolve(numpy_rnn.run) == ("references.numpy_rnn:run", numpy_rnn.run)


def test_a_module_and_function_are_found_as_written() -> None:
    assert resolve("references.numpy_rnn:run") == ("references.numpy_rnn:run", numpy_rnn.run)


@pytest.mark.parametrize(
    "path", ["mine.py", "./mine.py", "below/mine.py", "my rnn.py", "C:mine.py", "rnn[torch].py"]
)
def test_a_file_and_function_are_found_as_written(path: str) -> None:
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(GOOD)
    assert resolve(f"{path}:run") == (f"{path}:run", numpy_rnn.run)


def test_a_function_of_four_arguments_is_taken_for_a_notebooks() -> None:
    Path("mine.py").write_text(GOOD)
    case = next(sample_cases(1, **LIMITS))
    for implementation in (
        "mine.py:rnn",
        "mine.py:imported",
        simple_rnn,
        "references.cells.rnn:simple_rnn",
    ):
        _, function = resolve(implementation)
        assert function.limits == LIMITS  # type: ignore[attr-defined]
        assert judge(case, function).kind == "agrees"


def test_a_function_of_a_case_and_options_is_left_alone() -> None:
    def run(case: Any, a: int = 1, b: int = 2, c: int = 3) -> None: ...

    assert resolve(run)[1] is run


@pytest.mark.parametrize(
    "given", ["", "torhc", "numpy:", ":run", ":", "mine.py", "mine.py:", "package.module"]
)
def test_what_is_no_name_and_no_place_gets_a_sentence(given: str) -> None:
    text = sentence(resolve, given)
    assert text.startswith(f"implementation is {given!r}, expected one of {KNOWN}")
    assert text.endswith("package.module:function, file.py:function or command:./program")


@pytest.mark.framework
def test_an_unknown_variant_is_told_the_known_ones() -> None:
    if "keras" in installed():
        assert sentence(resolve, "keras/unrolled").startswith(
            "keras has no variant 'unrolled'; it has graph, unroll, cell, stacked, "
        )
    assert sentence(resolve, "numpy/fast") == "numpy has no variant 'fast'; it has none"


@pytest.mark.parametrize("given", [None, 5, b"numpy", ["numpy"]])
def test_what_is_no_string_and_no_function_gets_a_sentence(given: Any) -> None:
    assert (
        sentence(resolve, given)
        == f"implementation is {given!r}, expected a name, 'module:function' or a function"
    )


def test_a_framework_that_is_not_installed_says_what_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("references.find_spec", lambda name: None)
    with pytest.raises(NotInstalled) as raised:
        resolve("keras")
    assert str(raised.value) == (
        "keras needs keras and tensorflow, which is not installed: pip install 'rnn-parity[keras]'"
    )


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


def test_a_reference_may_ask_for_few_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits_of_row("numpy") == own_limits("numpy", load("numpy")) == {}
    asks = REFERENCES["numpy"]._replace(shapes=6)
    monkeypatch.setitem(REFERENCES, "numpy", asks)
    assert limits_of_row("numpy lstm") == {"cell": "lstm", "shapes": 6}
    assert own_limits("numpy", load("numpy")) == {"shapes": 6}
    for limits, shapes in (({}, 6), ({"shapes": 9}, 9)):
        report = verify("numpy", examples=40, cell="lstm", time=(1, 6), hidden_size=4, **limits)
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


def test_several_choices_claim_nothing() -> None:
    run = resolve(simple_rnn)[1]
    one = claim(run, {"nonlinearity": ["relu", "relu"], "cell": "rnn"})
    assert one.limits["nonlinearity"] == "relu"  # type: ignore[attr-defined]
    several = claim(one, {"nonlinearity": ["tanh", "relu"], "cell": ["rnn", "gru"]})
    assert several.limits == one.limits  # type: ignore[attr-defined]
    assert claim(numpy_rnn.run, {}) is numpy_rnn.run
