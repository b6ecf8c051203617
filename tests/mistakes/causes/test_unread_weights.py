"""A function that does not read the case's weights is told so, and how to go on; no other is."""

from dataclasses import replace

import numpy as np
import pytest

from harness import Mismatch, check, sample_cases, verify
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.causes.unread_weights import reads_no_weights
from references.cells import CELLS
from references.numpy_rnn import run
from tests.mistakes.by_hand import cell, linear

SENTENCE = "It does not read case.weights"
LIMITS = {
    "hidden_size": 7, "input_size": 5, "time": (3, 8), "regimes": "contracting", "bias": True,
    "masks": False, "initial_states": False, "go_backwards": False,
}  # fmt: skip


def trained(own, wrong=0.0):
    """A layer with weights of its own, whose lowest bias is off by `wrong`."""
    first = replace(own.weights[0], b_U=own.weights[0].b_U + np.float32(wrong))
    mine = replace(own, weights=(first, *own.weights[1:]))

    def layer(case):
        if case.inputs.shape[2] != 5:
            raise ValueError("expected 5 inputs")
        return run(replace(mine, inputs=case.inputs, h_0=None, c_0=None)).sequence

    return layer


@pytest.mark.slow
@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_it_is_told_so_right_or_wrong(name, num_layers, bidirectional):
    (case,) = sample_cases(
        1, cell=name, num_layers=num_layers, bidirectional=bidirectional, dtype="float32", **LIMITS
    )
    with pytest.raises(Mismatch) as right:
        check(case, trained(case))
    assert SENTENCE in right.value.diagnosis
    assert "and right for the case's" in right.value.diagnosis
    assert "fixed_weights=True" in right.value.diagnosis
    assert "bit-identical" in right.value.verdict.reason
    assert "the first call was right" in right.value.verdict.reason
    assert check(case, trained(case), fixed_weights=True).kind == "agrees"
    with pytest.raises(Mismatch) as wrong:
        check(case, trained(case, 0.25))
    assert "and wrong for the case's" in wrong.value.diagnosis
    with pytest.raises(Mismatch):
        check(case, trained(case, 0.25), fixed_weights=True)


@pytest.mark.slow
def test_verify_tells_so():
    own = {"num_layers": 1, "bidirectional": False, "dtype": "float32", "nonlinearity": "tanh"}
    (case,) = sample_cases(1, **LIMITS, **own)
    report = verify(trained(case), examples=8, **LIMITS, **own)
    assert report.exit_status == 1
    (findings,) = report.findings.values()
    assert all(SENTENCE in str(finding.diagnosis) for finding in findings)
    assert all(finding.diagnosis.names == () for finding in findings)


def test_outputs_that_are_rightly_the_same_are_no_sign_of_it():
    nothing = linear([[[0, 0]]], cell([[1, 2]], [[1]], [0], [0]), h_0=[0])
    masked = linear([[[1, 2], [3, 4]]], cell([[1, 2]], [[1]], [1], [0]), h_0=[2])
    masked = replace(masked, mask=np.zeros((1, 2), bool))
    dead = linear([[[0, 0]]], cell([[0, 0]], [[1]], [-1], [0]), nonlinearity="relu")
    for case in (nothing, masked, dead):
        assert not reads_no_weights(case, run)
        assert not reads_no_weights(case, lambda own: run(own).sequence * 0 + 1)
        assert not reads_no_weights(case, lambda own, case=case: run(case).sequence)
        assert SENTENCE not in str(diagnose(case, BY_NAME["U transposed"].plant()))


def test_a_function_that_reads_a_part_of_the_weights_reads_them():
    (case,) = sample_cases(1, num_layers=1, cell="rnn", dtype="float32", **LIMITS)
    for kept in ({"U"}, {"W"}, {"W", "b_W", "b_U"}):

        def partly(own, kept=kept):
            cells = zip(own.weights, case.weights, strict=True)
            mixed = (replace(o, **{k: getattr(c, k) for k in kept}) for o, c in cells)
            return run(replace(own, weights=tuple(mixed))).sequence

        assert not reads_no_weights(case, partly)
    assert reads_no_weights(case, trained(case))
    assert not reads_no_weights(case, lambda own: run(own).sequence * 0), "one number"


def test_a_function_is_told_so_only_where_exact_cases_show_it_too():
    """On a single step this mistake gives the initial state, whatever the weights."""
    (case,) = sample_cases(
        1, num_layers=1, cell="rnn", bidirectional=False, time=1, hidden_size=4, masks=False,
        regimes="contracting", initial_states=True,
    )  # fmt: skip
    mistake = BY_NAME["state for output"]
    assert reads_no_weights(case, mistake.plant())
    assert mistake.name in diagnose(case, mistake.plant()).names


@pytest.mark.slow
def test_a_gate_that_is_closed_on_the_smallest_case_is_named_all_the_same():
    mistake = BY_NAME["lstm gate g left at zero"]
    cases = sample_cases(6, cell="lstm", num_layers=1, hidden_size=(1, 2), time=(1, 2))
    names = {diagnose(case, mistake.plant()).names for case in cases if mistake.applies(case)}
    assert any(mistake.name in each for each in names)
    assert () not in names
