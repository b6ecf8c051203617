"""Text from outside can neither end a block, nor begin markup, nor move a cursor."""

import pytest

from harness.report.foreign import block, inline, one_line, plain, printable
from tests.report.stubs import NASTY, html, tags


def test_a_fence_in_a_text_does_not_end_its_block():
    text = "a\n```\n<script>\n`````\n# b"
    assert tags(block(text)) == {"pre", "code"}
    assert tags(f"```text\n{text}\n```") > {"pre", "code"}


def test_the_parser_would_notice():
    assert "script" in tags(NASTY)
    assert "strong" in tags(NASTY)


def test_no_markup_begins_in_a_word_or_in_code():
    assert tags(plain(NASTY)) == {"p"}
    assert tags(inline(NASTY)) == {"p", "code"}
    assert "http:" in html(plain("http://h.i"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\x1b[31m", r"a\x1b[31m"), ("\ud800", r"\ud800"), ("\u202e", r"\u202e"), ("a\r\nb", "a\nb")],
)
def test_what_is_not_printable_becomes_its_escape(text, expected):
    assert printable(text) == expected


def test_one_line_is_one_and_says_how_much_it_leaves_out():
    assert one_line("a\n b\tc") == "a b c"
    assert one_line("x" * 12, longest=10) == "x" * 10 + " ... (2 more characters)"
