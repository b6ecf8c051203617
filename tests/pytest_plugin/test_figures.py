"""The figures that `check` leaves with a test's report."""

import json
from xml.etree import ElementTree as ET

import pytest

from tests.pytest_plugin.user_tests import TESTS


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


def test_sight_is_left_out_where_it_is_not_wanted(run_plugin, mine):
    mine.makepyfile(TESTS)
    assert "known mistakes" not in run_plugin("--parity-no-sight").stdout.str()
    mine.makeini("[pytest]\nparity_sight = false\n")
    assert "known mistakes" not in run_plugin().stdout.str()


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
