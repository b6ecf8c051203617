from dataclasses import replace

import pytest
from jinja2 import UndefinedError

from harness.lesson.pictures import PICTURES
from harness.lesson.tables import TABLES
from harness.lesson.text import CHAPTERS, Block, blocks, chapters, templates

WIDTH = 72  # what a page shows of a line of code without scrolling


def every(group):
    for block in group:
        yield block
        yield from every(block.blocks)


@pytest.fixture
def pieces(material):
    """Every block of the chapters, also those inside answers."""
    return [block for chapter in chapters(material) for block in every(chapter.blocks)]


def test_the_seven_chapters(plain):
    assert [chapter.title.partition(".")[0] for chapter in chapters(plain)] == [
        str(n) for n in range(1, 8)
    ]
    assert [chapter.name for chapter in chapters(plain)] == list(CHAPTERS)


def test_a_fence_is_cut_out_of_the_text():
    assert blocks("one\n\n```python run\nx = 1\n```\ntwo\n```figure chaos\na *caption*\n```") == (
        Block("text", "", "one"),
        Block("run", "python", "x = 1"),
        Block("text", "", "two"),
        Block("figure", "chaos", "a *caption*"),
    )


def test_an_answer_holds_blocks():
    (answer,) = blocks("````answer Answer to 1\nbecause\n```python run\n1\n```\n````")
    assert (answer.kind, answer.argument) == ("answer", "Answer to 1")
    assert answer.blocks == (Block("text", "", "because"), Block("run", "python", "1"))


def test_every_picture_table_and_kind_is_known_and_shown(pieces):
    assert {block.kind for block in pieces} == {
        "text",
        "code",
        "run",
        "notebook",
        "figure",
        "table",
        "widget",
        "answer",
    }
    assert {block.argument for block in pieces if block.kind == "figure"} == set(PICTURES)
    assert {block.argument for block in pieces if block.kind == "table"} == set(TABLES)
    assert {block.argument for block in pieces if block.kind == "widget"} == {
        "slider",
        "mirror",
        "break",
    }


def test_no_line_of_code_needs_scrolling(pieces):
    assert [
        line
        for block in pieces
        if block.kind in ("run", "code")
        for line in block.body.splitlines()
        if len(line) > WIDTH
    ] == []


def test_a_name_that_is_not_there_breaks():
    with pytest.raises(UndefinedError):
        templates().from_string("{{ m.nothing.there }}").render(m=object())


@pytest.mark.framework
def test_without_frameworks_nothing_is_said_that_was_not_done(plain, full):
    texts = {
        name: " ".join(block.body for chapter in chapters(m) for block in chapter.blocks)
        for name, m in (("plain", plain), ("full", full))
    }
    assert "import torch" in texts["full"]
    assert "from keras import" in texts["full"]
    assert "import torch" not in texts["plain"]
    assert "from keras import" not in texts["plain"]
    assert "It was not read back from them" in " ".join(texts["plain"].split())
    assert "It was not read back from them" not in " ".join(texts["full"].split())


@pytest.mark.framework
def test_with_one_framework_the_text_speaks_of_one(full):
    text = " ".join(
        block.body
        for chapter in chapters(replace(full, frameworks=("torch",)))
        for block in chapter.blocks
    )
    assert "PyTorch keeps the same numbers as the loop, but under other names" in text
    assert "Now the loop and PyTorch get the same weights" in text
    assert "import torch" in text
    assert "from keras import" not in text
