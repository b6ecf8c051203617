"""Every way of writing and running nodes computes the same, alone and in pairs."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import sample_cases
from harness.judge.judge import judge
from harness.runs.ledger import known_difference

pytest.importorskip("onnxruntime")
from references import Unsupported, load, variants
from references.onnx_rnn.options import Options, refuse
from references.onnx_rnn.variants import compute as written
from tests.references.combinations import SMALL, assert_right, computable, pairs
from tests.references.gated import gated_case
from tests.references.onnx_rnn.values import VALUES

pytestmark = pytest.mark.framework
NAMES = [name for name in variants("onnx") if name != "onnx/exported"]
# These have products of other shapes than the plain graph, and so sums in another order.
OTHER_SUMS = ("onnx/last_output", "onnx/weights_as_inputs")
SAME = [name for name in NAMES if name not in OTHER_SUMS and "reference" not in name]


# What some variants cannot do without.
NEEDS = {
    "onnx/two_nodes": {"bidirectional": True},
    "onnx/halves": {"bidirectional": False, "masks": False},
    "onnx/default_state": {"initial_states": False},
    "onnx/reverse": {"go_backwards": True, "bidirectional": False, "num_layers": 1},
    "onnx/last_output": {"bidirectional": False, "masks": False},
}


@pytest.mark.parametrize("name", ["onnx", *NAMES])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_what_a_variant_does_not_refuse_is_right_or_known(name, cell):
    kinds = Counter()
    limits = SMALL | {"cell": cell, "dtype": "float32"} | NEEDS.get(name, {})
    for case in sample_cases(5, **limits):
        verdict = judge(case, load(name), name, calls=1)
        kinds[verdict.kind] += 1
        if verdict.kind != "refused":
            assert_right(verdict, [entry for entry in [known_difference(verdict)] if entry])
    assert kinds["agrees"] > 1, kinds


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("name", SAME)
def test_a_variant_gives_the_same_bits_as_the_plain_graph(name, cell):
    """Where Runtime is wrong of a gated cell, its variants are wrong alike: no fault hides
    there.
    """
    computed = 0
    for seed in range(7):
        case = gated_case(
            cell,
            seed,
            dtype="float32",
            bidirectional=bool(seed % 2),
            go_backwards=seed % 4 == 2,
            num_layers=1 + seed // 5,
        )
        case = replace(case, h_0=None, c_0=None) if name == "onnx/default_state" else case
        try:
            outputs = load(name)(case)
        except Unsupported:
            continue
        plain, computed = load("onnx")(case), computed + 1
        for field in ("sequence", "h_n", "c_n"):
            assert np.array_equal(getattr(outputs, field), getattr(plain, field)), (seed, field)
    assert computed > 1


@given(options=st.sampled_from(pairs(VALUES)), seed=st.integers(0, 1))
@settings(max_examples=15)
def test_every_two_options_are_right(options, seed):
    check_pair(options, seed, lambda case: written(case, **options))


def check_pair(options, seed, run, count=2):
    """The evaluator has tanh, Runtime has the others without a known difference."""
    evaluated = options.get("engine") == "reference"
    activations = ("tanh", "linear") if evaluated else ("relu", "sigmoid", "softsign", "linear")
    limits = {"nonlinearity": activations, "dtype": "float32"}
    several, _ = computable(refuse, Options(**options), count, seed, **limits)
    for case in several:
        case = replace(case, mask=None) if evaluated else case
        assert_right(judge(case, run, "it", calls=1))


def halves_that_forget(case):
    half = case.time // 2
    first = written(replace(case, inputs=case.inputs[:, :half]))
    second = written(replace(case, inputs=case.inputs[:, half:], h_0=None))
    return np.concatenate([first.sequence, second.sequence], axis=1), second.h_n


def test_the_check_of_pairs_notices_halves_that_forget_the_state():
    with pytest.raises(AssertionError, match="it differs"):
        check_pair({"state": "halves"}, 0, halves_that_forget, count=8)
