"""A Jupyter notebook shows a Case, a Verdict and a Report in a few readable lines."""

import pytest

from harness import check, sample_cases, verify
from references.numpy_rnn import run


@pytest.fixture
def notebook(monkeypatch):
    """Makes rich believe that it is in one, where it displays what it should write into a file."""
    displays = []
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setattr("rich.jupyter.display", lambda *arguments: displays.append(arguments))
    return displays


def test_a_report_is_the_same_text_in_a_notebook_and_displays_nothing_by_itself(
    notebook, monkeypatch
):
    report = verify(run, examples=3)
    text = str(report)
    html = report._repr_html_()
    assert notebook == []
    assert "references.numpy_rnn:run" in text
    monkeypatch.undo()
    assert str(report) == text
    assert html.startswith(f"<b>{report.sentence}</b><details><summary>all of it</summary><pre")


def test_a_report_of_a_failure_is_unfolded():
    def wrong(case):
        raise ValueError("<b>")

    html = verify(wrong, examples=1, time=1, nonlinearity="tanh")._repr_html_()
    assert "<details open>" in html
    assert "it raised ValueError: &lt;b&gt;" in html
    assert "<b>" not in html.removeprefix("<b>")


def test_a_case_shows_what_it_computes_in_two_lines_and_folds_how_to_build_it():
    sizes = {"batch": 1, "time": 5, "input_size": 31, "hidden_size": 32}
    kind = {"nonlinearity": "relu", "num_layers": 3, "bidirectional": True, "dtype": "float32"}
    drawn = sample_cases(200, go_backwards=False, bias=True, **sizes, **kind)
    case = next(case for case in drawn if case.mask is not None and case.masked_output == "zero")
    first, rest = case._repr_html_().split("<br>")
    assert first == "<b>Case</b> relu, float32, 3 layers, both directions, mask (zero)"
    assert rest.startswith(
        "batch 1, time 5, inputs 31, units 32<details><summary>build it again</summary>"
        "<code>next(sample_cases("
    )
    (plain,) = sample_cases(
        1,
        num_layers=1,
        bidirectional=False,
        masks=False,
        bias=False,
        go_backwards=True,
        nonlinearity="tanh",
        dtype="float64",
    )
    assert plain._repr_html_().startswith(
        "<b>Case</b> tanh, float64, 1 layer, backwards, no bias<br>"
    )


def test_a_verdict_that_agrees_is_two_lines():
    (case,) = sample_cases(1)
    verdict = check(case, run)
    assert len(verdict._repr_html_().splitlines()) == 2
    assert len(repr(verdict).splitlines()) == 1
