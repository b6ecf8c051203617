"""Markdown that no text can break out of, and that stays within any room."""

import re

import pytest

from harness.report.markdown import as_markdown
from tests.report.stubs import (
    crashes,
    html,
    known,
    many,
    nasty,
    refuses,
    report,
    run,
    stub,
    summary,
    tags,
    wrong,
)  # fmt: skip

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
    assert "❌ fails" in shown
    assert "<td><code>tests.report.stubs:wrong</code></td>\n<td>❌ fails</td>" in shown
    assert "Matches with U transposed" in shown
    assert "@example(case=case)" in shown
    most = max(one.counts.total() for one in made.summaries)
    more = f"{most - made.cases} more in place of refused ones"
    assert f"{made.cases} cases, {more}, seed 0" in shown
    assert tags(as_markdown(made)) <= OURS


def test_every_exit_status_has_a_word_beside_its_sign():
    for status, word in ((0, "agrees"), (1, "fails"), (3, "cannot tell")):
        assert as_markdown(stub(summary("a", status))).splitlines()[0].endswith(f" {word}")


def test_known_differences_are_listed_with_their_source():
    assert "Known differences of the frameworks" in as_markdown(stub(known()))
    assert "Known differences" not in as_markdown(stub(summary("a")))


def test_notes_and_an_interruption_stand_under_the_sentence():
    text = as_markdown(stub(summary("a"), interrupted=True, notes=("one <b>worker</b> ended",)))
    assert "**Note:** one &#60;b&#62;worker&#60;/b&#62; ended" in text
    assert "**Note:** The run was interrupted: this is what was known by then." in text
    assert "Note" not in as_markdown(stub(summary("a")))


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


@pytest.mark.slow
def test_no_room_is_overrun_whatever_its_size():
    made = many(12, 100)
    assert all(len(as_markdown(made, limit=room).encode()) <= room for room in range(450, 6000, 7))
