"""A report as JUnit's XML, as Jenkins, GitLab and the actions on GitHub read it.

A suite for each implementation. What differs or crashes is a failure (exit status 1), what cannot be told is an error (3), and
refusals and known differences are skipped tests, so that a green suite shows what it did not cover.
"""

from xml.etree import ElementTree as ET

from harness.report.as_json import number, own_version
from harness.report.foreign import one_line, printable
from harness.runs.report import Report
from harness.runs.summary import Summary


def as_junit(report: Report) -> str:
    """The report as an XML document, with a newline at its end; to be written as UTF-8."""
    root = ET.Element("testsuites", name="rnn-parity", time=f"{report.seconds:.3f}")
    for summary in report.summaries:
        root.append(_suite(summary, report))
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, 0)) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(summary: Summary, report: Report) -> ET.Element:
    name = one_line(summary.name)
    suite = ET.Element("testsuite", name=name)
    properties = ET.SubElement(suite, "properties")
    for key, value in _figures(summary, report).items():
        ET.SubElement(properties, "property", name=one_line(key), value=one_line(value))
    agreed, found = summary.counts.get("agrees", 0), report.findings.get(summary.name)
    test = ET.SubElement(
        suite, "testcase", classname=name, name="computes what the hand-written loop computes"
    )
    if summary.failure_count:
        kind = found.first.kind if found else "differs"
        message = f"{summary.failure_count} of {sum(summary.counts.values())} cases fail: {found.first.reason if found else report.sentence}"
        ET.SubElement(test, "failure", type=kind, message=one_line(message)).text = printable(
            str(found or report.sentence)
        )
    elif not agreed:
        ET.SubElement(
            test,
            "error",
            type="cannot tell",
            message="it never agreed on a case, so nothing was shown",
        )
    sight = report.sights.get(summary.name)
    if (
        agreed and sight and not summary.failure_count
    ):  # beside a failure, the cases that agreed are those that hide it
        test = ET.SubElement(
            suite, "testcase", classname=name, name="its cases could have shown plain mistakes"
        )
        if summary.blind:
            ET.SubElement(test, "error", type="cannot tell", message=one_line(str(sight)))
    if report.interrupted:
        test = ET.SubElement(suite, "testcase", classname=name, name="ran to its last case")
        ET.SubElement(
            test,
            "error",
            type="cannot tell",
            message="the run was interrupted: this is what was known by then",
        )
    skipped = [
        (f"refused: {reason}", f"{count} cases refused: {reason}")
        for reason, count in summary.refusals.items()
    ]
    skipped += [
        (f"known difference: {id}", f"met in {count} cases; rnn-parity findings {id}")
        for id, count in summary.known.items()
    ]
    for title, message in skipped:
        test = ET.SubElement(suite, "testcase", classname=name, name=one_line(title))
        ET.SubElement(test, "skipped", message=one_line(message))
    for attribute, tag in (
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        suite.set(attribute, str(sum(1 for _ in suite.iter(tag))))
    return suite


def _figures(summary: Summary, report: Report) -> dict[str, str]:
    """What is worth a graph over time, then what it takes to run this again."""
    sight = report.sights.get(summary.name)
    return {
        **{f"cases {kind}": str(count) for kind, count in summary.counts.items()},
        "outputs": str(summary.outputs),
        "exact": str(summary.exact),
        "undecided": str(summary.undecided),
        "worst_ratio": str(number(summary.worst_ratio)),
        "sight": f"{len(sight.caught)} of {sight.applicable}"
        if sight and sight.applicable
        else "none",
        "seed": str(report.seed),
        **{f"note {number}": note for number, note in enumerate(report.notes, 1)},
        **{f"limit {limit}": repr(value) for limit, value in report.limits.items()},
        "rnn-parity": own_version(),
        **report.environment,
    }
