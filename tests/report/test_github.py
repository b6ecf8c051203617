"""The summary's limit, and annotations: their order, number and escaping."""

import re
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest

from harness.implementations.answers import Use
from harness.report.github import MOST, SUMMARY_LIMIT, annotations, command, job_summary
from harness.report.markdown import as_markdown
from tests.report.stubs import NASTY, crashes, known, many, nasty, report, stub, summary, wrong


@pytest.mark.slow
def test_a_summary_stays_within_githubs_limit_and_says_what_is_left_out():
    every = many(800)
    whole, cut = as_markdown(every), job_summary(every)
    assert len(whole.encode()) > SUMMARY_LIMIT >= len(cut.encode())
    assert cut.startswith("### rnn-parity: ❔ cannot tell")
    assert "| <code>n799</code> |" in cut
    assert re.search(
        r"1 of \d sections are left out: there is room for 1048576 bytes. `--json` has everything.",
        cut,
    )
    assert "left out" not in job_summary(many(3))


@pytest.mark.parametrize("room", [500, 2000, 100_000])
def test_what_stands_in_the_file_already_takes_its_room(room):
    assert len(job_summary(many(50), SUMMARY_LIMIT - room).encode()) <= room


def test_annotations_are_the_worst_first_and_at_most_ten():
    made = stub(
        summary("fine"),
        known(),
        summary("small", 1, worst_ratio=2.0),
        summary("silent", 3),
        summary("large", 1, worst_ratio=9.0),
        summary("none", 1, worst_ratio=float("nan")),
        summary("blind", 3, blind=True, counts=Counter(agrees=3)),
    )
    found = annotations(made)
    assert [re.match(r"::(\w+) title=(\w+)", line).groups() for line in found] == [
        ("error", "none"),
        ("error", "large"),
        ("error", "small"),
        ("warning", "silent"),
        ("warning", "blind"),
        ("notice", "keras"),
    ]
    assert annotations(stub(summary("fine"))) == []
    assert len(annotations(many(10, 1))) == MOST == 10
    lines = annotations(many(25, 1))
    assert len(lines) == MOST
    assert lines[-1] == "::warning title=rnn-parity::16 more: see the job's summary."


def test_a_crash_is_worse_than_a_difference_and_names_the_users_file():
    made = report(wrong, crashes)
    assert annotations(made)[0].startswith(
        "::error title=tests.report.stubs%3Acrashes fails on 6 of 6 cases,"
    )
    assert ",file=tests/report/stubs.py,line=" in annotations(made)[0]
    assert "::it raised ValueError: " in annotations(made)[0]
    assert "%0AIt" not in annotations(made)[0]
    assert "%0AMatches with U transposed: " in annotations(made)[1]
    assert ",file=mine/rnn.py::" in annotations(stub(summary("mine/rnn.py:run", 1)))[0]


def test_a_crash_outside_the_repository_is_annotated_at_no_line():
    """GitHub could show no annotation at a path of the machine that ran."""
    made = report(crashes)
    ((finding,),) = made.findings.values()
    crash = finding.small.crash._replace(file="/usr/lib/rnn.py")
    moved = replace(finding, small=replace(finding.small, crash=crash))
    (line,) = annotations(replace(made, findings={made.names[0]: (moved,)}))
    assert "/usr/lib" not in line.partition("::it raised")[0]
    assert ",file=" not in line.partition("::it raised")[0]


def test_one_that_uses_the_answer_where_it_must_not_is_an_error():
    one = summary("mine.py:run", takes_answer=True)
    (line,) = annotations(stub(one, uses={"mine.py:run": (Use("torch", "mine.py", 2),)}))
    assert line == (
        "::error title=mine.py%3Arun uses the answer,file=mine.py::It imports torch (mine.py:2)."
    )


def test_nothing_in_a_text_ends_a_command_or_begins_another():
    line = command("error", NASTY, NASTY, NASTY)
    assert len(line.splitlines()) == 1
    head, _, message = line.removeprefix("::error ").partition("::")
    assert [part.partition("=")[0] for part in head.split(",")] == ["title", "file"]
    assert message.startswith("x ::error::y # <script>")
    assert "%250A" in message
    assert message.endswith("%25%0A\\x3a:error::z")
    for bad in ("\n", "\r", "\x1b", "\x00", "\ud800"):
        assert bad not in line
    assert all(
        text.startswith("::") and len(text.splitlines()) == 1 for text in annotations(nasty())
    )


def test_a_known_deviation_that_no_longer_holds_is_an_error():
    stale = SimpleNamespace(sentence="late no longer holds.")
    made = stub(summary("fine"), exit_status=1, stale=[stale])
    assert annotations(made) == ["::error title=rnn-parity::late no longer holds."]


def test_deviations_of_ones_own_are_no_faults_of_a_framework():
    fault = next(iter(known().known))
    met = summary("mine", counts=Counter(agrees=2, known=2), known=Counter([fault, "late"]))
    (line,) = annotations(stub(met, own_ids={"late"}))
    assert line.endswith(
        f"::Faults of the framework, listed by rnn-parity findings: {fault} (1). "
        "Known deviations of your own: late (1)."
    )
