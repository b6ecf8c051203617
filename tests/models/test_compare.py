"""compare: two plain files, an implementation, a recording; what differs is named."""

import signal
import subprocess
import sys
import time
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness import compare, sample_cases
from harness.implementations.find import NotFound, Unusable
from harness.judge.judge import ENCLOSED
from harness.judge.verdict import Verdict
from harness.models.compare import _gap, _subject, _subjects
from harness.runs.ledger import differences
from harness.runs.summary import Summary
from references.case import Case
from references.cells.rnn import simple_rnn
from references.layer import Unreadable
from references.numpy_rnn import run
from tests.models.pairs import arrays, changed, model, save, swapped

KNOWN = differences()[0]
ARRAYS = arrays(*model())  # a model whose work needs no process


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same model twice, and one whose gates f and g are swapped in U."""
    folder = tmp_path_factory.mktemp("models")
    config, weights = model()
    wrong = changed(weights, "U", swapped)
    return [
        save(folder / f"{name}.npz", config, own)
        for name, own in (("a", weights), ("b", weights), ("wrong", wrong))
    ]


@pytest.mark.process
def test_equal_arrays_and_right_outputs_are_a_proof_for_these_inputs(files):
    a, b, _ = files
    result = compare(a, b, examples=3)
    assert (result.exit_status, result.agrees) == (0, True)
    assert result.sentence == (
        f"Proved for these 3 drawn inputs (seed 0), and no others. All 4 arrays of {a} and {b} "
        f"are equal. {a}, by the loop, {b}, by the loop and {b} on the weights of {a} each compute "
        "what the hand-written loop does."
    )
    result.raise_if_failed()
    assert "would have shown" in result.acuity
    assert [summary.counts["agrees"] for summary in result.report.summaries] == [3, 3, 3]


@pytest.mark.slow
def test_arrays_that_differ_fail_though_every_output_is_right():
    config, weights = model()
    wrong = arrays(config, changed(weights, "U", swapped))
    result = compare(ARRAYS, wrong, examples=3)
    assert (result.exit_status, result.report.exit_status) == (1, 0)
    assert result.sentence == (
        "Not the same: 0.U and 0.U of layer 0: B has A's with gates f and g swapped. "
        "On these 3 drawn inputs (seed 0) each computes what its own weights say."
    )
    with pytest.raises(AssertionError, match="gates f and g swapped"):
        result.raise_if_failed()


@pytest.mark.slow
def test_an_option_is_for_the_side_that_does_not_say_it():
    config, weights = model("rnn", nonlinearity="tanh")
    silent, says = weights[0].arrays(), arrays(config, weights)
    assumed = compare(silent, says, examples=3, go_backwards=False)
    assert assumed.exit_status == 0
    assert assumed.sentence.startswith(
        "Proved for these 3 drawn inputs (seed 0), and no others, on 1 assumption. "
    )
    for a, b, one, other in ((silent, says, "relu", "tanh"), (says, silent, "tanh", "relu")):
        result = compare(a, b, examples=3, nonlinearity="relu")
        assert result.exit_status == 1
        assert result.sentence.startswith(
            f"Not the same: nonlinearity is {one} in A, {other} in B. "
        )
    said = compare(silent, says, examples=3, go_backwards=False, nonlinearity="tanh")
    assert "assumption" not in said.sentence


@pytest.mark.slow
def test_an_option_that_no_side_takes_is_refused_by_the_name_of_one():
    config, weights = model("rnn", nonlinearity="tanh")
    says = arrays(config, weights)
    wish = "the layer has nonlinearity 'tanh', and the option says 'relu'; leave the option out"
    for other in (says, run):
        with pytest.raises(Unreadable, match=f"dict.*: {wish}"):
            compare(says, other, nonlinearity="relu")


@pytest.mark.slow
def test_an_implementation_is_judged_on_the_weights_of_the_model():
    right = compare(ARRAYS, run, examples=4)
    assert right.exit_status == 0
    assert right.relations == ()
    wrong = compare(ARRAYS, lambda case: run(case).sequence[:, ::-1], examples=4)
    assert wrong.exit_status == 1
    assert "is wrong on" in wrong.sentence
    assert "looks like output time reversed" in wrong.sentence


def gru_in(order):
    """A notebook's GRU whose gates stand in this order."""

    def rnn(inputs, W, U, b_W, b_U):
        h, outputs = np.zeros_like(U[0]), []
        sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
        for x in inputs:
            ours = dict(zip(order, np.split(W @ x + b_W, 3), strict=True))
            theirs = dict(zip(order, np.split(U @ h + b_U, 3), strict=True))
            r, z = (sigmoid(ours[gate] + theirs[gate]) for gate in "rz")
            h = (1 - z) * np.tanh(ours["n"] + r * theirs["n"]) + z * h
            outputs.append(h)
        return np.stack(outputs)

    return rnn


