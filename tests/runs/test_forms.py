"""The lines about forms, as `verify` prints them, in this process and in others."""

import sys
from pathlib import Path
from typing import Any

import pytest

from harness import sample_cases, verify
from harness.draw.limits import limits
from harness.implementations.find import NotFound
from harness.implementations.own_limits import shared_limits
from harness.implementations.resolve import claim, resolve
from harness.judge.judge import judge
from harness.runs.forms import form_notes, output_notes
from harness.runs.in_process import InThisProcess
from harness.runs.summary import Summary
from references import from_notebook
from references.cells.rnn import simple_rnn
from references.form import Form

# min-char-rnn: dictionaries of columns, which np.zeros makes float64.
BUFFER = """
import numpy as np
def rnn(inputs, W, U, b):
    xs, hs = {}, {-1: np.zeros((W.shape[0], 1))}
    for t in range(len(inputs)):
        xs[t] = np.zeros((W.shape[1], 1))
        xs[t][:, 0] = inputs[t]
        hs[t] = np.tanh(np.dot(W, xs[t]) + np.dot(U, hs[t - 1]) + b[:, None])
    return np.stack([hs[t][:, 0] for t in range(len(inputs))])
"""
FORMS = """
import os, sys, time
import numpy as np
def loop(inputs, step, H):
    h, out = np.zeros(H), []
    for x in inputs:
        h = step(x, h)
        out.append(h)
    return np.stack(out)
def relu(inputs, W, U, b):
    return loop(inputs, lambda x, h: np.maximum(W @ x + U @ h + b, 0), len(b))
def relu_wrong(inputs, W, U, b):
    return relu(inputs, W, U.T, b)
def no_bias(inputs, W, U):
    return loop(inputs, lambda x, h: np.tanh(W @ x + U @ h), len(U))
def rows(inputs, W, U, b, h0=None, verbose=False):
    return loop(inputs, lambda x, h: np.tanh(x @ W + h @ U + b), len(b))
def ends(inputs, W, U, b):
    os._exit(3)
def hangs(inputs, W, U, b):
    time.sleep(100)
def later(inputs, W, U, b):
    h = np.zeros(len(b))
    raise NotImplementedError
def five(inputs, W, U, b, h0): ...
class RNN: ...
def sigmoid(z): return 1 / (1 + np.exp(-z))
def an_lstm(inputs, W, U, b, order):
    h = c = np.zeros(U.shape[1])
    out = []
    for x in inputs:
        z = dict(zip(order, np.split(W @ x + U @ h + b, 4), strict=True))
        c = sigmoid(z["f"]) * c + sigmoid(z["i"]) * np.tanh(z["g"])
        h = sigmoid(z["o"]) * np.tanh(c)
        out.append(h)
    return np.stack(out)
def lstm(inputs, W, U, b): return an_lstm(inputs, W, U, b, "ifgo")
def swapped(inputs, W, U, b): return an_lstm(inputs, W, U, b, "figo")
def claims(inputs, W, U, b): return an_lstm(inputs, W, U, b, "ifgo")
claims.limits = {"cell": "gru"}
def a_gru(inputs, W, U, b_W, b_U, order, after):
    def step(x, h):
        of_x = dict(zip(order, np.split(W @ x + b_W, 3), strict=True))
        of_h = dict(zip(order, np.split(U @ h + b_U, 3), strict=True))
        r, z = sigmoid(of_x["r"] + of_h["r"]), sigmoid(of_x["z"] + of_h["z"])
        n = r * of_h["n"] if after else np.split(U @ (r * h), 3)[order.index("n")]
        return (1 - z) * np.tanh(of_x["n"] + n) + z * h
    return loop(inputs, step, U.shape[1])
def torch_gru(inputs, W, U, b_ih, b_hh): return a_gru(inputs, W, U, b_ih, b_hh, "rzn", True)
def keras_gru(inputs, W, U, b): return a_gru(inputs, W.T, U.T, b[0], b[1], "zrn", True)
def onnx_gru(inputs, W, U, b): return a_gru(inputs, W, U, b, 0 * b, "zrn", False)
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    Path("buffer.py").write_text(BUFFER)
    Path("forms.py").write_text(FORMS)


def run(name: str, **options: Any) -> Any:
    return verify(f"forms.py:{name}", **{"examples": 20} | options)


@pytest.mark.slow
def test_float64_buffers_agree_in_float64_unless_asked_otherwise() -> None:
    report = verify("buffer.py:rnn", examples=40)
    assert report.agrees
    assert report.summaries[0].wider == 0
    assert report.sentence.endswith("had to be equal, and are, in float64.")
    asked = verify("buffer.py:rnn", examples=40, dtype="float32")
    assert (asked.exit_status, asked.summaries[0].wider) == (0, 40)
    (note,) = asked.notes
    assert note.startswith("buffer.py:rnn agreed on 40 cases, but it gives float64 for float32.")
    assert note in str(asked)
    assert not report.notes


@pytest.mark.slow
def test_a_relu_function_can_be_verified_as_relu() -> None:
    assert run("relu", nonlinearity="relu").agrees
    assert run("relu_wrong", nonlinearity="relu").exit_status == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["relu", "relu_wrong"])
def test_a_relu_function_that_is_asked_for_tanh_gets_a_line(name: str) -> None:
    report = run(name)
    assert report.exit_status == 1
    assert report.notes == (
        f"forms.py:{name} looks like relu, not tanh: verify it with --nonlinearity relu",
    )


def test_beside_others_a_function_claims_to_compute_tanh() -> None:
    report = run("rows", nonlinearity=("tanh", "relu"))
    kinds = {v.case.config.nonlinearity: v.kind for v in report.verdicts}
    assert kinds == {"tanh": "agrees", "relu": "refused"}


@pytest.mark.slow
def test_no_bias_and_rows_are_recognised_in_a_line_each() -> None:
    report = run("no_bias")
    assert report.agrees
    assert report.limits["bias"] is False
    assert report.notes == (
        "forms.py:no_bias is called without b, as rnn(inputs, W, U), on cases without a bias",
    )
    report = run("rows")
    assert report.agrees
    assert report.notes == (
        "forms.py:rows is called with rows, as inputs @ W: W is (I, H), and U (H, H) is "
        "transposed; without the arguments that have defaults (h0, verbose)",
    )


@pytest.mark.slow
def test_functions_of_several_forms_share_the_limits_that_they_have_in_common() -> None:
    report = verify("forms.py:no_bias", "forms.py:rows", examples=120)
    assert report.agrees
    assert report.limits["dtype"] == "float64"
    assert "bias" not in report.limits
    refusals = {summary.name: summary.counts["refused"] for summary in report.summaries}
    assert refusals["forms.py:rows"] == 0 < refusals["forms.py:no_bias"] < 120 + report.large


def test_the_plain_form_has_no_line() -> None:
    tanh = {"it": Form(nonlinearity="tanh", cell="rnn")}
    assert not notes(tanh, nonlinearity=["tanh"])
    assert not notes({"it": Form(cell="rnn")}, nonlinearity=["relu"])
    assert notes(tanh, nonlinearity=["relu"])


def notes(forms: dict[str, Form], advice: str = ": verify it with ", **values: Any) -> list[str]:
    return list(form_notes(forms, {**limits().choices, **values}, advice))


LSTM = Form(cell="lstm", gates=("i", "f", "g", "o"))
GRU = Form(cell="gru", gates=("z", "r", "n"), reset_after=True, biases="rows", rows=True)
AN_LSTM = "it looks like an LSTM; gates i, f, g, o (PyTorch and Keras)"


def test_the_gates_of_a_cell_have_a_line() -> None:
    assert notes({"it": LSTM}, cell=["lstm"]) == [AN_LSTM]
    assert notes({"it": LSTM}, cell=["rnn", "lstm"]) == [AN_LSTM]
    assert notes({"it": LSTM._replace(gates=("i", "o", "f", "g"))}, cell=["lstm"])[0].endswith(
        "gates i, o, f, g (ONNX)"
    )
    assert notes({"it": GRU}, cell=["gru"]) == [
        "it is called with b (2, 3H): one row is added with W x, one with U h; with rows, as "
        "inputs @ W: W is (I, 3H), and U (H, 3H) is transposed",
        "it looks like a GRU; gates z, r, n (Keras and ONNX); reset after the product U h",
    ]
    one_b = GRU._replace(biases="sum", rows=False, reset_after=False)
    assert notes({"it": one_b}, cell=["gru"])[0].endswith(
        "; reset before the product U h; one b, so cases have no bias of U h"
    )
    (line, _) = notes({"it": GRU._replace(biases="two", rows=False)}, cell=["gru"])
    assert line == "it is called with two biases, as rnn(inputs, W, U, b_W, b_U)"


def test_what_the_probe_does_not_show_has_a_line_that_says_how_it_is_judged() -> None:
    assert notes({"it": Form(cell="lstm")}, cell=["lstm"]) == [
        "it looks like an LSTM",
        "the order of it's gates cannot be told, so it is judged with i, f, g, o",
    ]
    unknown = GRU._replace(reset_after=None, biases="two", rows=False)
    *_, line = notes({"it": unknown}, cell=["gru"], reset_after=[True])
    assert line == (
        "where it resets cannot be told, so it is judged with the reset after the product U h; "
        "--reset-after says otherwise"
    )
    *_, line = notes({"it": unknown}, "", cell=["gru"], reset_after=[True])
    assert line.endswith("with the reset after the product U h")
    line, _ = notes({"it": Form()}, "")
    assert line.endswith("a GRU and an LSTM: it is judged as an RNN")
    *_, line = notes({"it": unknown}, cell=["gru"], reset_after=[True, False])
    assert "with the reset after and before the product" in line


def test_a_claim_of_another_cell_has_a_line() -> None:
    assert notes({"it": LSTM}, cell=["gru"]) == [
        "it looks like an LSTM, not a GRU: verify it with --cell lstm"
    ]
    claims = {**limits().choices, "cell": ["gru"]}
    assert list(form_notes({"it": LSTM}, claims, advice="")) == ["it looks like an LSTM, not a GRU"]
    relu = {"it": Form(cell="rnn", nonlinearity="relu")}
    assert list(form_notes(relu, {**claims, "cell": ["rnn"]}, advice="")) == [
        "it looks like relu, not tanh"
    ]
    line, rows = notes({"it": Form()}, cell=["rnn"])
    assert line.startswith("it raises on small cases of an RNN, a GRU and an LSTM: it is judged as")
    assert rows == "it gets one row at a time, inputs (T, I); what takes a batch is a run(case)"
    assert not notes({"it": Form()}, cell=["lstm"])


@pytest.mark.slow
def test_an_lstm_is_recognised_and_judged_as_one() -> None:
    report = run("lstm", examples=8)
    assert report.agrees
    assert report.limits["cell"] == "lstm"
    assert report.notes == (AN_LSTM.replace("it", "forms.py:lstm", 1),)


@pytest.mark.slow
def test_a_wrong_lstm_is_named_in_a_loops_words() -> None:
    report = run("swapped", examples=6)
    assert report.exit_status == 1
    ((finding, *_),) = report.findings.values()
    assert finding.diagnosis.names[0] == "lstm gates i and f swapped"
    assert finding.diagnosis.sentence.endswith("cut W, U and b in the order i, f, g, o.")
    assert report.notes[1].endswith("cannot be told, so it is judged with i, f, g, o")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["keras_gru", "torch_gru", "onnx_gru"])
def test_a_gru_of_each_convention_is_judged_as_it_is(name: str) -> None:
    report = run(name, examples=8)
    assert report.agrees
    assert report.limits["reset_after"] is (name != "onnx_gru")
    assert "looks like a GRU; gates " in report.notes[-1]


def test_a_claimed_cell_outdoes_what_it_looks_like() -> None:
    report = run("lstm", cell="gru", examples=4)
    assert report.exit_status == 1
    assert report.notes == (
        "forms.py:lstm looks like an LSTM, not a GRU: verify it with --cell lstm",
    )
    report = run("claims", examples=4)
    assert report.summaries[0].counts["crashed"]
    assert report.limits["cell"] == "gru"
    assert report.notes[0].endswith("looks like an LSTM, not a GRU: verify it with --cell lstm")


def test_beside_others_it_refuses_the_cells_of_others() -> None:
    own = InThisProcess(("forms.py:lstm",)).limits_of("forms.py:lstm")
    shared = shared_limits([{}, own])
    assert shared == {"cell": ("rnn", "lstm")}
    run = claim(resolve("forms.py:lstm")[1], limits(**shared).choices)
    for case in sample_cases(8, **{**own, **shared}):
        kind = "agrees" if case.config.cell == "lstm" else "refused"
        assert judge(case, run).kind == kind


@pytest.mark.parametrize("workers", [None, pytest.param(1, marks=pytest.mark.process)])
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("later", "forms.py:later raises NotImplementedError: it is not written yet"),
        ("five", "forms.py:five takes 5 arguments (inputs, W, U, b, h0); expected "),
        ("RNN", "forms.py:RNN is a class; expected "),
    ],
)
def test_what_cannot_be_used_is_said_once_with_code_to_start_from(
    name: str, sentence: str, workers: int | None
) -> None:
    report = run(name, workers=workers)
    assert report.exit_status == 1
    ((finding,),) = report.findings.values()
    assert finding.head.startswith(sentence)
    assert finding.count == 1
    assert "Start from this:\n    " in str(finding)


def test_verify_refuses_objects_too() -> None:
    class Model: ...

    with pytest.raises(NotFound, match=r"test_forms:.*Model is a class"):
        verify(Model)


def test_a_function_that_was_wrapped_takes_its_claim_from_the_limits() -> None:
    report = verify(from_notebook(simple_rnn), examples=10, nonlinearity="relu")
    assert report.exit_status == 1
    assert report.notes[0].endswith("looks like tanh, not relu: verify it with --nonlinearity tanh")


@pytest.mark.deep
@pytest.mark.process
def test_a_worker_gives_the_same_lines() -> None:
    for name in ("rows", "relu"):
        assert run(name, workers=1).notes == run(name).notes
    assert run("relu", workers=1, nonlinearity="relu").agrees


@pytest.mark.process
def test_a_probe_that_ends_its_process_leaves_the_plain_form() -> None:
    report = run("ends", workers=1)
    assert report.summaries[0].counts == {"crashed": 3}
    assert report.notes == ("forms.py:ends cost 3 processes, and was judged on no more cases",)


@pytest.mark.process
def test_one_that_hangs_when_it_is_probed_is_called_no_more() -> None:
    report = run("hangs", workers=1, time_limit=4)
    assert report.summaries[0].counts == {"crashed": 1}
    ((finding,),) = report.findings.values()
    assert finding.first.reason == (
        "forms.py:hangs cannot be used: it took longer than 4 seconds on a first small case"
    )


def test_a_sample_of_lengths_is_said_beside_the_others():
    summaries = [Summary(name) for name in ("whole", "all", "some")]
    for summary, count, sample in zip(summaries, (0, 20, 20), (0, 0, 3), strict=True):
        summary.by_last_outputs, summary.by_sample = count, sample
    start = "was judged by its last outputs: each case cut to its T lengths"
    assert list(output_notes(summaries)) == [
        f"all {start}, in 20 verdicts",
        f"some {start}, or in 3 of more than 512 steps to a sample of these, in 20 verdicts",
    ]
