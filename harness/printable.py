r"""Makes text from outside harmless: the one escape of all that is printed, logged or reported.

A file, a user's code or an exception may say anything: control codes, half letters, letters that
change the direction of writing, and commands to the program that shows a job's log. Counts and
lists get their words here, too.
"""

import re
from collections.abc import Iterable

LONGEST = 2000  # characters of one sentence that a report repeats
# What a CI system obeys in a log: `::name::` at the start of a line, `##[name]` anywhere (GitHub,
# https://github.com/actions/runner, ActionCommand.cs), `##vso[` (Azure), `##teamcity[`.
_COMMAND = re.compile(r"(?m)^[ \t]*:(?=:)|#(?=#\w*\[)")


def printable(text: object, keep: str = "\n\t") -> str:
    r"""Returns the text with all that is not printable as escapes, `\x1b` say.

    These are control characters, lone surrogates and letters that change the direction of writing.
    What is left is legal in XML, cannot move a terminal's cursor, and is no command in a log.

    >>> print(printable("red: \x1b[31m, half: \ud800"))
    red: \x1b[31m, half: \ud800
    >>> print(printable("fine\n ::error::broken"))
    fine
     \x3a:error::broken
    """
    text = str(text).replace("\r\n", "\n")
    if not (text.isascii() and text.isprintable()):
        text = "".join(
            letter
            if letter.isprintable() or letter in keep
            else letter.encode("unicode_escape").decode()
            for letter in text
        )
    return _COMMAND.sub(_escape, text)


def how_many(count: int, noun: str) -> str:
    """The count with its noun.

    >>> how_many(1, "case"), how_many(2000, "case")
    ('1 case', '2,000 cases')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"


def in_words(names: Iterable[str]) -> str:
    """Joins names with commas and a last "and".

    >>> in_words("a"), in_words("ab"), in_words("abc")
    ('a', 'a and b', 'a, b and c')
    """
    names = list(names)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def one_line(text: object, longest: int = LONGEST) -> str:
    """Returns printable text on one line, cut where it is longer than anyone reads."""
    text = str(text)
    # Enough for the line, however long the text: each of its letters takes at most ten.
    line = printable(" ".join(text[: 10 * longest].split()), keep="")
    length = len(line) if len(text) <= 10 * longest else len(text)
    if length <= longest:
        return line
    return f"{line[:longest]} ... ({length - longest} more characters)"


def _escape(match: re.Match[str]) -> str:
    return match[0][:-1] + rf"\x{ord(match[0][-1]):02x}"
