import ast
import io
import re
import textwrap
from contextlib import redirect_stdout
from dataclasses import replace

import nbformat
import numpy as np
import pytest

from harness import verify
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
    assert "textbook 0.0 True" in printed
    assert "Diagnosis: Matches with U transposed" in printed
    assert [
        sorted(output.data) for output in chosen.outputs if output.output_type == "display_data"
    ] == [["image/png", "text/plain"]]


@pytest.mark.long
@pytest.mark.process
@pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")
def test_it_runs_twice_in_one_kernel_and_prints_the_same(document, tmp_path):
    cells = [cell for cell in document.cells if cell.cell_type == "code"]
    twice = [nbformat.v4.new_code_cell(cell.source) for cell in cells * 2]
    texts = [
        re.sub(r"[\d.]+ s\b", "", "".join(one.get("text", "") for one in cell.outputs))
        for cell in ran(twice, tmp_path).cells
    ]
    assert texts[: len(cells)] == texts[len(cells) :]
    assert sum(map(bool, texts)) > 20


@pytest.mark.deep
@pytest.mark.process
def test_a_cell_that_breaks_would_be_noticed(tmp_path):
    from nbclient.exceptions import CellExecutionError

    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        ran([nbformat.v4.new_code_cell("1 / 0")], tmp_path)


@pytest.fixture
def cells(plain, document, monkeypatch):
    """The code of the notebook without frameworks, with its material computed already."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("agg")
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    monkeypatch.setattr("harness.lesson.material.build", lambda numpy_only: plain)
    return [cell.source for cell in document.cells if cell.cell_type == "code"]


def printed(source, names):
    """What a cell prints, without the seconds that a run took."""
    with redirect_stdout(io.StringIO()) as stream:
        exec(compile(source, "<cell>", "exec"), names)
    return re.sub(r"[\d.]+ s\b", "", stream.getvalue())


def rerun(cells):
    """The cells that print something else when they are run once more, the last one first."""
    names = {"__name__": "my_rnn"}
    first = [printed(source, names) for source in cells]
    again = [printed(source, names) for source in reversed(cells)]
    pairs = zip(cells, first, reversed(again), strict=True)
    return [cell for cell, one, other in pairs if one != other]


@pytest.mark.long
def test_each_cell_can_be_run_again_and_prints_the_same(cells):
    assert rerun(cells) == []


def test_no_later_cell_binds_a_name_of_the_loop_again(cells):
    """So a cell run again works with the numbers that stand above it, in any order."""
    chapter = next(n for n, source in enumerate(cells) if source.startswith("def rnn("))
    loop = set().union(*map(bound_names, cells[:chapter])) & {
        "inputs", "W", "U", "b", "successive_outputs", "state_t", "final_output_sequence",
    }  # fmt: skip
    assert len(loop) == 7
    again = {source: bound_names(source) & (loop | {"rnn"}) for source in cells[chapter + 1 :]}
    assert {source: names for source, names in again.items() if names} == {}


def bound_names(source):
    """The names that a cell binds outside functions."""
    body = [node for node in ast.parse(source).body if not isinstance(node, ast.FunctionDef)]
    functions = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    names = (node for part in body for node in ast.walk(part) if isinstance(node, ast.Name))
    return functions | {node.id for node in names if isinstance(node.ctx, ast.Store)}


def test_a_cell_that_spoils_the_others_would_be_noticed(cells):
    step = next(source for source in cells if source.startswith("t, unit = "))
    spoils = "inputs, W, U, b = numbers(scaled=False)"
    assert step in rerun([*cells[:4], spoils])
    assert rerun(cells[:4]) == []
    assert bound_names(spoils) == {"inputs", "W", "U", "b"}


def test_the_loop_of_the_first_chapter_passes_the_graded_exercise(cells):
    """As a student does it: the lines of the loop, put into a function."""
    source = next(source for source in cells if source.startswith("import numpy as np"))
    start, end = source.index("successive_outputs = []"), source.index("final_output_sequence")
    body = source[start:end] + "return np.stack(successive_outputs)"
    names = {"np": np}
    exec(f"def rnn(inputs, W, U, b):\n{textwrap.indent(body, '    ')}", names)
    report = verify(names["rnn"], examples=100)
    assert report.exit_status == 0, str(report)
    fixed = body.replace("np.zeros_like(b)", "np.zeros(64)")
    assert fixed != body
    exec(f"def rnn(inputs, W, U, b):\n{textwrap.indent(fixed, '    ')}", names)
    assert verify(names["rnn"], examples=20).exit_status == 1


def test_the_graded_exercise_has_a_cell_that_grades(cells):
    (cell,) = (source for source in cells if "def my_rnn" in source)
    names = {"__name__": "__main__"}
    for source in cells[:5]:
        printed(source, names)
    assert "my_rnn computes what the hand-written loop computes" in printed(cell, names)
    wrong = cell.replace("return rnn(inputs, W, U, b)", "return rnn(inputs, W, U.T, b)")
    assert "U transposed" in printed(wrong, names)


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
