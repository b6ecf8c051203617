"""Text from outside can neither move a cursor, nor turn a line round, nor command a log."""

import pytest

from harness.printable import how_many, in_words, one_line, printable


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\x1b[31m", r"a\x1b[31m"), ("\ud800", r"\ud800"), ("\u202e", r"\u202e"), ("a\r\nb", "a\nb")],
)
def test_what_is_not_printable_becomes_its_escape(text, expected):
    assert printable(text) == expected


def test_one_line_is_one_and_says_how_much_it_leaves_out():
    assert one_line("a\n b\tc") == "a b c"
    assert one_line("x" * 12, longest=10) == "x" * 10 + " ... (2 more characters)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::error::x", r"\x3a:error::x"),
        ("a\n \t::stop-commands::t", "a\n \t\\x3a:stop-commands::t"),
        ("a\r\n::set-output::t", "a\n\\x3a:set-output::t"),
        ("see ##[error]x", r"see \x23#[error]x"),
        ("##vso[task]", r"\x23#vso[task]"),
        ("###[x", r"#\x23#[x"),
    ],
)
def test_no_line_is_a_command_to_what_shows_the_log(text, expected):
    assert printable(text) == expected


@pytest.mark.parametrize(
    "text", ["mine.py::test", "a: b", ":x", "# a [b]", "## a", "a[0]", "a:: b"]
)
def test_what_is_no_command_stays(text):
    assert printable(text) == one_line(text) == text


def test_a_text_without_end_costs_no_time_and_says_how_long_it_is():
    assert one_line("x" * 10**7, 10) == "x" * 10 + " ... (9999990 more characters)"
    assert one_line("\x1b" * 10**7, 8).startswith(r"\x1b\x1b ... (")


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 cases"), (1, "1 case"), (2, "2 cases"), (12345, "12,345 cases")]
)
def test_a_count_has_its_noun(count, text):
    assert how_many(count, "case") == text


def test_names_in_words():
    assert [in_words(names) for names in ((), "a", "ab", "abc")] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
