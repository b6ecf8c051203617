"""Masks of every form with every variant: a masked first step with a non-zero initial state, rows
masked throughout.
"""

from dataclasses import replace

import numpy as np
import pytest

from harness import check, sample_cases
from harness.judge.judge import judge
from harness.runs.ledger import known_difference
from references import load, variants
from tests.references.combinations import MASKS, assert_right, masked
from tests.references.gated import gated_case
from tests.references.marks import COPY_WARNING

pytest.importorskip("torch")  # before TensorFlow
pytest.importorskip("keras")

pytestmark = [pytest.mark.framework, COPY_WARNING]
SHAPE = {
    "time": 4,
    "batch": 3,
    "input_size": 2,
    "hidden_size": 3,
    "masks": False,
    "nonlinearity": "tanh",
    "bias": True,
    "dtype": "float32",
}
# These cannot take a mask that hides anything, whatever else the case is.
MASKLESS = {
    "keras/reset_to",
    "keras/weights_argument",
    "keras/masking_and_state",
    "keras/list_of_one",
    "keras/last_output_zero",
    "keras/stacked_reset",
}
# Their options are those of layers with gates alone.
GATED = {"keras/implementation_1", "keras/no_cudnn"}


def masked_cases(cell="rnn"):
    """Every kind of mask and of masked output, forwards, backwards, in two directions; one layer
    with, two without initial state.
    """
    for directions in (
        {"bidirectional": False, "go_backwards": False},
        {"bidirectional": False, "go_backwards": True},
        {"bidirectional": True},
    ):
        for layers, state in ((1, True), (2, False)):
            if cell == "rnn":
                limits = {"num_layers": layers, "regimes": "contracting"}
                case = next(sample_cases(1, **SHAPE, **limits, **directions))
            else:
                shape = {name: SHAPE[name] for name in ("time", "batch", "hidden_size", "dtype")}
                case = gated_case(cell, **shape, num_layers=layers, **directions)
            h_0 = np.full_like(case.h_0, 0.5) if state else None
            case = replace(case, h_0=h_0, c_0=h_0 if cell == "lstm" else None, origin="")
            for number, kind in enumerate(dict.fromkeys(MASKS)):
                yield kind, masked(case, kind, 4 * number)
                if layers == 1:
                    yield kind, masked(case, kind, 4 * number + 2)


@pytest.mark.parametrize(
    "name",
    [
        "keras/graph",
        pytest.param("keras", marks=pytest.mark.deep),
        *(
            pytest.param(name, marks=pytest.mark.long)
            for name in variants("keras")
            if name != "keras/graph"
        ),
    ],
)
def test_masks_of_every_form_are_right_refused_or_known(name):
    check_masks(name, "rnn", MASKLESS | GATED)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        pytest.param("keras/graph", "lstm", marks=pytest.mark.deep),
        pytest.param("keras/graph", "gru", marks=pytest.mark.long),
        *(
            pytest.param(name, cell, marks=pytest.mark.long)
            for name in variants("keras")[1:]
            for cell in ("gru", "lstm")
        ),
    ],
)
def test_masks_of_every_form_with_gates(name, cell):
    check_masks(name, cell, MASKLESS)


def check_masks(name, cell, maskless):
    judged = set()
    for kind, case in masked_cases(cell):
        verdict = judge(case, load(name), name, calls=1)
        known = known_difference(verdict)
        if verdict.kind != "refused":
            assert_right(verdict, [known] if known else [])
        if verdict.kind == "agrees" or known:
            judged.add(kind)
    assert judged >= (
        set() if name in maskless else {"right", "left", "middle", "random", "first", "whole"}
    ), name


def test_a_masked_first_step_shows_zeros_and_keeps_the_initial_state():
    case = next(
        case for kind, case in masked_cases() if kind == "first" and case.masked_output == "repeat"
    )
    outputs = load("keras")(case)
    assert case.h_0.any()
    assert not outputs.sequence[:, 0].any()
    check(case, load("keras"))


def test_a_row_masked_throughout_ends_in_its_initial_state():
    case = next(case for kind, case in masked_cases() if kind == "whole")
    outputs = load("keras/unroll")(case)
    assert not outputs.sequence.any()
    assert np.array_equal(outputs.h_n, case.h_0)


@pytest.mark.parametrize("kind", ["left", "middle", "first"])
def test_a_variant_that_ignores_the_mask_is_noticed(kind):
    run = load("keras/unroll")
    verdicts = [
        judge(case, lambda given: run(replace(given, mask=None)), "it")
        for found, case in masked_cases()
        if found == kind
    ]
    assert "differs" in {verdict.kind for verdict in verdicts}
