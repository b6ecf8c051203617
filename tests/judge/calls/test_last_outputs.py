"""last_outputs: what gives its last output alone is judged at every step, and says so."""

from dataclasses import replace

import numpy as np
import pytest

from harness import Inconclusive, Mismatch, check, sample_cases
from harness.judge import lengths
from harness.judge.calls import last_outputs
from harness.judge.calls.observe import observe
from harness.judge.judge import judge
from harness.judge.verdict import Verdict
from harness.mistakes.catalogue import BY_NAME
from references import Unsupported
from references.case import Outputs
from references.cells import CELLS
from references.numpy_rnn import run
from tests.judge.test_propagate import wider

NOTE = "judged by its last outputs: each case cut to its T lengths"
ONE = {"bidirectional": False, "time": (1, 6)}


def last(case):
    return run(case).sequence[:, -1]


def last_of_both(case):
    """As Keras' Bidirectional: each half after its own last step."""
    forward, backward = np.split(run(case).sequence, 2, axis=2)
    return np.concatenate([forward[:, -1], backward[:, 0]], axis=1)


def test_the_outputs_are_those_of_the_whole_sequence():
    kinds = set()
    for case in sample_cases(40, cell=tuple(CELLS), regimes="ternary", **ONE):  # nothing rounds
        observation = observe(case, last)
        assert observation.by_last_outputs
        assert np.array_equal(observation.outputs.sequence, run(case).sequence)
        kinds |= {case.config.go_backwards, case.mask is not None, case.config.num_layers}
    assert kinds >= {True, False, 2}


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_it_agrees_and_the_verdict_says_how_it_was_judged(cell):
    for case in sample_cases(6, cell=cell, **ONE):
        verdict = check(case, last)
        assert (
            verdict.outputs == check(case, run(case).sequence).outputs or case.config.num_layers > 1
        )
        assert NOTE in str(verdict)
        assert NOTE not in str(judge(case, run))


@pytest.mark.parametrize(
    "form",
    [
        lambda out: (out.sequence[:, -1], out.h_n),
        lambda out: Outputs(out.sequence[:, -1], out.h_n),
    ],
)
def test_its_states_are_judged_too(form):
    (case,) = sample_cases(1, cell="rnn", num_layers=1, bidirectional=False, time=4)
    assert judge(case, lambda own: form(run(own))).h_n_checked
    wrong = lambda own: form(replace(run(own), h_n=run(own).h_n + 1))  # noqa: E731
    assert judge(case, wrong).kind == "differs"


def test_a_mistake_is_found_at_its_step_and_named():
    (case,) = sample_cases(
        1, num_layers=1, bidirectional=False, time=5, hidden_size=4, regimes="contracting",
        nonlinearity="tanh", masks=False,
    )  # fmt: skip
    wrong = BY_NAME["U transposed"].plant()
    with pytest.raises(Mismatch) as error:
        check(case, lambda own: wrong(own).sequence[:, -1])
    assert "U transposed" in error.value.diagnosis
    with pytest.raises(Mismatch) as late:
        check(case, lambda own: run(own).sequence[:, -1] + np.float32(own.time == 3))
    assert late.value.verdict.first.time == 2


def noisy(case):
    """Computes in float64 for every second length."""
    if case.time % 2:
        return last(case)
    return last(wider(case)).astype("float32")


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_other_bits_for_other_lengths_are_no_mistake(cell):
    kinds = []
    limits = {"regimes": "chaotic", "masks": False, "dtype": "float32", "nonlinearity": "tanh"}
    limits |= {"input_size": (4, 8), "hidden_size": (8, 16), "time": (24, 40), "num_layers": 1}
    for case in sample_cases(3, cell=cell, bidirectional=False, **limits):
        kinds.append(judge(case, noisy, calls=1).kind)
        wrong = replace(case, weights=tuple(replace(w, b_W=w.b_W + 1) for w in case.weights))
        fixed = lambda own, wrong=wrong: noisy(replace(own, weights=wrong.weights))  # noqa: E731
        assert judge(case, fixed, calls=1).kind == "differs"
    assert set(kinds) <= {"agrees", "inconclusive"}
    assert cell != "rnn" or "inconclusive" in kinds, "chaos drives no two calls apart"


def on_both_layers_alone(function):
    """Its outputs on two layers; it raises on one."""

    def run_or_raise(case):
        if case.config.num_layers == 1:
            raise ValueError("expected two layers")
        return function(case)

    return run_or_raise


@pytest.mark.slow
def test_chaos_above_an_enclosed_layer_is_no_mistake():
    """The lower layer contracts, so that it is enclosed narrowly; the upper one is chaotic."""
    limits = {"cell": "rnn", "nonlinearity": "tanh", "dtype": "float32", "num_layers": 2}
    limits |= {"input_size": 4, "hidden_size": (8, 16), "time": (30, 40), "masks": False}
    kinds, wrong = [], []
    for case in sample_cases(3, 5, bidirectional=False, regimes="chaotic", **limits):
        lower, upper = case.weights
        lower = replace(lower, U=lower.U / 128)
        case = replace(case, weights=(lower, replace(upper, U=upper.U * 3)))
        kinds.append(judge(case, on_both_layers_alone(noisy), calls=1).kind)
        other = replace(case, weights=(lower, replace(upper, U=upper.U * 4)))
        wrong.append(
            judge(
                case,
                on_both_layers_alone(lambda own, w=other.weights: noisy(replace(own, weights=w))),
                calls=1,
            ).kind
        )
    assert set(kinds) <= {"agrees", "inconclusive"}
    assert "inconclusive" in kinds
    assert "differs" in wrong


