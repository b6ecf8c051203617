"""last_verdict: last outputs of both directions, and of a sample of lengths."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from harness import Mismatch, check, sample_cases
from harness.judge import lengths
from harness.judge.judge import judge
from harness.judge.lengths import lengths_of
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.causes.diagnosis import diagnose
from references.case import Case, CellWeights, Config, Outputs
from references.cells import CELLS
from references.numpy_rnn import run
from tests.judge.calls.test_last_outputs import noisy, on_both_layers_alone
from tests.judge.test_propagate import wider

BOTH = {"bidirectional": True, "num_layers": 1}
ONE = {"bidirectional": False, "num_layers": 1}
LONG = {"time": (20, 40), "hidden_size": (2, 8)}
NARROW = {"regimes": "contracting", "masks": False, "go_backwards": False}


def last_of(function):
    """Keras' last output: each half after its own last step."""

    def run_last(case):
        sequence, H = function(case).sequence, case.config.hidden_size
        if not case.config.bidirectional:
            return sequence[:, -1]
        return np.concatenate([sequence[:, -1, :H], sequence[:, 0, H:]], axis=1)

    return run_last


last = last_of(run)


@pytest.fixture
def small(monkeypatch):
    """A case is long from 17 steps on, of which 8 come first."""
    for name, value in {"EVERY": 16, "FIRST": 8, "STEPS": 2000, "MOST": 4}.items():
        monkeypatch.setattr(lengths, name, value)


def without_state_from(step, *states):
    """The right loop, but it loses some states when it has made so many steps."""

    def run_and_lose(case):
        if case.time <= step:
            return run(case)
        begin = run(case.first_steps(step))
        own = {"h_0": begin.h_n} | ({} if begin.c_n is None else {"c_0": begin.c_n})
        lost = {name: np.zeros_like(own[name]) for name in states}
        rest = run(replace(case.last_steps(case.time - step), **{**own, **lost}))
        return replace(rest, sequence=np.concatenate([begin.sequence, rest.sequence], axis=1))

    return run_and_lose


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_both_directions_agree_with_masks_and_backwards(cell):
    kinds = Counter()
    for case in sample_cases(8, 1, cell=cell, time=(1, 8), **BOTH):
        verdict = judge(case, last)
        assert (verdict.kind, verdict.sample) == ("agrees", "")
        # The states of another call are not compared.
        assert verdict.outputs == judge(case, lambda own: run(own).sequence).outputs
        kinds.update([case.config.go_backwards, case.mask is None])
    assert kinds[True]
    assert kinds[False]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("direction", [0, 1])
