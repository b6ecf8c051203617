"""The known differences hold in their versions, are shown as known, and hide nothing else."""

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases, verify
from harness.campaign.tally import Tally
from harness.implementations.names import in_import_order
from harness.judge.judge import judge
from harness.runs import ledger
from harness.runs.ledger import differences, known_difference
from references import installed, load
from references.numpy_rnn import run
from tests.references.marks import COPY_WARNING

ENTRIES = differences()
IDS = [entry.id for entry in ENTRIES]
HERE = [entry for entry in ENTRIES if entry.backend in ("", ledger.BACKEND)]
ELSEWHERE = [entry for entry in ENTRIES if entry not in HERE]


def assert_holds(entry):
    """Replays the entry's case on each implementation that it names, and its script."""
    if entry.status != "in force":
        pytest.skip(f"{entry.id} is {entry.status}: it speaks of {dict(entry.versions)}")
    name = entry.implementations[0]
    verdict = judge(entry.case(), load(name), name, calls=1)
    assert entry.meets(verdict), f"{entry.id} no longer holds: {verdict}"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(entry.script, entry.id, "exec"), {})
    assert printed.getvalue().strip() == entry.output.strip(), (
        f"{entry.id}: the script prints something else now"
    )


def frameworks_in_order():
    for name in in_import_order({entry.implementations[0].partition("/")[0] for entry in ENTRIES}):
        if name in installed():
            load(name)


@pytest.mark.deep
@pytest.mark.framework
@COPY_WARNING
@pytest.mark.parametrize("entry", HERE, ids=[entry.id for entry in HERE])
def test_each_entry_holds(entry):
    frameworks_in_order()
    assert_holds(entry)


@pytest.mark.framework
@pytest.mark.process
@pytest.mark.long
@pytest.mark.parametrize("entry", ELSEWHERE, ids=[entry.id for entry in ELSEWHERE])
def test_each_entry_of_another_backend_holds_there(entry):
    """On Keras' torch backend, and on JAX where that is installed."""
    done = on_backend(entry.backend, f"assert_holds(ledger.difference({entry.id!r}))")
    if done.returncode and "Skipped" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr


@pytest.mark.framework
@pytest.mark.process
@pytest.mark.long
def test_an_entry_of_another_backend_that_no_longer_holds_is_noticed():
    wrong = "replace(ledger.difference('keras-torch-unroll-backwards-mask'), message='another')"
    done = on_backend("torch", f"assert_holds({wrong})")
    assert "no longer holds" in done.stderr


def on_backend(backend, line):
    """Runs a line of this module in a process in which Keras computes with this backend."""
    code = f"from tests.runs.test_ledger import *; {line}"
    environment = os.environ | {"KERAS_BACKEND": backend}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )


def test_an_entry_of_another_backend_predicts_nothing_here():
    assert {entry.status for entry in ELSEWHERE} <= {"not tested", "not installed"}
    assert {entry.backend for entry in HERE} <= {"", ledger.BACKEND}


@pytest.mark.framework
@pytest.mark.parametrize(
    "change",
    [
        {"implementations": ("numpy",)},
        {"output": "all is well"},
        {"kind": "crashed"},
        {"where": ({"bidirectional": True},)},
    ],
)
def test_an_entry_that_no_longer_holds_is_noticed(change):
    frameworks_in_order()
    entry = next(entry for entry in ENTRIES if entry.id == "keras-unroll-zeros-wrong-steps")
    if entry.status != "in force":
        pytest.skip(f"{entry.id} is {entry.status}")
    with pytest.raises(AssertionError, match=r"no longer holds|prints something else now"):
        assert_holds(replace(entry, **change))


@pytest.mark.parametrize("entry", ENTRIES, ids=IDS)
def test_each_entry_says_what_a_maintainer_needs(entry):
    assert 1 <= len(entry.script.strip().splitlines()) <= 10
    assert any(f"import {name}" in entry.script for name in ("keras", "torch", "numpy as np, onnx"))
    assert "rnn_parity" not in entry.script
    assert "harness" not in entry.script
    assert entry.upstream == "no report found" or entry.upstream.startswith("https://github.com/")
    assert all((entry.observed, entry.reason, entry.witness, entry.output, entry.versions))
    assert entry.kind != "crashed" or entry.message


def test_ids_are_unique_and_features_are_those_of_a_case():
    assert len(set(IDS)) == len(IDS)
    with pytest.raises(ValueError, match="x asks for colour; a case has the features input_size, "):
        ledger._entry({"id": "x", "implementations": [], "where": [{"colour": "red"}]})


def entry_about_torch(**change):
    """An entry that foretells every crash of torch/all_positional."""
    return replace(
        next(entry for entry in ENTRIES if entry.id == "torch-positional-dtype"), **change
    )


@pytest.mark.framework
def test_outside_its_versions_an_entry_is_not_tested_and_foretells_nothing():
    pytest.importorskip("torch")
    verdict = judge(
        entry_about_torch().case(), load("torch/all_positional"), "torch/all_positional", calls=1
    )
    assert entry_about_torch().meets(verdict)
    for versions, status in (
        ({"torch": "<1"}, "not tested"),
        ({"no-such-distribution": ">=1"}, "not installed"),
    ):
        entry = entry_about_torch(versions=versions)
        assert entry.status == status
        assert not entry.meets(verdict)


@pytest.mark.framework
def test_an_entry_foretells_no_other_implementation_fact_or_message():
    pytest.importorskip("torch")
    verdict = judge(
        entry_about_torch().case(), load("torch/all_positional"), "torch/all_positional", calls=1
    )
    assert known_difference(verdict) is not None
    assert known_difference(replace(verdict, implementation="torch")) is None
    assert known_difference(replace(verdict, kind="differs")) is None
    assert known_difference(replace(verdict, cause=TypeError("something else"))) is None
    assert (
        not entry_about_torch(where=({"bidirectional": True},)).meets(verdict)
        or verdict.case.config.bidirectional
    )


