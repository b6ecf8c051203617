"""A report as JUnit's XML, as Jenkins, GitLab and the actions on GitHub read it.

A suite for each implementation. What differs or crashes is a failure (exit status 1), what cannot
be told is an error (3), and refusals and known differences are skipped tests, so that a green suite
shows what it did not cover.
"""

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

from harness.printable import how_many, one_line, printable
from harness.report.as_json import number, own_version
from harness.runs.reach import large_text, range_text
from harness.runs.report import Report
from harness.runs.summary import Summary

TAGS = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
UNTOLD = "cannot tell"


def as_junit(report: Report) -> str:
    """Returns the report as an XML document with a newline at its end, to be written as UTF-8."""
    return document(suites(report), report.seconds)


def suites(report: Report) -> list[ET.Element]:
    """Returns a suite for each implementation."""
    return [_suite(summary, report) for summary in report.summaries]


def document(suites: Iterable[ET.Element], seconds: float) -> str:
    """Returns suites as one document, with their sums."""
    root = ET.Element("testsuites", name="rnn-parity", time=f"{seconds:.3f}")
    root.extend(suites)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, 0)) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def suite_of(name: str, failures: Mapping[str, str]) -> ET.Element:
    """Returns a suite of tests by name: each fails with a sentence, passes without one."""
    suite = ET.Element("testsuite", name=one_line(name))
    for test_name, sentence in failures.items():
        test = _test(suite, test_name)
        if sentence:
            _add(test, "failure", sentence, "differs")
    return _count(suite)


def _count(suite: ET.Element) -> ET.Element:
    for attribute, tag in TAGS.items():
        suite.set(attribute, str(sum(1 for _ in suite.iter(tag))))
    return suite


def _suite(summary: Summary, report: Report) -> ET.Element:
    suite = ET.Element("testsuite", name=one_line(summary.name))
    properties = ET.SubElement(suite, "properties")
    for key, value in _figures(summary, report).items():
        ET.SubElement(properties, "property", name=one_line(key), value=one_line(value))
    _agreement(suite, summary, report)
    sight = report.sights.get(summary.name)
    # Beside a failure, the cases that agreed are those that hide it.
    if summary.counts["agrees"] and sight and not summary.failure_count:
        test = _test(suite, "its cases could have shown plain mistakes")
        if summary.blind:
            _add(test, "error", str(sight), UNTOLD)
    if summary.takes_answer:
        uses = ", ".join(map(str, (report.uses or {})[summary.name]))
        message = f"it uses the answer: it imports {uses}"
        _add(_test(suite, "does not use the answer"), "failure", message, "dependent")
    if report.interrupted:
        message = "the run was interrupted: this is what was known by then"
        _add(_test(suite, "ran to its last case"), "error", message, UNTOLD)
    for reason, count in summary.refusals.items():
        _add(
            _test(suite, f"refused: {reason}"),
            "skipped",
            f"{how_many(count, 'case')} refused: {reason}",
        )
    for deviation in report.stale:
        own = [one for one in report.summaries if deviation.concerns(one.name)]
        if any(summary is one for one in own or report.summaries[:1]):
            test = _test(suite, f"known deviation: {deviation.entry.id}")
            _add(test, "failure", deviation.sentence, deviation.state)
    for id, count in summary.known.items():
        about = "a deviation of your own" if id in report.own_ids else f"rnn-parity findings {id}"
        message = f"met in {how_many(count, 'case')}; {about}"
        _add(_test(suite, f"known difference: {id}"), "skipped", message)
    return _count(suite)


def _agreement(suite: ET.Element, summary: Summary, report: Report) -> None:
    """Adds the test that fails where something differs or crashes."""
    test = _test(suite, "computes what the hand-written loop computes")
    findings = report.findings.get(summary.name, ())
    if summary.failure_count:
        reason = "; ".join(finding.small.reason for finding in findings) or report.sentence
        total = how_many(summary.counts.total(), "case")
        message = f"fails on {summary.failure_count} of {total}: {reason}"
        if any(finding.small.phase == "import" for finding in findings):
            message = findings[0].head
        kind = findings[0].small.kind if findings else "differs"
        failure = _add(test, "failure", message, kind)
        failure.text = printable("\n".join(map(str, findings)) or report.sentence)
    elif not summary.counts["agrees"]:
        _add(test, "error", "it never agreed on a case, so nothing was shown", UNTOLD)


def _test(suite: ET.Element, name: str) -> ET.Element:
    names = {"classname": suite.get("name", ""), "name": one_line(name)}
    return ET.SubElement(suite, "testcase", names)


def _add(test: ET.Element, tag: str, message: str, kind: str = "") -> ET.Element:
    attributes = {"type": kind} if kind else {}
    return ET.SubElement(test, tag, attributes | {"message": one_line(message)})


def _figures(summary: Summary, report: Report) -> dict[str, str]:
    """Returns what is worth a graph over time, then what it takes to run this again."""
    sight = report.sights.get(summary.name)
    caught = f"{len(sight.caught)} of {sight.applicable}" if sight and sight.applicable else "none"
    return {
        **{f"cases {kind}": str(count) for kind, count in summary.counts.items()},
        **{
            name: str(getattr(summary, name)) for name in ("outputs", "exact", "undecided", "wider")
        },
        "cells": ", ".join(f"{cell} {count}" for cell, count in summary.cells.items()) or "none",
        "worst_ratio": str(number(summary.worst_ratio)),
        **(_sizes(summary, report) if summary.exit_status == 0 else {}),
        "sight": caught,
        "seed": str(report.seed),
        **{f"note {position}": note for position, note in enumerate(report.notes, 1)},
        **{f"limit {limit}": repr(value) for limit, value in report.limits.items()},
        "rnn-parity": own_version(),
        **report.environment,
    }


def _sizes(summary: Summary, report: Report) -> dict[str, str]:
    """Returns the sizes for which an implementation that agrees does so."""
    return {
        "holds for": range_text(summary.reach, report.limits),
        "large cases": large_text(summary.large),
    }
