"""What `check` in a test leaves in reports, whichever way the test is written, and what a failure leaves."""

import json
from xml.etree import ElementTree as ET

import pytest

from harness.draw.saved import load_case
from harness.runs.ledger import differences

TESTS = """
import pytest
from hypothesis import given, settings
from harness import cases, check
from references.numpy_rnn import run
import mine

LIMITS = {"time": (2, 6), "input_size": (2, 4), "hidden_size": (2, 4)}
NOTEBOOK = dict(nonlinearity="tanh", num_layers=1, bidirectional=False, go_backwards=False, masks=False, initial_states=False)

def test_right(parity):
    for case in parity.cases(8, **LIMITS):
        parity.check(case, mine.right)

@settings(max_examples=20, deadline=None)
@given(case=cases(**LIMITS))
def test_given(case):
    check(case, mine.right)

def test_nothing():
    pass
"""
WRONG = """
from hypothesis import given, settings
from harness import cases, check, sample_cases
import mine

@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(case=cases(nonlinearity="relu", bias=True))
def test_given(case):
    check(case, mine.no_bias)

def test_wrong(parity):
    for case in parity.cases(3, nonlinearity="relu", bias=True, time=30, hidden_size=20):
        parity.check(case, mine.no_bias)
"""
FLAKY = """
from hypothesis import given, settings
from harness import cases
import mine

@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(case=cases())
def test_flaky(parity, case):
    parity.check(case, mine.flaky)
"""


def properties(xml):
    """Test name -> its properties."""
    return {
        case.get("name"): {item.get("name"): item.get("value") for item in case.iter("property")}
        for case in ET.parse(xml).iter("testcase")
    }


def test_both_ways_carry_their_figures_to_junit_and_to_the_report_log(run_plugin, mine):
    pytest.importorskip("pytest_reportlog")
    mine.makepyfile(TESTS)
    result = run_plugin("--junitxml", "j.xml", "--report-log", "log.json")
    assert result.ret == pytest.ExitCode.OK
    told = properties("j.xml")
    assert told["test_nothing"] == {}
    for test, count in (("test_right", "8"), ("test_given", "20")):
        assert told[test]["parity_implementation"] == "mine:right"
        assert (told[test]["parity_cases"], told[test]["parity_agrees"]) == (count, count)
        assert int(told[test]["parity_outputs"]) > int(told[test]["parity_equal"]) > 0
        assert 0 <= float(told[test]["parity_worst_ratio"]) < 1
        assert 0 < float(told[test]["parity_exact_share"]) < 1
        caught, of = map(int, told[test]["parity_sight"].split(" of "))
        assert 50 < caught <= of
    logged = [
        json.loads(line, parse_constant=pytest.fail)
        for line in (mine.path / "log.json").read_text().splitlines()
    ]
    (right,) = (
        entry
        for entry in logged
        if entry.get("when") == "call" and entry["nodeid"].endswith("test_right")
    )
    assert {name: str(value) for name, value in right["user_properties"]} == told["test_right"]


def test_the_section_at_the_end_adds_them_up(run_plugin, mine):
    mine.makepyfile(TESTS)
    result = run_plugin()
    result.stdout.fnmatch_lines(
        [
            "*= rnn-parity =*",
            "mine:right: 28 cases agree (2 tests); worst ratio 0.* over * of which had to be equal; *known mistakes",
        ]
    )


def test_there_is_no_section_where_nothing_was_checked(run_plugin, mine):
    mine.makepyfile("def test_nothing(parity): pass")
    result = run_plugin()
    assert result.ret == pytest.ExitCode.OK
    assert "rnn-parity" not in result.stdout.str().replace(str(mine.path), "")


def test_sight_is_left_out_where_it_is_not_wanted(run_plugin, mine):
    mine.makepyfile(TESTS)
    assert "known mistakes" not in run_plugin("--parity-no-sight").stdout.str()
    mine.makeini("[pytest]\nparity_sight = false\n")
    assert "known mistakes" not in run_plugin().stdout.str()


