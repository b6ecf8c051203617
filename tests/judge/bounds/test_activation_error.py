"""Activations that are off by so much explain what they cause, and no fault of another kind."""

import math
import pickle
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from references.cells import CELLS
from references.cells.activations import ACTIVATIONS
from references.cells.gates import by_gate
from references.cells.walk import layers, recur
from references.numpy_rnn import run

ERROR = 1e-4
CELL_NAMES = ("rnn", "gru", "lstm")


class Off(np.ndarray):
    """An array whose tanh and sigmoid are off by ERROR at most; the equations run on it as is."""

    def activate(self, name):
        y = ACTIVATIONS[name](np.asarray(self))
        signs = np.where(np.asarray(self).view(f"u{self.itemsize}") % 2, 1, -1)
        return (y + signs * np.asarray(0.99 * ERROR, y.dtype)).astype(y.dtype).view(Off)

    def __array_ufunc__(self, ufunc, method, *operands, **options):
        plain = [np.asarray(one) for one in operands]
        if ufunc is np.tanh:
            return Off.activate(plain[0].view(Off), "tanh")
        return getattr(ufunc, method)(*plain, **options).view(Off)


def off(case):
    """The loop, with every activation off."""
    config = case.config

    def step(p, now):
        x, *states = (array.view(Off) for array in (now.input_t, *now.states))
        new = tuple(np.asarray(state) for state in CELLS[config.cell].step(p, x, *states))
        return new[0], now.hold(new)

    def along_time(part):
        lift = lambda array: np.asarray(array).view(Off)  # noqa: E731
        p = by_gate(part.weights, config, lambda z: z.activate(config.nonlinearity), lift)
        return recur(partial(step, p), part)

    with np.errstate(all="ignore"):
        return layers(case, along_time)


def verdicts(cell, implementation, count, **limits):
    limits = {"time": (1, 12), "cell": cell} | limits
    if cell == "rnn":
        limits |= {"nonlinearity": ("tanh", "sigmoid")}
    for case in sample_cases(count, **limits):
        verdict = judge(case, implementation)
        if verdict.wrong:
            yield verdict


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELL_NAMES)
def test_what_activations_cause_that_are_off_is_explained_by_that_and_by_no_less(cell):
    every = list(verdicts(cell, off, 20, hidden_size=(1, 16)))
    assert len(every) > 13
    assert all(verdict.is_explained_by(ERROR) for verdict in every)
    assert not any(verdict.is_explained_by(ERROR / 1000) for verdict in every)


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELL_NAMES)
def test_lower_layers_that_nobody_returned_may_be_off_as_much(cell):
    """Their last states show it, and so does what the highest layer makes of their outputs."""
    sizes = {"num_layers": 2, "bidirectional": False, "time": (1, 4), "regimes": "contracting"}
    limits = sizes | {"nonlinearity": "tanh"} if cell == "rnn" else sizes
    every = []
    for case in sample_cases(12, 3, cell=cell, **limits):
        whole = replace(off(case), layers=None)
        verdict = judge(case, lambda own, whole=whole: whole, calls=1)  # it follows no case
        assert "lower layers were bounded" in verdict.reason
        every += [verdict] if verdict.wrong else []
    assert len(every) > 6
    assert all(verdict.is_explained_by(ERROR) for verdict in every)
    assert not any(verdict.is_explained_by(ERROR / 1000) for verdict in every)


@pytest.mark.long
@pytest.mark.parametrize("cell", CELL_NAMES)
def test_it_is_in_two_thousand_cases(cell):
    limits = {"time": (1, 40)}
    assert all(one.is_explained_by(ERROR) for one in verdicts(cell, off, 2000, **limits))


def other_order(case):
    """The gates in another order than the case says, of activations that are off."""
    weights = tuple(
        replace(cell, **{k: np.roll(a, len(cell.U[0]), axis=0) for k, a in cell.arrays().items()})
        for cell in case.weights
    )
    return off(replace(case, weights=weights))


def forget_bias(case):
    """A forget gate's bias of 1 too many."""
    H = case.config.hidden_size
    plus = np.repeat([0, 1, 0, 0], H)
    weights = tuple(
        replace(cell, b_W=(cell.b_W + plus).astype(cell.b_W.dtype)) for cell in case.weights
    )
    return off(replace(case, weights=weights))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "wrong"), [("gru", other_order), ("lstm", other_order), ("lstm", forget_bias)]
)
def test_another_fault_of_gates_is_not_explained_by_it(cell, wrong):
    limits = {"regimes": "contracting", "bias": True, "masks": False, "time": (3, 12)}
    every = list(verdicts(cell, wrong, 10, **limits))
    assert len(every) == 10
    assert not any(verdict.is_explained_by(ERROR) for verdict in every)


def test_what_is_off_elsewhere_is_not_explained():
    def late(case):
        outputs = off(case)
        return replace(outputs, h_n=outputs.h_n + 1)

    (case,) = sample_cases(1, regimes="contracting", nonlinearity="tanh", masks=False)
    verdict = judge(case, late)
    assert verdict.deviation == math.inf
    assert not verdict.is_explained_by(ERROR)


def test_a_second_call_that_is_right_but_for_its_activations_is_explained():
    limits = {"regimes": "contracting", "masks": False, "num_layers": 1}
    for more, explained in ((0, True), (1, False)):
        every = list(verdicts("rnn", WrongLater(more), 10, **limits))
        assert len(every) == 10
        assert all("in a second call" in verdict.reason for verdict in every)
        assert [verdict.is_explained_by(ERROR) for verdict in every] == [explained] * 10


class WrongLater:
    """The loop on every first call; on every second one its activations are off, and `more`."""

    def __init__(self, more=0):
        self.calls, self.more = 0, more

    def __call__(self, case):
        self.calls += 1
        if self.calls % 2:
            return run(case)
        outputs = off(case)
        h_n = None if self.more else outputs.h_n
        return replace(outputs, sequence=outputs.sequence + self.more, h_n=h_n, layers=None)


def test_a_verdict_that_crosses_processes_says_what_was_tried_alone():
    verdict = next(verdicts("gru", off, 1, regimes="contracting"))
    copy = pickle.loads(pickle.dumps(verdict))
    assert copy.judge_again is None
    assert verdict.is_explained_by(ERROR)
    assert not copy.is_explained_by(ERROR)
    tried = pickle.loads(pickle.dumps(replace(verdict, activation_error=ERROR)))
    assert tried.is_explained_by(ERROR)
    assert not tried.is_explained_by(ERROR / 2)


def test_an_agreement_holds_no_outputs():
    (case,) = sample_cases(1)
    assert judge(case, run).judge_again is None