@pytest.mark.slow
@pytest.mark.parametrize(
    ("order", "words"), [("rzn", ""), ("zrn", " (gates in the order z, r, n)")]
)
def test_a_notebook_function_that_gets_gates_in_another_order_is_told_so(order, words):
    result = compare(arrays(*model("gru")), gru_in(order), examples=4)
    assert result.exit_status == 0
    name = result.report.summaries[-1].name
    assert name.endswith(f"on the weights of dict{words}")
    assert f"{name} each compute" in result.sentence
    assert any(f"looks like a GRU; gates {', '.join(order)}" in note for note in result.notes)
    assert f"{name} refused 2 of 4." in result.sentence  # those with initial states


def gru_before(inputs, W, U, b_W, b_U):
    """A notebook's GRU that resets before the product."""
    h, outputs, H = np.zeros_like(U[0]), [], U.shape[1]
    for x in inputs:
        r, z = 1 / (1 + np.exp(-(W @ x + b_W + U @ h + b_U)[: 2 * H])).reshape(2, H)
        n = np.tanh((W @ x + b_W + U @ (np.tile(r, 3) * np.tile(h, 3))[:H] + b_U)[2 * H :])
        h = (1 - z) * n + z * h
        outputs.append(h)
    return np.stack(outputs)


@pytest.mark.slow
def test_a_notebook_function_that_resets_elsewhere_than_the_model_is_not_the_same():
    after, before = arrays(*model("gru")), arrays(*model("gru", reset_after=False))
    assert compare(before, gru_before, examples=4).agrees
    result = compare(after, gru_before, examples=4)
    assert result.sentence == "Not the same: reset_after is True in A, False in B."
    other = compare(gru_before, after, examples=4)
    assert other.sentence == "Not the same: reset_after is False in A, True in B."


@pytest.mark.slow
def test_a_port_with_weights_of_its_own_is_not_told_to_read_the_cases():
    _, weights = model()

    def port(case):
        first = replace(case, weights=weights, h_0=0 * case.h_0, c_0=0 * case.c_0)
        return run(first).sequence[:, -1]

    result = compare(ARRAYS, port, examples=2)
    assert result.exit_status == 1
    ((finding,),) = result.report.findings.values()
    assert "does not read case.weights" not in finding.diagnosis.sentence


@pytest.mark.slow
def test_what_outputs_are_is_told_as_by_verify():
    wider = compare(ARRAYS, lambda case: run(case).sequence.astype("f8"), examples=2)
    assert wider.exit_status == 0
    assert any("agreed on 2 cases, but" in note for note in wider.notes)
    last = compare(ARRAYS, lambda case: run(case).sequence[:, -1], examples=2)
    assert last.exit_status == 0
    assert any("was judged by its last outputs" in note for note in last.notes)


