"""The notebook: the page's own text and code, as cells to run and change."""

import hashlib
from html import escape

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from harness.lesson.material import Material
from harness.lesson.tables import table
from harness.lesson.text import Block, Chapter, chapters, welcome

SETUP = """\
from harness.lesson.material import build
from harness.lesson.pictures import picture

# every number of the lesson, computed here; takes some seconds
material = build(numpy_only={numpy_only})"""
METADATA = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def notebook(material: Material) -> str:
    """The whole lesson as a notebook of nbformat 4, not yet run."""
    first, *rest = welcome(material), *chapters(material)
    cells = _cells(first, material)
    cells.append(new_code_cell(SETUP.format(numpy_only=not material.frameworks)))
    cells += [cell for chapter in rest for cell in _cells(chapter, material)]
    cells.append(new_markdown_cell("## Answers"))
    for answer in (block for block in rest[-1].blocks if block.kind == "answer"):
        cells.append(new_markdown_cell(f"### {answer.argument}"))
        cells += [cell for block in answer.blocks for cell in _block(block, material)]
    cells.append(new_markdown_cell(_versions(material)))
    for number, cell in enumerate(cells):  # nbformat's own ids are random
        cell["id"] = hashlib.sha256(f"{number} {cell['source']}".encode()).hexdigest()[:12]
    node = new_notebook(cells=cells, metadata=METADATA)
    nbformat.validate(node)
    return str(nbformat.writes(node)) + "\n"


def _cells(chapter: Chapter, material: Material) -> list[NotebookNode]:
    title = new_markdown_cell(f"{'#' if chapter.name == 'welcome' else '##'} {chapter.title}")
    return [title, *(cell for block in chapter.blocks for cell in _block(block, material))]


def _block(block: Block, material: Material) -> list[NotebookNode]:
    """The cells of one block.

    A widget has none, since a `python notebook` block follows it; answers are at the end.
    """
    if block.kind in ("widget", "answer"):
        return []
    if block.kind in ("run", "notebook"):
        return [new_code_cell(block.body)]
    if block.kind == "figure":
        caption = new_markdown_cell(f"*{block.body.strip()}*")
        return [new_code_cell(f'picture("{block.argument}", material)'), caption]
    if block.kind == "table":
        return [new_markdown_cell(f"{_table(block.argument, material)}\n\n{block.body.strip()}")]
    code = f"```{block.argument}\n{block.body}\n```"
    return [new_markdown_cell(block.body if block.kind == "text" else code)]


def _table(name: str, material: Material) -> str:
    headings, rows, numbers = table(name, material)
    lines = (headings, ["---:" if number else ":---" for number in numbers], *rows)
    return "\n".join(f"| {' | '.join(map(_escape, line))} |" for line in lines)


def _escape(text: str) -> str:
    """Escapes what a table or HTML could take for its own."""
    return escape(text, quote=False).replace("|", "&#124;")


def _versions(material: Material) -> str:
    versions = "\n".join(
        f"- {_escape(name)}: {_escape(value)}" for name, value in material.versions.items()
    )
    return (
        "## Where these numbers come from\n\nThe numbers in the text were computed with the "
        f"versions below; the cells compute yours.\n\n{versions}"
    )