def test_a_test_whose_cases_hide_plain_mistakes_is_named(run_plugin, mine):
    cases = "parity.cases(5, time=1, initial_states=False)"
    mine.makepyfile(
        f"import mine\ndef test_one_step(parity):\n  for case in {cases}: parity.check(case, mine.right)"
    )
    run_plugin().stdout.fnmatch_lines(
        ["  test_*.py::test_one_step would have hidden: U transposed*"]
    )
    mine.makepyfile(
        f"import mine\ndef test_one_step(parity):\n  for case in {cases}: parity.check(case, mine.right)\n  assert False"
    )
    failed = run_plugin().stdout.str()
    assert "mine:right: 5 cases agree (1 test)" in failed
    assert "would have hidden" not in failed


def test_a_failure_shows_the_callers_line_the_example_to_paste_and_the_saved_case(run_plugin, mine):
    mine.makepyfile(WRONG)
    result = run_plugin()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            ">       check(case, mine.no_bias)",
            "E       harness.judge.verdict.Mismatch: mine:no_bias differs: *",
            "E           @example(case=case)  # above the test, below @given(case=cases())",
            "*- rnn-parity -*",
            "saved as rnn-parity-failures/*-test-given-*.case; replay it with: rnn-parity explain *-test-given-*.case",
            "saved as rnn-parity-failures/*-test-wrong-*.case; replay it with: *",
        ]
    )
    assert "raise_if_not_verified" not in result.stdout.str()
    shrunk, facts = load_case(next(mine.path.glob("rnn-parity-failures/*-test-given-*.case")))
    assert (shrunk.time, shrunk.batch, shrunk.config.hidden_size) == (1, 1, 1)
    assert facts["implementation"] == "mine:no_bias"
    assert facts["found"].endswith("::test_given")


def test_the_folder_for_failing_cases_is_an_option_and_a_folder_that_cannot_be_is_told(
    run_plugin, mine
):
    mine.makepyfile(WRONG)
    run_plugin("--parity-save", "there", "-k", "test_wrong")
    assert list(mine.path.glob("there/*.case"))
    (mine.path / "file").touch()
    result = run_plugin("--parity-save", "file/inside", "-k", "test_wrong")
    result.stdout.fnmatch_lines(
        ["The case could not be saved: *; --parity-save FOLDER names another folder."]
    )


def test_a_flaky_one_fails_and_its_case_is_saved(run_plugin, mine):
    mine.makepyfile(FLAKY)
    result = run_plugin()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*FlakyFailure*",
            "saved as rnn-parity-failures/*-test-flaky-*.case; *",
            "mine:flaky: * agree, 1 differ *",
        ]
    )


def test_regimes_are_events_and_the_ratio_is_a_target(run_plugin, mine):
    mine.makepyfile(TESTS)
    shown = run_plugin("--hypothesis-show-statistics", "-k", "given")
    shown.stdout.re_match_lines(
        [
            r".*%, regime (contracting|ternary)",
            r".*Highest target score: \d.*label='worst ratio of mine:right'",
        ]
    )


def test_two_checks_of_one_implementation_in_one_example_are_no_error(run_plugin, mine):
    mine.makepyfile(
        TESTS.replace(
            "    check(case, mine.right)\n\n",
            "    check(case, mine.right)\n    check(case, mine.right)\n\n",
        )
    )
    result = run_plugin("-k", "given")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["mine:right: 40 cases agree (1 test); *"])


MARKED = """
import pytest

@pytest.mark.parity("mine:right", "numpy")
def test_marked(parity):
    assert parity.implementation is not None
    for case in parity.cases(2): parity.check(case)
"""


