"""No word of a command line ends in a traceback, and none is obeyed by what shows the log."""

import random

import pytest

from harness.cli.words import say, trouble_of
from tests.cli.command_lines import LONG, command_line, outcome, work
from tests.cli.commands import complaint

COMMANDS = [
    ("verify",),
    ("verify", "--save"),
    ("verify", "--json"),
    ("explain",),
    ("explain", "x.case"),
    ("audit",),
    ("doctor",),
    ("calibrate",),
    ("calibrate", "-o"),
    ("findings",),
    ("lesson", "-o"),
    ("campaign",),
    ("campaign", "resume"),
    ("campaign", "show", "a", "--report"),
    ("campaign", "export", "--jsonl"),
    ("campaign", "a", "--implementations"),
    ("campaign", "a", "--examples"),
    ("trace", "--steps"),
    (),
]


@pytest.fixture
def no_work(monkeypatch):
    """What would take long ends a command, once it has taken its words."""
    for name in LONG:
        monkeypatch.setattr(name, work)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("x" * 256 + ".py:run", "holds a name of 259 bytes, but a name has at most 255"),
        ("é" * 200, "holds a name of 400 bytes, but a name has at most 255"),
        ("x/" * 3000, "is a path of 6,000 bytes; a path has at most 4,095"),
        ("a\0b", "holds the character NUL, which no name can have"),
        ("a\udcff", "is no UTF-8: it holds half a letter"),
    ],
    ids=["long", "letters of two bytes", "path", "NUL", "half a letter"],
)
def test_a_name_that_no_file_can_have_is_one_sentence_for_every_command(words, word, sentence):
    text = complaint(*words, word)
    assert sentence in text
    assert len(text) < 200


@pytest.mark.parametrize("word", ["a,b" * 2000, "x" * 255, "/".join(["x" * 250] * 16), ""])
def test_what_may_be_a_name_or_a_list_of_names_is_let_through(word):
    assert trouble_of(word) == ""


@pytest.mark.process
def test_a_name_that_becomes_too_long_is_a_sentence_too():
    """255 bytes with a comma in the middle: what is too long is known when it is opened."""
    assert "can be no file: File name too long" in complaint("verify", f"{'x,' * 140}.py:run")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_what_is_repeated_of_a_word_is_harmless(words, no_work):
    assert outcome([*words, "a\n::error::b\x1b[31m\u202e"]) in (0, 2)


def test_what_is_said_goes_through_the_escape(capsys):
    say("a\n::error::b\x1b")
    assert capsys.readouterr().out == "a\n\\x3a:error::b\\x1b\n"


@pytest.mark.slow
@pytest.mark.parametrize("count", [150, pytest.param(5000, marks=pytest.mark.long)])
def test_a_command_line_at_random_ends_with_a_status_and_a_sentence(count, no_work):
    results = {}
    for number in range(count):
        words = command_line(random.Random(number))
        results.setdefault(outcome(words), words)
    assert results.keys() <= {0, 1, 2, 3}, results
    assert {0, 2} <= results.keys()
