"""How much a mistake explains: all of its own, nothing of another's, some of two at once."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from harness import sample_cases
from harness.mistakes.catalogue import BY_NAME, of_cells
from harness.mistakes.diagnosis import diagnose
from harness.mistakes.evidence import MOST, Sample, Share, at_places, same
from harness.mistakes.mistake import run
from harness.mistakes.probes import on_probe, probes
from harness.mistakes.right_variants import in_order
from references.case import Outputs
from references.cells.walk import layers, recur, right_step
from references.numpy_rnn import run as loop
from tests.mistakes.honest_gated import time_major

SIZES = {"time": (3, 9), "hidden_size": (3, 9), "input_size": (2, 8), "batch": (2, 3)}
PLAIN = {"num_layers": 1, "bidirectional": False, "go_backwards": False, "masks": False}
PLAIN_LAYERS = {name: value for name, value in PLAIN.items() if name != "num_layers"}
CASES = list(sample_cases(60, seed=2, regimes=("contracting",), bias=True, **SIZES, **PLAIN))


def by_other_order(mistake):
    """The mistake planted in a loop that adds up in another order."""

    def step(now):
        p = now.p
        x, h = now.input_t, now.state_t
        z = p.b_h + np.einsum("hi,ib->hb", p.U_h[:, ::-1], h[::-1])
        return p.activation(np.einsum("hi,ib->hb", p.W_h[:, ::-1], x[::-1]) + z)

    return lambda case: run(case, mistake.edits._replace(step=step))


@pytest.mark.parametrize("name", ["U transposed", "state not carried", "units reversed"])
def test_a_mistake_explains_all_of_its_own_in_any_order_of_sums_and_nothing_of_what_is_right(name):
    mistake = BY_NAME[name]
    for case in CASES[:10]:
        sample = Sample.of(case, by_other_order(mistake))
        observed = sample.ways(mistake.edits)[0]
        share = sample.share(mistake.edits, [mistake], observed)
        assert share.outside == share.explained > 0
        assert share.value == 1
        other = BY_NAME["bias negated"]
        assert sample.share(other.edits, [other], True).value < 0.5


def test_right_numbers_count_against_a_mistake():
    assert Share(8, 2, 0, 10).value == 0.8
    assert Share(8, 0, 8, 8).value == 0
    assert Share(8, 0, 2, 8).value == 0.75
    assert Share(0, 0, 0, 10).value == 0
    assert not Share(1, 0, 0, 100).is_decided, "one of a hundred is no evidence"
    assert Share(10, 0, 0, 100).is_decided
    assert Share(1, 2, 3, 4) + Share(1, 1, 1, 1) == Share(2, 3, 4, 5)


def test_what_cannot_apply_explains_nothing():
    sample = Sample.of(CASES[0], by_other_order(BY_NAME["U transposed"]))
    mask = BY_NAME["mask ignored"]
    assert sample.share(mask.edits, [mask], True).explained == 0


def test_a_mark_that_is_missing_rules_a_mistake_out():
    half = BY_NAME["float16 inside"]

    def nearly(case):
        sequence = loop(case).sequence
        return (sequence * (1 + 2.0**-12)).astype(sequence.dtype)

    sample = Sample.of(CASES[0], nearly)
    assert sample.share(half.edits, [half], True).explained == 0


def test_where_no_state_is_observed_nothing_but_equal_bits_counts():
    """Else all steps after an error would be explained by any mistake that is right there."""

    def odd(case):
        outputs = loop(case)
        sequence = outputs.sequence.copy()
        sequence[:, 1:, 0] += 0.5
        return Outputs(sequence, None)

    sample = Sample.of(CASES[0], odd)
    nan = BY_NAME["NaN"]
    assert sample.outside(observed=True) > sample.outside(observed=False)
    assert sample.share(nan.edits, [nan], True).explained == 0


def test_what_is_wrong_at_every_step_is_no_boundary():
    case = next(case for case in CASES if case.time > 5 and case.h_0.any())
    dropped = by_other_order(BY_NAME["state dropped"])
    assert diagnose(case, dropped).names == ("state dropped",)
    boundary = BY_NAME["state lost at a chunk boundary"]
    assert Sample.of(case, dropped).share(boundary.edits, [boundary], True).explained == 0


@pytest.mark.parametrize("name", ["final states in reverse", "final state of the first step"])
def test_a_wrong_final_state_of_several_layers_is_named_in_any_order_of_sums(name):
    case = next(sample_cases(1, num_layers=3, time=5, **{**PLAIN_LAYERS, "regimes": "contracting"}))
    assert name in diagnose(case, by_other_order(BY_NAME[name])).names


def test_equal_outputs_are_those_with_equal_final_states():
    one = loop(CASES[0])
    assert same(one, Outputs(one.sequence))
    assert not same(one, Outputs(one.sequence, one.h_n + 1))


@pytest.mark.parametrize("every", [3, 4])
@pytest.mark.parametrize(
    "name", ["state lost at a chunk boundary", "state reset at a chunk boundary"]
)
def test_a_boundary_is_named_at_any_step_and_alone(name, every):
    mistake = BY_NAME[name]
    carry = mistake.edits.boundary
    edits = mistake.edits._replace(
        carry=lambda now, output: carry(now, output) if (now.t + 1) % every == 0 else output
    )
    case = next(case for case in CASES if case.time > 7 and case.h_0.any())
    assert diagnose(case, lambda case: run(case, edits)).names == (name,)


BOUNDARIES = [one for one in BY_NAME.values() if one.edits.boundary]
OF_GATES = [(cell, one) for cell in ("gru", "lstm") for one in BOUNDARIES if cell in one.cells]


@pytest.mark.parametrize("every", [3, 5])
@pytest.mark.parametrize(
    ("cell", "mistake"), OF_GATES, ids=[f"{cell}: {one.name}" for cell, one in OF_GATES]
)
def test_a_boundary_of_gates_is_named_at_any_step_in_another_order_of_sums(cell, mistake, every):
    """All boundaries are suspected, so that it tries no others: c spoils every later step."""
    places = {(0, 0, step) for step in range(every, 12, every)}
    carry = at_places(mistake.edits.boundary, places)

    def step(now):
        return tuple(map(np.asarray, in_order(now, time_major).equation()))

    def chunks(case):
        return run(case, mistake.edits._replace(carry=carry, step=step))

    (case,) = sample_cases(
        *(1, 4), cell=cell, time=11, hidden_size=4, regimes="contracting", bias=True, **PLAIN
    )
    assert case.h_0.any()
    suspects = {one.name for one in BOUNDARIES}
    assert diagnose(case, chunks, suspects).names == (mistake.name,)


def test_steps_that_go_wrong_without_a_boundary_are_none():
    (case,) = sample_cases(
        1, 4, cell="lstm", time=11, hidden_size=4, regimes="contracting", **PLAIN
    )
    dropped = BY_NAME["c dropped"]
    sample = Sample.of(case, dropped.plant())
    for boundary in BOUNDARIES:
        assert sample.share(boundary.edits, [boundary], True).value < 0.9


@pytest.mark.parametrize(
    ("steps", "units", "start"),
    [
        (1, 1, "Matches with U transposed: "),
        (1, 6, "At least 78% of what differs matches with U transposed: "),
        (5, 6, "Matches no known mistake. "),
    ],
)
def test_a_mistake_is_named_alone_or_with_its_share_or_not_at_all(steps, units, start):
    """Of 7 steps and 6 units, the last ones hold another error, which has no name."""
    transposed = by_other_order(BY_NAME["U transposed"])

    def both(case):
        sequence = transposed(case).sequence.copy()
        sequence[:, -steps:, :units] = 0.3
        return Outputs(sequence, None)

    case = next(sample_cases(1, time=7, hidden_size=6, nonlinearity="tanh", **PLAIN))
    diagnosis = diagnose(case, both)
    assert diagnosis.sentence.startswith(start), diagnosis
    assert diagnosis.names in (("U transposed",), ())


def scaled(case):
    cells = tuple(replace(cell, W=cell.W * cell.W.dtype.type(1.25)) for cell in case.weights)
    return loop(replace(case, weights=cells))


@pytest.mark.parametrize("implementation", [BY_NAME["U transposed"].plant(), scaled])
def test_plain_arrays_tell_what_is_hopeless_before_any_enclosure_does(implementation):
    """Where they leave nothing, the share is below MOST; a mistake that is there is left all."""
    (case,) = sample_cases(1, seed=1, bias=True, nonlinearity="relu", **PLAIN)
    probe = Sample.of(probes(case)[0], implementation, on_probe)
    whole = Sample.of(probe.case, implementation)
    hopeless = 0
    for mistake in of_cells(["rnn"]):
        words = mistake.edits, [mistake], True
        if mistake.stateful or not probe.can_have([mistake]):
            continue
        share = probe.share(*words)
        no_hope = share.value < MOST or not share.is_decided
        assert whole.most_explained(*words) >= share.explained or no_hope, mistake.name
        if not probe.most_explained(*words):
            hopeless += 1
            assert no_hope, mistake.name
        elif probe.equals(mistake.edits):
            assert probe.most_explained(*words) == probe.outside(True) > 0
    assert hopeless > 30


@pytest.mark.parametrize("cell", ["rnn", "gru"])
@pytest.mark.parametrize(
    ("name", "of_next"), [("lost", lambda now, h: np.zeros_like(h)), ("reset", None)]
)
def test_a_boundary_is_named_under_a_mask_though_each_row_is_wrong_at_steps_of_its_own(
    cell, name, of_next
):
    """Masked rows lose their state as well, as they do for who calls a layer chunk by chunk."""

    def step(now):
        output, states = right_step(now)
        if (now.t + 1) % 3:
            return output, states
        return output, (of_next(now, states[0]),) if of_next else now.initial

    def chunks(case):
        return layers(case, partial(recur, step))

    limits = PLAIN | {"masks": True, "regimes": "contracting", "bias": True}
    cases = sample_cases(60, 3, cell=cell, time=(9, 14), hidden_size=4, batch=4, **limits)
    masked = [case for case in cases if not case.starts_from_zeros]
    masked = [case for case in masked if case.mask is not None and case.mask.any()][:8]
    mistake = BY_NAME[f"state {name} at a chunk boundary"]
    assert len(masked) == 8
    for case in masked:
        assert diagnose(case, chunks, {mistake.name}).names == (mistake.name,)
