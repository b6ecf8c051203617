"""A comparison as JSON, as JUnit's XML, and as Markdown; its verdicts as in any report."""

from harness.models.comparison import Comparison
from harness.report.as_json import Document, document, text, to_text
from harness.report.foreign import inline, plain
from harness.report.junit import document as junit_document
from harness.report.junit import suite_of, suites
from harness.report.markdown import SIGNS, sections


def comparison_json(comparison: Comparison) -> str:
    """Returns the comparison as one JSON document of the schema of reports."""
    own: Document = {
        "exit": comparison.exit_status,
        "sentence": text(comparison.sentence),
        "notes": [text(note) for note in comparison.notes],
        "comparison": {
            "a": text(comparison.a),
            "b": text(comparison.b),
            "inputs": text(comparison.inputs),
            "acuity": text(comparison.acuity) or None,
            "settings": [
                {"name": setting.name, "a": setting.a, "b": setting.b}
                for setting in comparison.settings
            ],
            "arrays": [
                {
                    "place": relation.place,
                    "a": text(relation.a) or None,
                    "b": text(relation.b) or None,
                    "relation": text(relation.words),
                    "holds": relation.holds,
                }
                for relation in comparison.relations
            ],
        },
    }
    return to_text(document(comparison.report, "compare") | own)


def comparison_junit(comparison: Comparison) -> str:
    """Returns a suite for the arrays, a test for each of them, and one for each row of verdicts."""
    name = f"arrays of {comparison.a} and {comparison.b}"
    tests = {f"{one.name} is the same": str(one) for one in comparison.settings}
    tests |= {
        f"{one.place}: {one.a or 'nothing'}, {one.b or 'nothing'}": "" if one.holds else one.words
        for one in comparison.relations
    }
    own = [suite_of(name, tests)] if tests else []
    return junit_document([*own, *suites(comparison.report)], comparison.report.seconds)


def comparison_markdown(comparison: Comparison) -> str:
    """Returns the comparison as GitHub's Markdown."""
    head = f"### rnn-parity: {SIGNS[comparison.exit_status]}\n\n{plain(comparison.sentence)}\n"
    rows = [
        ["", "A", "B", "relation"],
        ["---", "---", "---", "---"],
        *(
            [one.place, inline(one.a), inline(one.b), plain(one.words)]
            for one in comparison.relations
        ),
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"
    _, *others = sections(comparison.report)
    notes = [f"{plain(note)}\n" for note in (comparison.acuity, *comparison.notes) if note]
    return "\n".join([head, *([table] if comparison.relations else []), *notes, *others])