def test_a_marked_test_runs_once_for_each_name(run_plugin, mine):
    mine.makepyfile(MARKED)
    result = run_plugin("-v", "--strict-markers")
    result.stdout.fnmatch_lines(
        [
            "*::test_marked[[]numpy[]] PASSED*",
            "*::test_marked[[]mine:right[]] PASSED*",
            "numpy: 2 cases agree (1 test); *",
        ]
    )


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        ("keras", "torch", ["torch", "keras"]),
        ("torch", "keras", ["torch", "keras"]),
        ("mine:right", "torch", ["torch", "mine:right"]),
        ("torch/packed", "numpy", ["numpy", "torch/packed"]),
    ],
)
def test_frameworks_are_loaded_in_the_tables_order_whichever_test_comes_first(
    run_plugin, mine, monkeypatch, first, second, order
):
    loaded = []
    monkeypatch.setattr("references.installed", lambda: ("numpy", "torch", "keras"))
    monkeypatch.setattr(
        "harness.runs.resolve.resolve",
        lambda name: loaded.append(name) or (name, lambda case: None),
    )
    marked = "@pytest.mark.parity('{0}')\ndef test_{1}(parity): assert parity.name == '{0}'\n"
    mine.makepyfile(
        "import pytest\n" + marked.format(first, "first") + marked.format(second, "second")
    )
    assert run_plugin().ret == pytest.ExitCode.OK
    assert list(dict.fromkeys(loaded)) == order


def test_what_comes_later_in_the_table_is_not_loaded_before_its_test(run_plugin, mine, monkeypatch):
    loaded = []
    monkeypatch.setattr("references.installed", lambda: ("numpy", "torch", "keras"))
    monkeypatch.setattr(
        "harness.runs.resolve.resolve",
        lambda name: loaded.append(name) or (name, lambda case: None),
    )
    mine.makepyfile(
        "import pytest\n@pytest.mark.parity('torch', 'keras')\ndef test_both(parity): pass\n"
    )
    run_plugin("-k", "torch")
    assert loaded == ["torch"]


def test_a_test_that_meets_only_known_differences_fails_as_expected(run_plugin, mine, monkeypatch):
    def met_by(verdict):
        return differences()[0] if verdict.kind == "differs" else None

    for place in ("harness.runs.ledger.known_difference", "harness.runs.summary.known_difference"):
        monkeypatch.setattr(place, met_by)
    mine.makepyfile(WRONG)
    result = run_plugin("-rx", "-k", "test_wrong")
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(xfailed=1)
    met = differences()[0].id
    result.stdout.fnmatch_lines(
        [f"mine:no_bias: 3 known to differ*{met}", f"XFAIL*known difference: {met}"]
    )


def test_a_marked_test_of_a_framework_that_is_not_installed_is_skipped(
    run_plugin, mine, monkeypatch
):
    monkeypatch.setattr("references.installed", lambda: ("numpy",))
    mine.makepyfile(MARKED.replace("numpy", "keras/unroll"))
    result = run_plugin("-rs")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(
        ["SKIPPED*keras is not installed: pip install 'rnn-parity[[]keras[]]'"]
    )


def test_a_mark_with_anything_but_names_is_a_usage_error(run_plugin, mine):
    mine.makepyfile("import pytest\n@pytest.mark.parity(time=3)\ndef test_marked(parity): pass")
    result = run_plugin()
    assert result.ret != pytest.ExitCode.OK
    assert (
        "@pytest.mark.parity takes names, as 'torch'; limits go to parity.cases(...)"
        in result.stdout.str() + result.stderr.str()
    )


def test_a_check_without_an_implementation_says_where_one_is_named(run_plugin, mine):
    mine.makepyfile("def test_it(parity):\n    for case in parity.cases(1): parity.check(case)")
    result = run_plugin()
    assert (
        "parity.check(case) has no implementation: pass one, or name it in @pytest.mark.parity('torch')"
        in result.stdout.str() + result.stderr.str()
    )
    assert result.ret != pytest.ExitCode.OK
