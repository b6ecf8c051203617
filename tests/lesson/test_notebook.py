import nbformat
import pytest

from harness.lesson.notebook import notebook
from harness.lesson.text import chapters


@pytest.fixture(scope="module")
def made(plain):
    return nbformat.reads(notebook(plain), as_version=4)


def ran(cells, folder):
    """The cells, run from top to bottom in a kernel of their own."""
    client = pytest.importorskip("nbclient")
    whole = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    client.NotebookClient(whole, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    return whole


@pytest.mark.parametrize("name", ["plain", "full"])
@pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")  # what Jupyter's client says of itself on Windows
def test_it_runs_from_top_to_bottom(name, request, tmp_path):
    cells = nbformat.reads(notebook(request.getfixturevalue(name)), as_version=4).cells
    done = ran(cells, tmp_path)
    code = [cell for cell in done.cells if cell.cell_type == "code"]
    assert len(code) > 20
    assert all(cell.execution_count for cell in code)
    pictures = [cell for cell in code if cell.source.startswith("picture(")]
    assert len(pictures) == 5
    assert all("image/svg+xml" in cell.outputs[0].data for cell in pictures)
    printed = "".join(output.text for cell in code for output in cell.outputs if output.output_type == "stream")
    assert "notebook 0.0 True" in printed
    assert "Diagnosis: Matches with U transposed" in printed


def test_a_cell_that_breaks_would_be_noticed(tmp_path):
    from nbclient.exceptions import CellExecutionError

    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        ran([nbformat.v4.new_code_cell("1 / 0")], tmp_path)


def test_it_is_the_same_text_as_the_page(plain, made):
    sources = [cell.source for cell in made.cells]
    for chapter in chapters(plain):
        assert f"## {chapter.title}" in sources
        for block in chapter.blocks:
            if block.kind in ("text", "run", "notebook"):
                assert block.body in sources
            for inner in block.blocks:
                assert inner.kind == "figure" or inner.body in sources


def test_answers_stand_at_the_end(made):
    sources = [cell.source for cell in made.cells]
    answers = sources.index("## Answers")
    assert [n for n, source in enumerate(sources) if "rnn_as_documented(inputs, W, U, b), rnn" in source] > [answers]
    assert sum(source.startswith("### Answer") for source in sources[answers:]) == 5


def test_the_same_notebook_each_time(plain, made):
    assert nbformat.reads(notebook(plain), as_version=4) == made
