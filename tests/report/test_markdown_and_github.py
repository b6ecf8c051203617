"""Markdown that no text can break out of, the summary's limit, annotations: their order, number and escaping."""

import re

import pytest
from markdown_it import MarkdownIt

from harness.mistakes.sight import Sight
from harness.report.foreign import block
from harness.report.github import MOST, SUMMARY_LIMIT, annotations, command, job_summary
from harness.report.markdown import as_markdown
from tests.report.stubs import NASTY, crashes, known, refuses, report, run, stub, summary, wrong

COMMONMARK = MarkdownIt("gfm-like", {"linkify": False, "html": True}).enable("table")


def html(text):
    return COMMONMARK.render(text.encode("utf-8", "backslashreplace").decode())


def tags(text):
    return set(re.findall(r"</?([a-z0-9]+)", html(text)))


OURS = {
    "h3",
    "h4",
    "p",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "pre",
    "details",
    "summary",
    "ul",
    "li",
}


def test_it_says_what_the_report_says():
    made = report(run, wrong, refuses)
    shown = html(as_markdown(made))
    assert "❌ differs" in shown
    assert "<td><code>tests.report.stubs:wrong</code></td>\n<td>❌ differs</td>" in shown
    assert "Matches with U transposed" in shown
    assert "@example(case=case)" in shown
    assert f"{made.cases} cases, seed 0" in shown
    assert tags(as_markdown(made)) <= OURS


def test_every_exit_status_has_a_word_beside_its_sign():
    for status, word in ((0, "agrees"), (1, "differs"), (3, "cannot tell")):
        assert as_markdown(stub(summary("a", status))).splitlines()[0].endswith(f" {word}")


def test_known_differences_are_listed_with_their_source():
    assert "Known differences of the frameworks" in as_markdown(stub(known()))
    assert "Known differences" not in as_markdown(stub(summary("a")))


def test_notes_and_an_interruption_stand_under_the_sentence():
    text = as_markdown(stub(summary("a"), interrupted=True, notes=("one <b>worker</b> ended",)))
    assert "**Note:** one &#60;b&#62;worker&#60;/b&#62; ended" in text
    assert "**Note:** The run was interrupted: this is what was known by then." in text
    assert "Note" not in as_markdown(stub(summary("a")))


def nasty():
    return stub(
        summary(NASTY, 1, refusals={NASTY: 1}), summary("b" + NASTY, 3), sentence=NASTY, environment={NASTY: NASTY},
        limits={"regimes": (NASTY,)}, sights={NASTY: Sight({"a": 1}, {"b": NASTY}, 1)},
    )  # fmt: skip


@pytest.mark.parametrize(
    "made", [nasty, lambda: report(crashes, refuses, examples=1)], ids=["stub", "real"]
)
def test_no_text_from_outside_is_markup(made):
    text = as_markdown(made())
    assert tags(text) <= OURS
    shown = html(text)
    assert "<a " not in shown
    assert "<em>" not in shown
    assert len(re.findall("<tr>", shown)) == 3
    assert "\x1b" not in text
    assert "&lt;script&gt;" in shown


def test_the_parser_would_notice():
    assert "script" in tags(NASTY)
    assert "strong" in tags(NASTY)


def many(count, length=3000):
    """As many summaries with a long reason each."""
    return stub(
        *(
            summary(f"n{number}", 3, refusals={f"{number} {'é' * length}": 1})
            for number in range(count)
        )
    )


def test_a_summary_stays_within_githubs_limit_and_says_what_is_left_out():
    whole, cut = as_markdown(many(800)), job_summary(many(800))
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


def test_no_room_is_overrun_whatever_its_size():
    made = many(12, 100)
    assert all(len(as_markdown(made, limit=room).encode()) <= room for room in range(450, 6000, 7))


def test_a_fence_in_a_text_does_not_end_its_block():
    text = "a\n```\n<script>\n`````\n# b"
    assert tags(block(text)) == {"pre", "code"}
    assert tags(f"```text\n{text}\n```") > {"pre", "code"}


def test_annotations_are_the_worst_first_and_at_most_ten():
    made = stub(
        summary("fine"), known(), summary("small", 1, worst_ratio=2.0), summary("silent", 3), summary("large", 1, worst_ratio=9.0),
        summary("none", 1, worst_ratio=float("nan")), summary("blind", 3, blind=True, counts={"agrees": 3}),
    )  # fmt: skip
    found = annotations(made)
    assert [re.match(r"::(\w+) title=(\w+)", line).groups() for line in found] == [
        ("error", "none"), ("error", "large"), ("error", "small"), ("warning", "silent"), ("warning", "blind"), ("notice", "keras"),
    ]  # fmt: skip
    assert annotations(stub(summary("fine"))) == []
    assert len(annotations(many(10, 1))) == MOST == 10
    lines = annotations(many(25, 1))
    assert len(lines) == MOST
    assert lines[-1] == "::warning title=rnn-parity::16 more: see the job's summary."


def test_a_crash_is_worse_than_a_difference_and_names_the_users_file():
    made = report(wrong, crashes)
    assert annotations(made)[0].startswith(
        "::error title=tests.report.stubs%3Acrashes differs on 6 of 6 cases::it raised ValueError: "
    )
    assert "%0AMatches with U transposed: " in annotations(made)[1]
    assert ",file=mine/rnn.py::" in annotations(stub(summary("mine/rnn.py:run", 1)))[0]


def test_nothing_in_a_text_ends_a_command_or_begins_another():
    line = command("error", NASTY, NASTY, NASTY)
    assert len(line.splitlines()) == 1
    head, _, message = line.removeprefix("::error ").partition("::")
    assert [part.partition("=")[0] for part in head.split(",")] == ["title", "file"]
    assert message.startswith("x ::error::y # <script>")
    assert "%250A" in message
    assert message.endswith("%25%0A::error::z")
    for bad in ("\n", "\r", "\x1b", "\x00", "\ud800"):
        assert bad not in line
    assert all(
        text.startswith("::") and len(text.splitlines()) == 1 for text in annotations(nasty())
    )