@pytest.mark.process
def test_a_trained_port_that_holds_its_weights_agrees(files, tmp_path):
    a, *_ = files
    port = tmp_path / "port.py"
    port.write_text(
        "from references.numpy_rnn import run as loop\n"
        "from references.read import read\n"
        "from dataclasses import replace\n"
        f"config, weights = read({a!r})\n"
        "def run(case):\n"
        "    return loop(replace(case, weights=weights))\n"
    )
    assert compare(ARRAYS, f"{port}:run", examples=4).exit_status == 0


@pytest.mark.slow
def test_a_recording_is_judged_on_its_own_inputs(tmp_path):
    x = np.random.default_rng(0).standard_normal((2, 5, 2)).astype("f4")
    config, weights = model()
    outputs = run(Case(config, weights, x))
    path = str(tmp_path / "r.npz")
    np.savez(path, inputs=x, sequence=outputs.sequence, h_n=outputs.h_n)
    right = compare(ARRAYS, path)
    assert right.exit_status == 0
    assert f"the inputs of {path}, (2, 5, 2)" in right.sentence
    np.savez(path, inputs=x, sequence=outputs.sequence[:, ::-1])
    assert compare(path, ARRAYS).exit_status == 1
    with pytest.raises(NotFound, match="belong to its outputs: leave out --inputs"):
        compare(path, ARRAYS, x)


def test_inputs_of_ones_own():
    x = np.zeros((1, 4, 2))
    result = compare(ARRAYS, ARRAYS, x)
    assert "these inputs, (1, 4, 2)" in result.sentence
    assert result.report.cases == 1
    with pytest.raises(NotFound, match="do not fit"):
        compare(ARRAYS, ARRAYS, np.zeros((1, 4, 3)))


def elman(inputs, W, U, b):
    return simple_rnn(inputs, W, U, b)


def test_a_function_of_another_cell_gets_no_advice_for_another_command():
    result = compare(ARRAYS, elman, examples=1)
    assert result.notes == (f"{__name__}:elman looks like an RNN, not an LSTM",)


def test_two_subjects_of_one_name_and_layer_have_a_letter_each():
    one = _subject("a.pt", "rnn", {})
    other = replace(one, layer="lstm")
    assert [side.name for side in _subjects(one, other)] == ["a.pt rnn", "a.pt lstm"]
    assert [side.name for side in _subjects(one, one)] == ["a.pt rnn A", "a.pt rnn B"]
    bare = replace(one, layer=None)
    assert [side.name for side in _subjects(bare, bare)] == ["a.pt A", "a.pt B"]


BOUNDED = f"the bound of 9 of 9 outputs is too wide; {ENCLOSED} (why)"


@pytest.mark.parametrize(
    ("others", "why"),
    [
        (
            [("inconclusive", BOUNDED)] * 5,
            "its lower layers could only be bounded on 5. Compare on fewer steps: "
            "rnn-parity compare has --inputs.",
        ),
        (
            [("inconclusive", BOUNDED), ("inconclusive", "too wide")] * 2 + [("refused", "no")],
            "it refused 1, its lower layers could only be bounded on 2 and "
            "2 could not be decided (too wide). Compare on fewer steps: "
            "rnn-parity compare has --inputs.",
        ),
        ([("inconclusive", BOUNDED)] * 4, ""),
    ],
)
def test_too_few_verdicts_have_their_reason_and_advice_for_every_command(others, why):
    (case,) = sample_cases(1)
    kinds = [("agrees", "")] * 4 + others
    verdicts = [Verdict(kind, "mine", case, reason) for kind, reason in kinds]
    summary = Summary("mine")
    for verdict in verdicts:
        summary.add(verdict)
    scope = _gap(summary, verdicts)
    assert (scope.gap if scope else "") == (why and f"mine was judged on 4 of 9 inputs, as {why}")


@pytest.mark.framework
def test_inputs_may_be_a_tensor_of_a_model_in_training():
    import torch

    x = torch.zeros(1, 4, 2, requires_grad=True)
    assert "these inputs, (1, 4, 2)" in compare(ARRAYS, ARRAYS, x).sentence


