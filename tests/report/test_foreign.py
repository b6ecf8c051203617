"""Text from outside can neither end a block nor begin markup."""

from html import unescape

import pytest

from harness.report.foreign import block, inline, plain
from tests.report.stubs import NASTY, html, tags


def test_a_fence_in_a_text_does_not_end_its_block():
    text = "a\n```\n<script>\n`````\n# b"
    assert tags(block(text)) == {"pre", "code"}
    assert tags(f"```text\n{text}\n```") > {"pre", "code"}


def test_the_parser_would_notice():
    assert "script" in tags(NASTY)
    assert "strong" in tags(NASTY)


@pytest.mark.parametrize("text", ["- a", "1. a.py:run computes", "12) a", "---", "=== b"])
def test_a_line_of_words_begins_no_list_and_no_rule(text):
    assert tags(f"A heading?\n{plain(text)}") == {"p"}
    assert text in unescape(html(plain(text)))


def test_no_markup_begins_in_a_word_or_in_code():
    assert tags(plain(NASTY)) == {"p"}
    assert tags(inline(NASTY)) == {"p", "code"}
    assert "http:" in html(plain("http://h.i"))