def test_with_a_mask_a_state_of_another_call_is_not_compared():
    """The last valid step is another call's last, whose bits may be others."""
    (case,) = sample_cases(
        1, cell="rnn", nonlinearity="tanh", regimes="contracting", dtype="float32", num_layers=1,
        bidirectional=False, go_backwards=False, masks=False, batch=4, hidden_size=16, time=4,
    )  # fmt: skip
    case = replace(case, mask=np.arange(4) < np.full((4, 1), 2))
    by_odd = lambda own: Outputs(noisy(own), run(own).h_n)  # noqa: E731
    assert not np.array_equal(noisy(case.first_steps(2)), run(case).h_n[0])
    assert judge(case, by_odd, calls=1).kind == "agrees"


def test_in_both_directions_the_backward_half_is_that_of_the_case_from_a_step_on():
    kinds = set()
    for case in sample_cases(20, bidirectional=True, num_layers=1, time=(1, 6), regimes="ternary"):
        observation = observe(case, last_of_both)
        assert observation.by_last_outputs
        assert np.array_equal(observation.outputs.sequence, run(case).sequence)
        kinds |= {case.config.go_backwards, case.mask is not None}
    assert kinds == {True, False}


def test_of_a_long_case_other_lengths_are_not_called(monkeypatch):
    monkeypatch.setattr(lengths, "EVERY", 8)
    monkeypatch.setattr(lengths, "FIRST", 4)
    monkeypatch.setattr(lengths, "STEPS", 60)
    (case,) = sample_cases(1, bidirectional=False, num_layers=1, time=16, masks=False)
    sequence = observe(case, last).outputs.sequence
    steps = [length - 1 for length in lengths.lengths_of(case).all]
    assert len(steps) < 16
    assert np.array_equal(np.flatnonzero(~np.isnan(sequence).any(axis=(0, 2))), steps)


def test_too_many_steps_are_refused(monkeypatch):
    (case,) = sample_cases(1, bidirectional=False, num_layers=1, time=5)
    monkeypatch.setattr(last_outputs, "LONGEST", 4)
    verdict = judge(case, last)
    assert verdict.kind == "refused"
    assert verdict.reason.endswith("5 steps are more than 4: cut the case")


def test_what_gives_something_else_on_a_cut_case_has_crashed():
    (case,) = sample_cases(1, bidirectional=False, num_layers=1, time=4, batch=2)
    whole_once = lambda own: run(own).sequence if own.time == 2 else last(own)  # noqa: E731
    verdict = judge(case, whole_once)
    assert verdict.kind == "crashed"
    assert "on 4 steps it gives its last output alone, on 2 something else" in verdict.reason
    dtypes = {2: "float64"}
    double = lambda own: last(own).astype(dtypes.get(own.time, "float32"))  # noqa: E731
    (case,) = sample_cases(1, bidirectional=False, num_layers=1, time=4, dtype="float32")
    assert "its last outputs have other dtypes" in judge(case, double).reason


def test_one_buffer_for_all_calls_is_caught():
    buffers = {}

    def shared(case):
        value = last(case)
        buffer = buffers.setdefault(value.shape, np.empty_like(value))
        buffer[:] = value
        return buffer

    (case,) = sample_cases(1, bidirectional=False, num_layers=1, time=4, regimes="contracting")
    verdict: Verdict = judge(case, shared)
    assert verdict.reason == "the next call wrote into its sequence; return a copy for each call"


def test_a_last_output_that_came_out_is_one_step_only():
    (case,) = sample_cases(1, bidirectional=False, num_layers=1, time=4)
    with pytest.raises(Inconclusive, match="only its last output on the whole case is known"):
        check(case, last(case))
    (step,) = sample_cases(1, bidirectional=False, num_layers=1, time=1)
    assert check(step, last(step)).kind == "agrees"


@pytest.mark.parametrize(
    ("error", "clause"),
    [(ValueError, "it raised ValueError: six steps"), (Unsupported, "it refused: six steps")],
)
def test_what_takes_one_length_alone_cannot_be_judged_by_its_last_output(error, clause):
    def of_six(case):
        if case.time != 6:
            raise error("six steps")
        return run(case).sequence[:, -1]

    (case,) = sample_cases(1, 2, **ONE | {"time": 6, "num_layers": 1, "masks": False})
    verdict = judge(case, of_six)
    assert (verdict.kind, verdict.case.time) == ("refused", 6)
    assert f"on the case cut to 1 of 6 steps {clause}; return the output of ev" in verdict.reason


def test_a_crash_on_the_whole_case_is_one():
    def fails(case):
        raise ValueError("always")

    (case,) = sample_cases(1, 2, **ONE)
    assert judge(case, fails).reason == "it raised ValueError: always"