@pytest.mark.slow
def test_what_computes_otherwise_is_a_setting():
    after, before = arrays(*model("gru")), arrays(*model("gru", reset_after=False))
    result = compare(after, before, examples=2)
    assert result.exit_status == 1
    assert result.sentence.startswith("Not the same: reset_after is True in A, False in B.")
    assert len(result.report.summaries) == 2
    plain = {"W": np.ones((9, 2)), "U": np.ones((9, 3))}
    notes = compare(plain, plain, examples=1).notes
    assert len(notes) == len(set(notes)) > 1
    assert "cell is lstm in A, gru in B" in compare(ARRAYS, after, examples=1).sentence


@pytest.mark.deep
@pytest.mark.process
@pytest.mark.framework
def test_a_layer_that_stands_under_another_name_is_named(tmp_path):
    import torch

    torch.manual_seed(0)
    names = ("encoder", "decoder")
    both = torch.nn.ModuleDict({name: torch.nn.GRU(2, 3) for name in names})
    path = tmp_path / "both.pt"
    torch.save(both.state_dict(), path)
    result = compare(path, both["decoder"], layer="encoder", examples=1)
    assert result.exit_status == 1
    hint = "GRU holds what A has as decoder: compare that, with --layer decoder."
    assert hint in result.sentence
    assert compare(path, both["decoder"], layer="decoder", examples=1).agrees


@pytest.mark.parametrize(
    ("a", "b", "kind", "words"),
    [
        pytest.param(
            *("numpy", "torch", NotFound, "neither numpy nor torch is a model"),
            marks=pytest.mark.framework,
        ),
        ("no.npz", "numpy", Unreadable, "no.npz does not exist"),
        ("nope", "numpy", NotFound, "implementation is 'nope', expected one of"),
        (3, "numpy", NotFound, "int is no subject: give a model, a file"),
    ],
)
def test_what_cannot_be_compared_is_a_sentence(a, b, kind, words):
    with pytest.raises(kind, match=words):
        compare(a, b)


@pytest.mark.process
def test_an_implementation_that_ends_its_process_has_crashed(tmp_path):
    (tmp_path / "ends.py").write_text("import os\ndef run(case):\n    os._exit(0)\n")
    result = compare(ARRAYS, f"{tmp_path / 'ends.py'}:run", examples=2)
    assert result.exit_status == 1
    assert "crashed on 2 of 2 inputs" in result.sentence
    (tmp_path / "bad.py").write_text("1 / 0\n")
    with pytest.raises(Unusable, match="ZeroDivisionError"):
        compare(ARRAYS, f"{tmp_path / 'bad.py'}:run")


LATE = """
import os, time
from references.numpy_rnn import run as loop
calls = []
def run(case):
    calls.append(case)
    if len(calls) == AT and (AT == 1 or not os.path.exists("ended")):
        open("ended", "w").close()
        END
    return loop(case).sequence * 2
"""


@pytest.mark.process
@pytest.mark.parametrize(
    ("at", "end", "wrong", "reason"),
    [
        (1, "os._exit(3)", 3, "it ended the process with exit status 3"),
        pytest.param(
            *(4, "os._exit(3)", 5, "it ended the process with exit status 3"),
            marks=pytest.mark.long,
        ),
        (4, "time.sleep(100)", 5, "it took longer than 3 seconds"),
    ],
)
def test_verdicts_before_a_death_count_and_what_was_never_tried_is_said(
    tmp_path, monkeypatch, at, end, wrong, reason
):
    monkeypatch.chdir(tmp_path)
    text = LATE.replace("AT", str(at)).replace("END", end)
    (tmp_path / "late.py").write_text(text)
    result = compare(ARRAYS, "late.py:run", examples=5, time_limit=3.0)
    _, row = result.report.summaries
    verb = "crashed" if at == 1 else "is wrong"
    assert f"{verb} on {wrong} of 5 inputs" in result.sentence
    assert ("It was given up: 2 of them were never tried." in result.sentence) == (at == 1)
    deaths = [one.reason for one in result.report.verdicts if one.kind == "crashed"]
    assert deaths == [reason] * (3 if at == 1 else 1)
    assert row.counts["differs"] == wrong - len(deaths)


