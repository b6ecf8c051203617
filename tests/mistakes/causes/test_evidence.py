"""How much a mistake explains: all of its own, nothing of another's, some of two at once."""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.mistakes.catalogue import BY_NAME, of_cells
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.causes.evidence import Sample
from harness.mistakes.causes.probes import on_probe, probes
from harness.mistakes.causes.share import MOST
from harness.mistakes.mistake import run
from references.case import Outputs
from references.numpy_rnn import run as loop

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


@pytest.mark.parametrize("name", ["final states in reverse", "final state of the first step"])
def test_a_wrong_final_state_of_several_layers_is_named_in_any_order_of_sums(name):
    case = next(sample_cases(1, num_layers=3, time=5, **{**PLAIN_LAYERS, "regimes": "contracting"}))
    assert name in diagnose(case, by_other_order(BY_NAME[name])).names


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


def test_of_what_takes_all_layers_alone_the_highest_is_known():
    """Each step starts from the state that it put out: chaos hides nothing there."""

    def of_two(case):
        if case.config.num_layers != 2:
            raise ValueError("two layers")
        return loop(case).sequence

    limits = PLAIN_LAYERS | {"num_layers": 2, "time": 40, "hidden_size": 20}
    (case,) = sample_cases(1, 3, cell="rnn", regimes="chaotic", nonlinearity="tanh", **limits)
    sample = Sample.of(case, of_two)
    lower, highest = sample.layers
    assert lower is None
    assert np.array_equal(highest, sample.outputs.sequence)
    assert not sample.is_wrong
