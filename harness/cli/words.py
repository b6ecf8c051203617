"""The words of a command: checks those that come in, and escapes those that go out."""

import os
import re
from collections.abc import Iterable
from typing import TextIO

import click

from harness.printable import one_line, printable

LONGEST_NAME = 255  # bytes that a file system takes for one name
LONGEST_PATH = 4095  # bytes that it takes for a path


def say(text: object, err: bool = False) -> None:
    """Prints text in which anything from outside may stand: it goes through the one escape."""
    click.echo(printable(text), err=err)


def flush_or_drop(stream: TextIO) -> OSError | None:
    """Flushes a stream; one that cannot be written leads nowhere from now on."""
    try:
        stream.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return error
    return None


def check_words(words: Iterable[str]) -> None:
    """Raises UsageError for a word that can be no name, path or value of an option."""
    for word in words:
        if trouble := trouble_of(word):
            raise click.UsageError(f"{one_line(repr(word), 60)} {trouble}")


def trouble_of(word: str) -> str:
    """Says why a word can be no name, or list of names, whatever it should name; else empty."""
    if "\0" in word:
        return "holds the character NUL, which no name can have"
    if any("\ud800" <= letter <= "\udfff" for letter in word):
        return "is no UTF-8: it holds half a letter; rename the file, or write the name in UTF-8"
    for item in word.split(","):
        length = max(len(name.encode()) for name in re.split(r"[/\\:=]", item))
        if length > LONGEST_NAME:
            return f"holds a name of {length:,} bytes, but a name has at most {LONGEST_NAME}"
        if len(item.encode()) > LONGEST_PATH:
            return f"is a path of {len(item.encode()):,} bytes; a path has at most {LONGEST_PATH:,}"
    return ""
