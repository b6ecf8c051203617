"""Text from outside made harmless: a user's code may say anything in a name or an exception: markup, commands, half letters."""

import re

LONGEST = 2000  # characters of one sentence that a report repeats
_MARKUP = re.compile(r"""[^0-9A-Za-z ,;.()=/'":-]|:(?=//)|(?<=www)\.""", re.IGNORECASE)


def printable(text: str, keep: str = "\n\t") -> str:
    r"""The text with control characters, lone surrogates and letters that change the direction of writing as escapes: `\x1b`.

    What is left is legal in XML and cannot move a terminal's cursor.

    >>> print(printable("red: \x1b[31m, half: \ud800"))
    red: \x1b[31m, half: \ud800
    """
    text = text.replace("\r\n", "\n")
    return "".join(
        letter
        if letter.isprintable() or letter in keep
        else letter.encode("unicode_escape").decode()
        for letter in text
    )


def one_line(text: str, longest: int = LONGEST) -> str:
    """Printable, on one line, and cut where it is longer than anyone reads."""
    line = printable(" ".join(text.split()), keep="")
    return (
        line
        if len(line) <= longest
        else f"{line[:longest]} ... ({len(line) - longest} more characters)"
    )


def inline(text: str) -> str:
    """Markdown that shows this text as code, in a table too, whatever is in it: what could be markup stands there as a number."""
    return f"<code>{plain(text)}</code>"


def plain(text: str) -> str:
    """Markdown that shows this text on one line, as words. An entity is never structure (CommonMark 2.5), so nothing begins any."""
    return _MARKUP.sub(
        lambda found: found[0] if found[0].isalnum() else f"&#{ord(found[0])};", one_line(text)
    )


def block(text: str) -> str:
    """Markdown that shows these lines as they are: a fence that is longer than any in the text."""
    text = printable(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
