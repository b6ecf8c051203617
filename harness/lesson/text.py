"""The chapters' text: Markdown, filled with the material's numbers, then cut into blocks.

The page and the notebook lay out the same blocks. A fence's first words say what it is:
`python run` is run and shows what it prints; `python notebook` is in the notebook alone;
`figure NAME`, `table NAME` and `widget NAME` hold a caption; `answer SUMMARY` hides its blocks;
any other is code to read.
"""

from collections.abc import Callable
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt

from harness.lesson.material import Material
from harness.printable import in_words
from references import REFERENCES

CHAPTERS = ("loop", "mirror", "sequence", "identical", "comparison", "break", "exercises")
KINDS = ("figure", "table", "widget", "answer")


class Block(NamedTuple):
    """A piece of a chapter."""

    kind: str  # text, code, run, notebook, or one of KINDS
    argument: str  # a figure's, table's or widget's name, an answer's summary, a code's language
    body: str  # Markdown or code
    blocks: tuple["Block", ...] = ()  # what an answer hides


class Chapter(NamedTuple):
    """A chapter: its name in the address, its title, its blocks."""

    name: str
    title: str
    blocks: tuple[Block, ...]


def templates() -> Environment:
    """Templates that escape whatever is put into them, and raise for an undefined name."""
    environment = Environment(
        loader=PackageLoader("harness.lesson"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    return environment


def chapters(material: Material) -> tuple[Chapter, ...]:
    """The seven chapters with the material's numbers in them."""
    return tuple(_chapter(name, material) for name in CHAPTERS)


def welcome(material: Material) -> Chapter:
    """The text before the first chapter."""
    return _chapter("welcome", material)


def markdown() -> MarkdownIt:
    """Markdown in which HTML is text."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def blocks(text: str) -> tuple[Block, ...]:
    """Cuts Markdown at its fences."""
    lines = text.splitlines()
    pieces: list[Block] = []
    position = 0
    for token in markdown().parse(text):
        if token.type != "fence" or token.level or token.map is None:
            continue
        start, end = token.map
        pieces += _prose(lines[position:start])
        pieces.append(_fence(token.info.strip(), token.content.rstrip("\n")))
        position = end
    return (*pieces, *_prose(lines[position:]))


def _chapter(name: str, material: Material) -> Chapter:
    titles = [REFERENCES[framework].title for framework in material.frameworks]
    text = templates().get_template(f"chapters/{name}.md").render(m=material, titles=titles)
    heading, _, rest = text.strip().partition("\n")
    return Chapter(name, heading.removeprefix("## "), blocks(rest))


def _prose(lines: list[str]) -> list[Block]:
    text = "\n".join(lines).strip()
    return [Block("text", "", text)] if text else []


def _fence(info: str, body: str) -> Block:
    kind, _, argument = info.partition(" ")
    if kind in KINDS:
        return Block(kind, argument, body, blocks(body) if kind == "answer" else ())
    return Block(argument or "code", kind, body)


FILTERS: dict[str, Callable[..., str]] = {
    "sci": lambda value, digits=2: f"{float(value):.{digits - 1}e}" if value else "0.0",
    "fixed": lambda value, digits=4: f"{float(value):.{digits}f}",
    "whole": lambda value: f"{int(value):,}",
    "percent": lambda value, digits=1: f"{100 * float(value):.{digits}f} %",
    "listed": in_words,
}
