"""Shows text from outside in Markdown: what is in it is never markup."""

import re

from harness.printable import one_line, printable

_MARKUP = re.compile(r"""[^0-9A-Za-z ,;.()=/'":-]|:(?=//)|(?<=www)\.""", re.IGNORECASE)
_LIST = re.compile(r"^(\d{0,9})([-=.)])")  # begins a list, or makes a heading of the line above


def inline(text: str) -> str:
    """Returns Markdown that shows this text as code, in a table too, whatever is in it."""
    return f"<code>{plain(text)}</code>"


def plain(text: str) -> str:
    """Returns Markdown that shows this text on one line, as words.

    What could be markup becomes an entity, which is never structure (CommonMark 2.5).
    """
    words = _MARKUP.sub(_entity, one_line(text))
    return _LIST.sub(lambda match: f"{match[1]}&#{ord(match[2])};", words)


def block(text: str) -> str:
    """Returns Markdown that shows these lines as they are: a fence longer than any in the text."""
    text = printable(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _entity(match: re.Match[str]) -> str:
    return match[0] if match[0].isalnum() else f"&#{ord(match[0])};"