LIMITS = {
    "examples": 6,
    "nonlinearity": "tanh",
    "masks": False,
    "go_backwards": False,
    "time": (1, 4),
    "hidden_size": (1, 4),
}


@pytest.mark.framework
def test_a_report_shows_known_differences_counts_them_and_does_not_fail_for_them():
    pytest.importorskip("torch")
    report = verify("torch", "torch/all_positional", **LIMITS)
    plain, positional = report.summaries
    assert (plain.counts["agrees"], positional.counts["known"], positional.failure_count) == (
        6,
        6,
        0,
    )
    assert positional.known == {"torch-positional-dtype": 6}
    assert report.exit_status == 3, "an implementation that never agreed shows nothing"
    shown = " ".join(str(report).split())
    assert (
        "torch/all_positional met a known difference 6 times: "
        "nn.RNN and nn.GRU with device and dtype by position"
    ) in shown
    assert "(no report found; rnn-parity findings torch-positional-dtype)" in shown


@pytest.mark.framework
def test_a_report_does_not_take_a_new_difference_for_a_known_one(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr(
        ledger, "differences", lambda: (entry_about_torch(versions={"torch": "<1"}),)
    )
    report = verify("torch/all_positional", **LIMITS)
    assert report.exit_status == 1
    assert report.summaries[0].failure_count == 6


def forget_bias(case):
    """A bias of 1 too many in the second gate: z of a GRU, f of an LSTM."""
    H = case.config.hidden_size
    plus = np.repeat(np.arange(len(case.weights[0].W) // H) == 1, H)
    return changed(case, b_W=lambda array: (array + plus).astype(array.dtype))


def gates_swapped(case):
    """The first two gates one for the other."""
    H = case.config.hidden_size
    swapped = lambda a: np.concatenate([a[H : 2 * H], a[:H], a[2 * H :]])  # noqa: E731
    return changed(case, **dict.fromkeys(case.weights[0].arrays(), swapped))


def changed(case, **changes):
    weights = (
        replace(cell, **{name: change(getattr(cell, name)) for name, change in changes.items()})
        for cell in case.weights
    )
    return replace(case, weights=tuple(weights))


def verdicts_on_runtime(cell, fault):
    """Of Runtime's nodes on a few cases of ordinary numbers, with another fault, sent as rows
    are.
    """
    limits = {
        "cell": cell, "dtype": "float32", "bias": True, "masks": False, "regimes": "chaotic",
        "time": (1, 6), "hidden_size": (2, 8),
    }  # fmt: skip
    onnx = load("onnx")
    for case in sample_cases(12, **limits):
        yield ledger.settle(judge(case, lambda case: onnx(fault(case)), "onnx"))


@pytest.mark.framework
@pytest.mark.parametrize("fault", [forget_bias, gates_swapped])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_another_fault_of_runtimes_gates_is_not_known(cell, fault):
    pytest.importorskip("onnxruntime")
    verdicts = list(verdicts_on_runtime(cell, fault))
    assert {verdict.kind for verdict in verdicts} == {"differs"}
    assert not any(map(known_difference, verdicts))
    entry = ledger.difference(f"onnxruntime-{cell}-gates")
    unbounded = replace(entry, activation_error=None)
    assert all(map(unbounded.meets, verdicts)), "it would be known without the bound"
    assert not any(map(replace(unbounded, deviation=1e-6).meets, verdicts))


@pytest.mark.framework
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_what_runtimes_activations_do_is_known_in_every_regime(cell):
    pytest.importorskip("onnxruntime")
    limits = {"cell": cell, "dtype": "float32", "masks": False, "time": (1, 9)}
    verdicts = (judge(case, load("onnx"), "onnx") for case in sample_cases(36, **limits))
    differ = [verdict for verdict in verdicts if verdict.kind != "agrees"]
    assert differ
    assert all(map(known_difference, differ))


@pytest.mark.framework
def test_a_settled_verdict_needs_its_outputs_no_more():
    pytest.importorskip("onnxruntime")
    entry = ledger.difference("onnxruntime-gru-gates")
    verdict = ledger.settle(judge(entry.case(), load("onnx"), "onnx", calls=1))
    assert verdict.judge_again is None
    assert verdict.activation_error in {one.activation_error for one in ENTRIES}
    assert entry.meets(verdict)
    tight = replace(entry, activation_error=verdict.activation_error / 2)
    assert not tight.meets(verdict)
    right = judge(entry.case(), run)
    assert ledger.settle(right) is right


def test_each_entry_of_runtimes_has_a_bound():
    of_runtime = [entry for entry in ENTRIES if entry.id.startswith("onnxruntime")]
    assert len(of_runtime) == 3
    assert all(0 < entry.activation_error < 2e-6 for entry in of_runtime)


def test_the_outputs_of_a_known_difference_count_for_nothing(monkeypatch):
    """They may be outside of their bounds, and others in every run: random weights, say."""
    verdict = judge(next(sample_cases(1)), lambda case: np.ones_like(run(case).sequence))
    assert (verdict.kind, verdict.outputs > 0) == ("differs", True)
    monkeypatch.setattr("harness.runs.summary.known_difference", lambda verdict: differences()[0])
    tally = Tally("x")
    tally.count(verdict, {"case": 0, "part": {}, "rebuild": ""})
    assert (tally.outputs, tally.exact, tally.worst_ratio, tally.worst_at) == (0, 0, 0.0, None)
    assert tally.counts == {"known": 1}
    assert (tally.cases, sum(tally.histogram), tally.failures) == (1, 0, [])