PICKY = """
from references import Unsupported
from references.numpy_rnn import run as loop
calls = []
def run(case):
    calls.append(case)
    if len(calls) > 3:
        raise Unsupported("not today")
    return loop(case)
"""


@pytest.mark.process
def test_what_refuses_most_inputs_is_no_proof_and_a_proof_excludes_what_is_refused(tmp_path):
    (tmp_path / "picky.py").write_text(PICKY)
    name = f"{tmp_path / 'picky.py'}:run"
    result = compare(ARRAYS, name, examples=8)
    assert result.exit_status == 3
    assert "was judged on 3 of 8 inputs, as it refused 5. Compare on inputs" in result.sentence
    result = compare(ARRAYS, name, examples=4)
    assert result.exit_status == 0
    assert "Proved for these 4 drawn inputs (seed 0) but for those that are refused" in (
        result.sentence
    )
    assert "refused 1 of 4." in result.sentence


@pytest.mark.framework
def test_an_object_is_called_itself_and_its_outputs_are_judged():
    import torch

    torch.manual_seed(0)
    layer = torch.nn.GRU(2, 3, batch_first=True)
    other = torch.nn.GRU(2, 3)
    other.load_state_dict(layer.state_dict())
    result = compare(layer, other, examples=4)
    assert result.exit_status == 0, result
    assert "arrays of GRU A and GRU B" in result.sentence

    class Wrong(torch.nn.GRU):
        pass

    layer.forward = lambda x, h=None: (torch.nn.GRU.forward(layer, x, h)[0].flip(1), None)
    assert compare(layer, other, examples=4).exit_status == 1


@pytest.mark.framework
def test_a_known_difference_of_a_framework_is_no_failure_of_the_port(monkeypatch):
    verdicts = []
    monkeypatch.setattr(
        "harness.runs.summary.known_difference",
        lambda verdict: verdicts.append(verdict) or KNOWN,
    )
    result = compare(ARRAYS, ARRAYS, examples=2)
    assert result.report.exit_status == 3  # nothing agrees but for what is known
    import torch

    layer = torch.nn.LSTM(2, 3, batch_first=True)
    verdicts.clear()
    assert compare(layer, layer, examples=1).report.summaries[0].known
    assert {verdict.implementation for verdict in verdicts} == {"torch"}


@pytest.mark.framework
def test_a_module_of_several_layers_agrees_with_itself_trained_or_frozen():
    import torch

    torch.manual_seed(1)
    layer = torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True)
    frozen = deepcopy(layer).requires_grad_(False)
    result = compare(layer, frozen, examples=4)
    assert result.exit_status == 0, result


@pytest.mark.framework
@pytest.mark.parametrize("directions", [pytest.param(1, marks=pytest.mark.long), 2])
def test_a_file_of_several_layers_agrees_with_itself(directions, tmp_path):
    import torch

    torch.manual_seed(1)
    layer = torch.nn.LSTM(3, 4, num_layers=2, bidirectional=directions == 2)
    torch.save(layer.state_dict(), tmp_path / "a.pt")
    result = compare(tmp_path / "a.pt", tmp_path / "a.pt", examples=4)
    assert result.exit_status == 0, result
    assert all("bounded" not in verdict.reason for verdict in result.report.verdicts)


def test_no_examples_are_a_sentence():
    with pytest.raises(ValueError, match="examples is 0, expected at least 1"):
        compare(ARRAYS, ARRAYS, examples=0)


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there")
def test_ctrl_c_ends_it_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "a.npz", *model())
    slow = "import time\ndef run(case):\n    open('began', 'w').close()\n    time.sleep(100)\n"
    Path("slow.py").write_text(slow)
    command = [sys.executable, "-m", "harness", "compare", "a.npz", "slow.py:run"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not Path("began").exists() and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
