"""Makes text from outside harmless.

A user's code may say anything in a name or an exception: markup, commands, half letters.
"""

import re

LONGEST = 2000  # characters of one sentence that a report repeats
_MARKUP = re.compile(r"""[^0-9A-Za-z ,;.()=/'":-]|:(?=//)|(?<=www)\.""", re.IGNORECASE)


def printable(text: str, keep: str = "\n\t") -> str:
    r"""Returns the text with all that is not printable as escapes, `\x1b` say.

    These are control characters, lone surrogates and letters that change the direction of writing.
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
    """Returns printable text on one line, cut where it is longer than anyone reads."""
    line = printable(" ".join(text.split()), keep="")
    if len(line) <= longest:
        return line
    return f"{line[:longest]} ... ({len(line) - longest} more characters)"


def inline(text: str) -> str:
    """Returns Markdown that shows this text as code, in a table too, whatever is in it."""
    return f"<code>{plain(text)}</code>"


def plain(text: str) -> str:
    """Returns Markdown that shows this text on one line, as words.

    What could be markup becomes an entity, which is never structure (CommonMark 2.5).
    """
    return _MARKUP.sub(_entity, one_line(text))


def block(text: str) -> str:
    """Returns Markdown that shows these lines as they are: a fence longer than any in the text."""
    text = printable(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _entity(match: re.Match[str]) -> str:
    return match[0] if match[0].isalnum() else f"&#{ord(match[0])};"
