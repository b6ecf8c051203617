"""JUnit: read by a reader of its own, counts that add up, nothing that XML forbids."""

from collections import Counter
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import junitparser
import pytest

from harness.implementations.answers import Use
from harness.report.junit import as_junit
from tests.report.stubs import NASTY, crashes, known, refuses, report, run, stub, summary, wrong


def suites(made):
    return list(junitparser.JUnitXml.fromstring(as_junit(made).encode("utf-8")))


def results(suite):
    """Test name -> kinds of its results."""
    return {case.name: [type(result).__name__ for result in case.result] for case in suite}


@pytest.mark.slow
def test_a_suite_for_each_implementation_and_counts_that_add_up():
    made = report(run, wrong, crashes, refuses)
    found = suites(made)
    assert [suite.name for suite in found[:2]] == list(made.names)[:2]
    root = ET.fromstring(as_junit(made))
    for element in (root, *root.findall("testsuite")):
        for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert element.get(attribute) == str(len(list(element.iter(tag))))
    assert (root.get("failures"), root.get("errors")) == ("2", "1")
    assert float(root.get("time")) == pytest.approx(made.seconds, abs=0.001)


def test_a_failure_is_exit_1_an_error_is_exit_3_and_skipped_is_what_was_not_shown():
    assert results(suites(stub(summary("a")))[0]) == {
        "computes what the hand-written loop computes": [],
        "its cases could have shown plain mistakes": [],
    }
    assert results(suites(stub(summary("a", 1)))[0]) == {
        "computes what the hand-written loop computes": ["Failure"]
    }
    refused = summary("a", 3, refusals=Counter({"no masks": 3}))
    assert results(suites(stub(refused))[0]) == {
        "computes what the hand-written loop computes": ["Error"],
        "refused: no masks": ["Skipped"],
    }
    blind = summary("a", blind=True)
    assert results(suites(stub(blind, exit_status=3))[0])[
        "its cases could have shown plain mistakes"
    ] == ["Error"]
    assert [
        kinds
        for name, kinds in results(suites(stub(known()))[0]).items()
        if name.startswith("known difference: ")
    ] == [["Skipped"]]


def test_the_failure_holds_the_whole_finding_and_the_figures_are_properties():
    made = report(wrong)
    (suite,) = suites(made)
    (failure,) = next(iter(suite)).result
    assert failure.text.strip() == str(made.findings[suite.name][0]).strip()
    assert failure.message.startswith(f"fails on {made.summaries[0].failure_count} of 6 cases: ")
    figures = {item.name: item.value for item in suite.properties()}
    assert figures["worst_ratio"] == "Infinity"
    assert (figures["outputs"], figures["seed"], figures["numpy"]) == (
        str(made.summaries[0].outputs),
        "0",
        made.environment["numpy"],
    )


def test_one_that_uses_the_answer_where_it_must_not_fails_a_test_of_its_own():
    one = summary("mine.py:run", takes_answer=True)
    made = stub(one, uses={"mine.py:run": (Use("torch", "mine.py", 2),)})
    (suite,) = suites(made)
    assert results(suite)["does not use the answer"] == ["Failure"]
    assert 'message="it uses the answer: it imports torch (mine.py:2)"' in as_junit(made)


@pytest.mark.slow
def test_names_are_told_apart_as_gitlab_tells_them():
    cases = [
        (case.classname, case.name)
        for suite in suites(report(run, wrong, refuses))
        for case in suite
    ]
    assert len(set(cases)) == len(cases)


@pytest.mark.parametrize(
    "letter", ["\x00", "\x0b", "\x1b", "\ud800", "\ufffe", "\uffff", "<", "&", '"', "]]>"]
)
def test_letters_that_xml_forbids_are_escaped(letter):
    name = f"a{letter}b"
    made = stub(summary(name, 1, refusals=Counter([name])), sentence=name, environment={name: name})
    with pytest.raises((ET.ParseError, UnicodeEncodeError)):
        ET.fromstring(f'<a b="{name}">{name}</a>'.encode())
    text = as_junit(made).encode("utf-8")
    assert next(iter(ET.fromstring(text))).get("name") in (
        name,
        "a b",
        f"a{letter.encode('unicode_escape').decode()}b",
    )


def test_the_worst_text_there_is_stays_text():
    made = report(crashes, examples=1)
    root = ET.fromstring(as_junit(made).encode("utf-8"))
    assert {element.tag for element in root.iter()} == {
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
    }
    assert "\\x1b" in root.find(".//failure").get("message")
    assert NASTY.partition("\x1b")[0] in root.find(".//failure").get("message")


# What Jenkins' own schema allows (junit-10.xsd of its xunit plugin); the first four attributes of a
# suite are required.
JENKINS = {
    "testsuites": ({"testsuite"}, {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"properties", "testcase"},
        {"name", "tests", "failures", "errors", "skipped", "time"},
    ),
    "properties": ({"property"}, set()),
    "property": (set(), {"name", "value"}),
    "testcase": ({"skipped", "error", "failure"}, {"name", "classname", "time"}),
    **dict.fromkeys(("skipped", "error", "failure"), (set(), {"type", "message"})),
}


def test_nothing_stands_there_that_jenkins_does_not_know():
    for made in (report(run, wrong, crashes, refuses), stub(known())):
        for element in ET.fromstring(as_junit(made).encode("utf-8")).iter():
            children, attributes = JENKINS[element.tag]
            assert {child.tag for child in element} <= children
            assert set(element.attrib) <= attributes
            assert element.tag != "testsuite" or {"name", "tests", "failures", "errors"} <= set(
                element.attrib
            )


def test_an_interrupted_run_is_no_green_suite():
    made = stub(summary("a"), interrupted=True, notes=("one worker ended",))
    (suite,) = suites(made)
    assert results(suite)["ran to its last case"] == ["Error"]
    assert {item.name: item.value for item in suite.properties()}["note 1"] == "one worker ended"


def test_a_suite_says_for_which_sizes_it_holds():
    sizes = Counter(time=40, batch=4, input_size=32, hidden_size=64, num_layers=3)
    suite, failure = suites(
        stub(
            summary("a", reach=sizes, large=Counter(hidden_size=288)),
            summary("b", 1, reach=sizes, large=Counter(hidden_size=288)),
        )
    )
    assert not {"holds for", "large cases"} & {item.name for item in failure.properties()}
    properties = {each.name: each.value for each in suite.properties()}
    assert (
        properties["holds for"] == "T up to 40, B up to 4, I up to 32, H up to 64, up to 3 layers"
    )
    assert properties["large cases"] == "H = 288"


def test_a_deviation_of_ones_own_is_not_looked_up_in_the_ledger():
    made = stub(known(), own_ids={*known().known})
    assert "met in 1 case; a deviation of your own" in as_junit(made)
    assert "rnn-parity findings" not in as_junit(made)


def test_a_deviation_that_no_longer_holds_fails_in_the_suites_that_it_concerns():
    def stale(name, concerns):
        entry = SimpleNamespace(id=name)
        words = {"fails": True, "sentence": f"{name} no longer holds", "state": "stale"}
        return SimpleNamespace(entry=entry, concerns=concerns.__eq__, **words)

    of_b, of_none = stale("of-b", "b"), stale("of-none", "c")
    made = stub(summary("a"), summary("b"), stale=[of_b, of_none])
    names = [
        {name for name in results(suite) if name.startswith("known")} for suite in suites(made)
    ]
    assert names[:2] == [{"known deviation: of-none"}, {"known deviation: of-b"}]
