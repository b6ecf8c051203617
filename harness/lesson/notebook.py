"""The notebook: the page's own text and code, as cells to run and change."""

import hashlib
from html import escape

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from harness.lesson.material import Material
from harness.lesson.tables import Table, table
from harness.lesson.text import Block, Chapter, chapters, welcome

SETUP = """from harness.lesson.material import build
from harness.lesson.pictures import picture

material = build(numpy_only={numpy_only})  # every number of the lesson, computed here; takes some seconds"""


def notebook(material: Material) -> str:
    """The whole lesson as a notebook of nbformat 4, not yet run."""
    first, *rest = (welcome(material), *chapters(material))
    cells = [
        *_cells(first, material),
        new_code_cell(SETUP.format(numpy_only=not material.frameworks)),
    ]
    for chapter in rest:
        cells += _cells(chapter, material)
    cells.append(new_markdown_cell("## Answers"))
    for block in rest[-1].blocks:
        if block.kind == "answer":
            cells.append(new_markdown_cell(f"### {block.argument}"))
            cells += [cell for inner in block.blocks for cell in _block(inner, material)]
    cells.append(new_markdown_cell(_versions(material)))
    for number, cell in enumerate(cells):
        cell["id"] = hashlib.sha256(f"{number} {cell['source']}".encode()).hexdigest()[
            :12
        ]  # nbformat's own are random
    made = new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )
    nbformat.validate(made)
    return str(nbformat.writes(made)) + "\n"


def _cells(chapter: Chapter, material: Material) -> list[NotebookNode]:
    cells = [new_markdown_cell(f"{'#' if chapter.name == 'welcome' else '##'} {chapter.title}")]
    for block in chapter.blocks:
        cells += _block(block, material)
    return cells


def _block(block: Block, material: Material) -> list[NotebookNode]:
    """The cells of one block. A widget has none, since its `python notebook` copy_with follows it; answers stand at the end, out of sight."""
    if block.kind in ("run", "notebook"):
        return [new_code_cell(block.body)]
    if block.kind == "figure":
        return [
            new_code_cell(f'picture("{block.argument}", material)'),
            new_markdown_cell(f"*{block.body.strip()}*"),
        ]
    if block.kind in ("widget", "answer"):
        return []
    return [new_markdown_cell(_markdown(block, material))]


def _markdown(block: Block, material: Material) -> str:
    if block.kind == "table":
        return f"{_rows(table(block.argument, material))}\n\n{block.body.strip()}"
    return block.body if block.kind == "text" else f"```{block.argument}\n{block.body}\n```"


def _rows(shown: Table) -> str:
    lines = [
        shown.headings,
        tuple("---:" if number else ":---" for number in shown.numbers),
        *shown.rows,
    ]
    return "\n".join(f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in lines)


def _escaped(text: str) -> str:
    """Text that neither a table nor HTML could take for its own."""
    return escape(text, quote=False).replace("|", "&#124;")


def _versions(material: Material) -> str:
    listed = "\n".join(
        f"- {_escaped(name)}: {_escaped(value)}" for name, value in material.versions.items()
    )
    said = "The numbers in the text were computed with the versions below; the cells compute yours."
    return f"## Where these numbers come from\n\n{said}\n\n{listed}"
