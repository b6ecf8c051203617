"""Every way of writing and calling nn.RNN computes the same, alone and in pairs; and the checks
notice one that does not.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from harness import cases
from harness.judge.judge import judge
from harness.runs.ledger import known_difference
from references import load, variants
from tests.references.combinations import SMALL, assert_right, computable, masked, pairs
from tests.references.gated import gated_case
from tests.references.torch_rnn.faults import faults
from tests.references.torch_rnn.values import VALUES

pytestmark = pytest.mark.framework
torch = pytest.importorskip("torch")

from references.torch_rnn.calls import _packed  # noqa: E402
from references.torch_rnn.options import Options, refuse  # noqa: E402
from references.torch_rnn.variants import compute as written  # noqa: E402

# TorchScript compiles for each call.
NAMES = [
    pytest.param(name, marks=pytest.mark.slow) if "scripted" in name else name
    for name in variants("torch")
]
PAIRS = pairs(VALUES)


@pytest.mark.parametrize("name", NAMES)
@given(case=cases(**SMALL, nonlinearity=("tanh", "relu")))
@settings(max_examples=5)
def test_what_a_variant_does_not_refuse_is_right_or_known(name, case):
    check_drawn(name, case)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
@given(case=cases(**SMALL, nonlinearity=("tanh", "relu")))
@settings(max_examples=40)
def test_the_same_of_more_cases(name, case):
    check_drawn(name, case)


def check_drawn(name, case):
    verdict = judge(case, load(name), name)
    if verdict.kind == "refused":
        reject()
    assert_right(verdict, [entry for entry in [known_difference(verdict)] if entry])


def gated_cases(cell, seed):
    """Cases with small sizes, without a mask and with right-padded rows."""
    rng = np.random.default_rng(seed)
    case = gated_case(
        cell,
        seed,
        batch=int(rng.integers(1, 4)),
        time=int(rng.integers(1, 7)),
        dtype=("float32", "float64")[seed % 2],
        bias=bool(seed % 3),
        num_layers=1 + seed % 2,
        bidirectional=bool(seed // 2 % 2),
        input_size=int(rng.integers(1, 5)),
        hidden_size=int(rng.integers(1, 6)),
    )
    zeros = replace(case, h_0=None, c_0=None)
    return case, zeros, masked(case, "right", seed), masked(zeros, "left", seed + 2)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("name", ["torch", *NAMES])
def test_what_a_variant_does_not_refuse_of_a_gated_cell_is_right_or_known(name, cell):
    check_gated(name, cell, range(2))


@pytest.mark.long
@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("name", ["torch", *NAMES])
def test_the_same_of_more_gated_cases(name, cell):
    check_gated(name, cell, range(3, 16))


def check_gated(name, cell, seeds):
    kinds = Counter()
    for seed in seeds:
        for case in gated_cases(cell, seed):
            verdict = judge(case, load(name), name)
            kinds[verdict.kind] += 1
            if verdict.kind != "refused":
                assert_right(verdict, [entry for entry in [known_difference(verdict)] if entry])
    assert kinds["agrees"] + kinds["crashed"] > 1, kinds


@pytest.mark.deep
@pytest.mark.parametrize("cell", ["gru", "lstm"])
@given(options=st.sampled_from(PAIRS), seed=st.integers(0, 7))
@settings(max_examples=20)
def test_every_two_options_are_right_on_gated_cells(cell, options, seed):
    for case in gated_cases(cell, seed):
        verdict = judge(case, lambda case: written(case, **options), "it", calls=1)
        if verdict.kind != "refused":
            assert_right(verdict, faults(case, Options(**options)))


@pytest.mark.slow
@given(options=st.sampled_from(PAIRS), seed=st.integers(0, 3))
@settings(max_examples=60)
def test_every_two_options_are_right(options, seed):
    check_pair(options, seed, lambda case: written(case, **options))


def check_pairs(options, seeds, run):
    for seed in seeds:
        check_pair(options, seed, run)


def check_pair(options, seed, run):
    found, _ = computable(refuse, Options(**options), 1, seed)
    for case in found:
        assert_right(judge(case, run, "it", calls=1), faults(case, Options(**options)))


def test_options_exclude_each_other_only_where_torch_has_no_such_call():
    excluding = [options for options in PAIRS if not computable(refuse, Options(**options), 1)[0]]
    assert excluding == [
        {"module": "cells", "layout": "time_major"},
        {"module": "cells", "layout": "vmap"},
        {"module": "cells", "layout": "packed"},
        {"module": "cells", "layout": "packed_sorted"},
        {"module": "cells", "state": "halves"},
        {"module": "cells", "dropout": True},
        {"layout": "packed", "form": "traced"},
        {"layout": "packed_sorted", "form": "traced"},
        {"weights": "functional", "form": "saved"},
        {"weights": "functional", "form": "traced"},
        {"weights": "functional", "form": "scripted"},
    ]


@pytest.mark.parametrize("name", ["torch/packed", "torch/packed_sorted"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_packed_rows_of_unequal_lengths_are_computed_in_any_order(name, bidirectional):
    found, _ = computable(
        refuse, Options(layout="packed"), 60, batch=(2, 4), time=(2, 6), bidirectional=bidirectional
    )
    unequal = [
        case for case in found if case.mask is not None and len(set(case.mask.sum(axis=1))) > 1
    ]
    assert len(unequal) > 5
    assert any(
        (case.mask.sum(axis=1)[1:] > case.mask.sum(axis=1)[:-1]).any() for case in unequal
    ), "some rows stand unsorted"
    for case in unequal:
        assert_right(judge(case, load(name), name))


def test_a_row_without_steps_is_refused():
    case = masked(computable(refuse, Options(), 1, time=3)[0][0], "whole", 2)
    assert (
        judge(case, load("torch/packed"), "it").reason
        == "a packed sequence is masked on the right alone, never throughout"
    )


def reversed_rows(case):
    outputs = written(case, layout="unbatched")
    return outputs.sequence[::-1].copy(), outputs.h_n[:, ::-1].copy()


def halves_that_forget(case):
    half = case.time // 2
    first = written(replace(case, inputs=case.inputs[:, :half]))
    second = written(replace(case, inputs=case.inputs[:, half:], h_0=None))
    return np.concatenate([first.sequence, second.sequence], axis=1), second.h_n


@pytest.mark.parametrize(
    ("options", "wrong"),
    [({"layout": "unbatched"}, reversed_rows), ({"state": "halves"}, halves_that_forget)],
)
def test_the_check_of_pairs_notices_a_wrong_variant(options, wrong):
    with pytest.raises(AssertionError, match="it differs"):
        check_pairs(options, range(40), wrong)


def test_the_check_of_variants_notices_rows_that_are_not_sorted_back(monkeypatch):
    def unsorted(module, inputs, states, lengths, by_hand):
        order = lengths.argsort()
        sequence, last = _packed(module, inputs, states, lengths, by_hand)
        return sequence[order], tuple(state[:, order] for state in last)

    monkeypatch.setattr("references.torch_rnn.calls._packed", unsorted)
    found, _ = computable(refuse, Options(layout="packed"), 40, batch=(2, 4), time=(2, 6))
    assert "differs" in {judge(case, load("torch/packed"), "it", calls=1).kind for case in found}