def test_a_mistake_in_one_direction_is_caught_in_it(cell, direction):
    limits = {"time": (4, 8), "hidden_size": (3, 6), "bias": True, **NARROW}
    for name in ("U transposed", "b_U dropped", "initial state ignored", "time reversed"):
        planted = last_of(BY_NAME[name].plant())
        (case,) = sample_cases(1, 2, cell=cell, **BOTH, **limits)

        def wrong(own, planted=planted):
            H = own.config.hidden_size
            return np.where(np.arange(2 * H) // H == direction, planted(own), last(own))

        verdict = judge(case, wrong, calls=1)
        assert verdict.kind == "differs", name
        assert verdict.first.direction == direction


def test_the_diagnosis_in_both_directions_names_the_mistake():
    (case,) = sample_cases(1, 2, time=6, hidden_size=4, nonlinearity="tanh", **BOTH, **NARROW)
    with pytest.raises(Mismatch) as error:
        check(case, last_of(BY_NAME["U transposed"].plant()))
    assert "U transposed" in error.value.diagnosis


@pytest.mark.parametrize("cell", CELLS)
def test_the_last_step_of_the_whole_sequence_is_another_convention(cell):
    """torch's output[:, -1], whose backward half has made one step: not judged, and not wrong."""
    kinds = Counter()
    for case in sample_cases(8, 1, cell=cell, time=(1, 8), **BOTH):
        verdict = judge(case, lambda own: run(own).sequence[:, -1])
        kinds[verdict.kind] += 1
        assert verdict.kind != "refused" or "torch's output[:, -1]" in verdict.reason
    assert kinds.keys() <= {"agrees", "refused"}  # of one step, say, both are the same
    assert kinds["refused"] > 4
    for time in (1, 5):  # wrong in either convention
        (case,) = sample_cases(1, cell=cell, time=time, bias=True, **BOTH, **NARROW)
        wrong = BY_NAME["b_U dropped"].plant()
        assert judge(case, last_of(wrong)).kind == "differs"
        assert judge(case, lambda own: wrong(own).sequence[:, -1]).kind == "differs"  # noqa: B023


def test_several_layers_in_both_directions_are_refused_by_name():
    (case,) = sample_cases(1, bidirectional=True, num_layers=2, time=4)
    verdict = judge(case, last)
    assert verdict.kind == "refused"
    assert verdict.reason.endswith("reads other outputs in each cut case")


@pytest.mark.slow
def test_other_bits_in_both_directions_are_no_mistake():
    limits = {"regimes": "chaotic", "masks": False, "dtype": "float32", "nonlinearity": "tanh"}
    limits |= {"input_size": 4, "hidden_size": (8, 16), "time": (24, 40)}

    def some_in_float64(case):
        return last(case) if case.time % 2 else last(wider(case)).astype("float32")

    kinds = Counter()
    for case in sample_cases(4, **BOTH, **limits):
        kinds[judge(case, some_in_float64, calls=1).kind] += 1
        biased = tuple(replace(cell, b_W=cell.b_W + 1) for cell in case.weights)
        wrong = lambda own, weights=biased: last(replace(own, weights=weights))  # noqa: E731
        assert judge(case, wrong, calls=1).kind == "differs"
    assert kinds.keys() <= {"agrees", "inconclusive"}
    assert kinds["inconclusive"], "chaos drives no two calls apart"


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("limits", [{"bidirectional": False}, BOTH], ids=["one", "both"])
def test_a_long_case_agrees_by_a_sample_and_says_what_was_judged(small, cell, limits):
    masks = Counter()
    for case in sample_cases(3, 1, cell=cell, **limits, **LONG):
        verdict, sample = judge(case, last), lengths_of(case)
        assert verdict.kind == "agrees"
        count = sample.steps_after(2 if cell == "lstm" else 1).size
        each = " of each direction" if case.config.bidirectional else ""
        others = f" and {count} others" if count else ""
        note = f"{len(sample.all)} of its {case.time} lengths, which show the first 8 steps"
        assert f"the case cut to {note}{each}{others}\n" in f"{verdict}\n"
        numbers = len(case.weights) * case.batch * case.config.hidden_size
        assert verdict.outputs == numbers * (8 + count)
        masks[case.mask is None] += count
    assert masks[True]
    assert not masks[False]


def calls_of(case, function):
    """How many calls the verdict on the case takes, and steps beside the whole ones."""
    steps = []

    def count(own):
        steps.append(own.time)
        return function(own)

    judge(case, count, calls=1)
    return len(steps), sum(steps) - case.time


def test_no_more_calls_are_made_than_lengths(small):
    for limits in (ONE, BOTH):
        (case,) = sample_cases(1, time=40, masks=False, **limits)
        count, steps = calls_of(case, last)
        D = case.config.num_directions
        assert count == D * (len(lengths_of(case).all) - 1) + 1
        assert steps <= lengths.STEPS


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("limits", [ONE, BOTH], ids=["one", "both"])
def test_a_mistake_of_long_cases_alone_is_caught_in_a_group(small, cell, limits):
    exact = {"regimes": "ternary", "masks": False, "go_backwards": False, "hidden_size": 6}
    if cell != "rnn":
        exact["regimes"] = "mantissa"
    (case,) = sample_cases(1, 3, cell=cell, time=40, **limits, **exact)
    at = lengths_of(case).groups[1] + 1  # in the midst of a group

    def wrong(own):
        return last(own) + np.asarray(own.time > at, own.config.dtype)

    verdict = judge(case, wrong, calls=1)
    assert verdict.kind == "differs"
    assert verdict.first.time == at
    assert verdict.wrong < verdict.outputs / 2


def test_an_lstm_that_loses_its_c_late_is_caught(small):
    """Nobody observes c: the output before the step and the gates show it."""
    (case,) = sample_cases(1, 2, cell="lstm", time=40, hidden_size=6, regimes="memory", **ONE,
                           masks=False, go_backwards=False)  # fmt: skip
    at = lengths_of(case).groups[1] + 1
    assert judge(case, last_of(without_state_from(at)), calls=1).kind == "agrees"
    verdict = judge(case, last_of(without_state_from(at, "c_0")), calls=1)
    assert verdict.wrong
    assert verdict.first.time == at


def test_the_states_of_a_long_case_are_judged(small):
    for name in ("h_n", "c_n"):
        (case,) = sample_cases(1, 2, cell="lstm", time=30, hidden_size=6, **ONE, **NARROW)

        def with_states(own, name=name, off=0):
            right = run(own)
            wrong = {name: getattr(right, name) + np.asarray(off, own.config.dtype)}
            return replace(right, sequence=right.sequence[:, -1], layers=None, **wrong)

        verdict = judge(case, with_states, calls=1)
        assert (verdict.kind, verdict.h_n_checked, verdict.c_n_checked) == ("agrees", True, True)
        wrong = lambda own, run_off=with_states: run_off(own, off=0.5)  # noqa: E731
        assert judge(case, wrong, calls=1).kind == "differs", name


def test_other_bits_of_a_long_case_are_no_mistake(small):
    kinds = Counter()
    limits = {"regimes": "chaotic", "masks": False, "dtype": "float32", "nonlinearity": "tanh"}
    limits |= {"input_size": (4, 8), "hidden_size": (8, 16), "time": (40, 50)}
    for case in sample_cases(6, **ONE, **limits):
        kinds[judge(case, noisy, calls=1).kind] += 1
    assert kinds.keys() <= {"agrees", "inconclusive"}
    assert kinds["inconclusive"], "chaos drives no two calls apart"


def test_with_a_mask_only_the_first_steps_of_a_long_case_are_judged(small):
    (case,) = sample_cases(1, 2, time=30, **ONE, **NARROW)
    case = replace(case, mask=np.arange(30) % 3 < np.full((case.batch, 1), 2))
    for at, kind in ((5, "differs"), (9, "agrees")):

        def late(own, at=at):
            return last(own) + np.asarray(own.time > at, own.config.dtype)

        verdict = judge(case, late, calls=1)
        assert verdict.kind == kind
        assert verdict.sample == "8 of its 30 lengths, which show the first 8 steps"
    with_state = judge(case, lambda own: Outputs(last(own), run(own).h_n + 1), calls=1)
    assert (with_state.kind, with_state.h_n_checked) == ("agrees", False)


@pytest.mark.parametrize("cell", CELLS)
def test_a_layer_that_was_not_observed_is_bounded_at_the_first_steps_alone(small, cell):
    limits = {"num_layers": 2, "bidirectional": False, "time": 30, "hidden_size": 4}
    (case,) = sample_cases(1, 2, cell=cell, **limits, **NARROW)
    verdict = judge(case, on_both_layers_alone(last), calls=1)
    assert verdict.kind == "agrees"
    assert verdict.sample == "8 of its 30 lengths, which show the first 8 steps"
    assert "lower layers were bounded, not observed" in verdict.reason
    wrong = on_both_layers_alone(lambda own: last(own) + np.asarray(0.5, own.config.dtype))
    assert judge(case, wrong, calls=1).kind == "differs"


def test_a_lower_layer_of_last_outputs_below_a_sequence_is_bounded(small):
    (case,) = sample_cases(1, 2, num_layers=2, bidirectional=False, time=30, **NARROW)

    def mixed(own):
        return last(own) if own.config.num_layers == 1 else run(own).sequence

    verdict = judge(case, mixed, calls=1)
    assert verdict.kind == "agrees"
    assert "on its first 1 of 2 layers it gives its last output alone" in verdict.reason


def test_the_diagnosis_of_a_long_case_looks_at_its_first_steps(small):
    (case,) = sample_cases(1, 2, time=30, hidden_size=4, nonlinearity="tanh", **ONE, **NARROW)
    wrong = last_of(BY_NAME["U transposed"].plant())
    assert "U transposed" in diagnose(case, wrong).names
    late = lambda own: last(own) + np.asarray(own.time > 20, own.config.dtype)  # noqa: E731
    assert judge(case, late, calls=1).kind == "differs"
    sentence = "No known mistake was tried: no wrong output was observed in the first 8 steps."
    assert diagnose(case, late).sentence == sentence


@pytest.mark.slow
def test_a_case_of_many_steps_is_judged_with_few_calls():
    """Without U a last output takes no steps, so that cases may be as long as they can."""
    W, longest = np.ones((3, 2), "float32"), 2000  # of 10,000 it asks for as few
    cell = CellWeights(W, np.zeros((3, 3), "float32"))
    x = np.linspace(-1, 1, 2 * longest, dtype="float32").reshape(1, -1, 2)

    def at_once(own):
        return np.tanh(own.inputs[:, -1] @ own.weights[0].W.T)

    case = Case(Config(2, 3), (cell,), x)
    verdict = judge(case, at_once, calls=1)
    assert verdict.kind == "agrees"
    count = len(lengths_of(case).groups)
    steps = f"{256 + 4 * count} of its 2,000 lengths, which show the first 256 steps"
    assert verdict.sample == f"{steps} and {3 * count} others"
    late = lambda own: at_once(own) + np.float32(own.time == longest)  # noqa: E731
    assert judge(case, late, calls=1).first.time == longest - 1
    longer = Case(Config(2, 3), (cell,), np.zeros((1, lengths.LONGEST + 1, 2), "float32"))
    verdict = judge(longer, at_once, calls=1)
    assert verdict.kind == "refused"
    assert verdict.reason.endswith("10,001 steps are more than 10,000: cut the case")
