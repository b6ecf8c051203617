"""Nodes in ONNX Runtime and in onnx's evaluator compute the case, and a wrong graph is noticed."""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge

pytest.importorskip("onnxruntime")
from references.onnx_rnn import calls, nodes
from references.onnx_rnn.calls import compute, run
from references.onnx_rnn.options import Options
from tests.references.combinations import masked
from tests.references.gated import FORMS, gated_case

pytestmark = pytest.mark.framework
EVALUATED = Options(engine="reference")


@pytest.mark.parametrize("nonlinearity", ["relu", "linear", "sigmoid", "softsign"])
def test_runtime_agrees_on_every_other_activation_of_an_rnn(nonlinearity):
    kinds = [
        judge(case, run, "onnx", calls=1).kind
        for case in sample_cases(25, nonlinearity=nonlinearity, dtype="float32", time=(1, 9))
    ]
    assert "differs" not in kinds
    assert kinds.count("agrees") > 10


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("form", FORMS)
def test_the_evaluator_and_runtime_agree_on_the_same_graph(cell, form):
    """Of moderate numbers Runtime has to agree too: the ledger is about shut gates, small tanh."""
    case = replace(gated_case(cell, **form), mask=None)
    assert judge(case, lambda case: compute(case, EVALUATED), "it").kind == "agrees"
    activation = {"nonlinearity": "softsign"} if cell == "rnn" else {}
    for seed in range(4):
        case = gated_case(cell, seed, dtype="float32", **form, **activation)
        case = replace(case, mask=None)
        assert judge(case, run, "onnx").kind == "agrees"


def test_the_evaluator_agrees_on_a_gru_that_resets_before_the_product():
    case = gated_case("gru", reset_after=False, num_layers=2, bidirectional=True)
    assert judge(case, lambda case: compute(case, EVALUATED), "it").kind == "agrees"


@pytest.mark.parametrize(
    ("cell", "order"), [("gru", ("r", "z", "n")), ("lstm", ("i", "f", "o", "g"))]
)
def test_gates_in_another_order_are_noticed(cell, order, monkeypatch):
    monkeypatch.setitem(nodes.GATES, cell, order)
    verdict = judge(gated_case(cell), lambda case: compute(case, EVALUATED), "it")
    assert verdict.kind == "differs"


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_rows_of_unequal_lengths_are_computed(cell, bidirectional):
    """Of moderate numbers, where Runtime's activations are good enough."""
    fields = {"nonlinearity": "sigmoid"} if cell == "rnn" else {}
    case = gated_case(cell, 3, batch=4, dtype="float32", bidirectional=bidirectional, **fields)
    mask = np.arange(case.time) < np.array([[5], [2], [1], [4]])
    case = replace(case, mask=mask, masked_output="zero")
    outputs, expected = run(case), compute(replace(case, mask=None), Options(state="given"))
    assert not outputs.sequence[~mask].any()
    assert outputs.sequence[mask].all()
    assert not np.array_equal(outputs.h_n, expected.h_n)
    if cell == "rnn":
        assert judge(case, run, "onnx").kind == "agrees"


@pytest.mark.parametrize("kind", ["left", "right"])
def test_padding_is_judged_whichever_way_the_layer_reads(kind):
    case = gated_case("rnn", 1, dtype="float32", go_backwards=kind == "left", nonlinearity="relu")
    case = replace(masked(case, kind, 2), masked_output="zero")
    assert not case.mask.all()
    lengths = case.mask.sum(axis=1)
    expected = "agrees" if lengths.all() else "refused"
    assert judge(case, run, "onnx").kind == expected


def test_a_graph_with_weights_as_inputs_is_made_once_for_a_kind():
    calls._of_kind.cache_clear()
    options = Options(weights="inputs")
    for seed in range(4):
        case = gated_case("lstm", seed, dtype="float32", input_size=1 + seed, batch=1 + seed)
        assert np.array_equal(compute(case, options).h_n.shape, run(case).h_n.shape)
    assert calls._of_kind.cache_info().currsize == 1
    compute(gated_case("lstm", dtype="float32", hidden_size=4), options)
    assert calls._of_kind.cache_info().currsize == 2


def test_one_session_serves_other_weights():
    """A weight that were part of the cached graph would show in the outputs of the next case."""
    options = Options(weights="inputs")
    outputs = [compute(gated_case("gru", seed, dtype="float32"), options) for seed in (1, 2, 1)]
    assert not np.array_equal(outputs[0].sequence, outputs[1].sequence)
    assert np.array_equal(outputs[0].sequence, outputs[2].sequence)
