from dataclasses import replace

import nbformat
import pytest

from harness.lesson.notebook import SETUP, notebook
from harness.lesson.text import chapters
from harness.mistakes.catalogue import BY_NAME
from references import installed


@pytest.fixture(scope="module")
def document(plain):
    return nbformat.reads(notebook(plain), as_version=4)


def ran(cells, folder):
    """The cells, run from top to bottom in a kernel of their own."""
    client = pytest.importorskip("nbclient")
    whole = nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    client.NotebookClient(
        whole, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    return whole


def sources(text):
    return [
        cell.source for cell in nbformat.reads(text, as_version=4).cells if cell.cell_type == "code"
    ]


@pytest.mark.framework
def test_without_frameworks_it_runs_the_same_code_and_no_other(plain, full):
    whole = sources(notebook(full))
    assert [source for source in sources(notebook(plain)) if source not in whole] == [
        SETUP.format(numpy_only=True)
    ]


@pytest.mark.deep
@pytest.mark.process
@pytest.mark.filterwarnings(
    "ignore:Proactor event loop:RuntimeWarning"
)  # what Jupyter's client says of itself on Windows
def test_it_runs_from_top_to_bottom(request, tmp_path):
    everything = {"torch", "keras"} <= set(installed())
    done = ran(
        nbformat.reads(
            notebook(request.getfixturevalue("full" if everything else "plain")), as_version=4
        ).cells,
        tmp_path,
    )
    code = [cell for cell in done.cells if cell.cell_type == "code"]
    assert len(code) > 20
    assert all(cell.execution_count for cell in code)
    pictures = [cell for cell in code if cell.source.startswith("picture(")]
    assert len(pictures) == 5
    assert all("image/svg+xml" in cell.outputs[0].data for cell in pictures)
    (chosen,) = (cell for cell in code if "material.examples" in cell.source)
    printed = "".join(
        output.text for cell in code for output in cell.outputs if output.output_type == "stream"
    )
    assert "notebook 0.0 True" in printed
    assert "Diagnosis: Matches with U transposed" in printed
    assert [
        sorted(output.data) for output in chosen.outputs if output.output_type == "display_data"
    ] == [["image/png", "text/plain"]]


@pytest.mark.deep
@pytest.mark.process
def test_a_cell_that_breaks_would_be_noticed(tmp_path):
    from nbclient.exceptions import CellExecutionError

    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        ran([nbformat.v4.new_code_cell("1 / 0")], tmp_path)


def test_it_is_the_same_text_as_the_page(plain, document):
    cells = [cell.source for cell in document.cells]
    for chapter in chapters(plain):
        assert f"## {chapter.title}" in cells
        for block in chapter.blocks:
            if block.kind in ("text", "run", "notebook"):
                assert block.body in cells
            for inner in block.blocks:
                assert inner.kind == "figure" or inner.body in cells


def test_whatever_is_put_in_is_escaped(plain, monkeypatch):
    hostile = "<script>alert(1)</script> | x"
    scaled = plain.allclose.scaled
    audit = replace(scaled.audit, missed=(hostile,))
    monkeypatch.setitem(BY_NAME, hostile, BY_NAME["U transposed"])
    allclose = plain.allclose._replace(scaled=scaled._replace(audit=audit))
    text = notebook(replace(plain, allclose=allclose, versions={hostile: hostile}))
    assert "<script" not in text
    assert text.count("&lt;script>alert(1)&lt;/script> &#124; x".replace(">", "&gt;")) == 3


def test_answers_stand_at_the_end(document):
    cells = [cell.source for cell in document.cells]
    answers = cells.index("## Answers")
    assert [
        n for n, source in enumerate(cells) if "rnn_as_documented(inputs, W, U, b), rnn" in source
    ] > [answers]
    assert sum(source.startswith("### Answer") for source in cells[answers:]) == 5


def test_the_same_notebook_each_time(plain, document):
    assert nbformat.reads(notebook(plain), as_version=4) == document
