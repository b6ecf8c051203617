"""The diagnosis: names what was planted, alone and in pairs, and says what it knows where nothing fits."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings

from harness import Mismatch, cases, check, sample_cases
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from harness.mistakes.diagnosis import diagnose
from harness.mistakes.mistake import combined, run
from references.case import Outputs
from references.numpy_rnn import run as loop

CASES = list(sample_cases(300, seed=9, time=(1, 12), hidden_size=(1, 17), input_size=(1, 9)))


def first_failure(implementation, applies):
    for case in CASES:
        if applies(case):
            verdict = judge(case, implementation)
            if verdict.kind != "agrees":
                return verdict
    raise AssertionError("never caught")


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_planted_mistake_is_named(mistake):
    implementation = mistake.plant()
    verdict = first_failure(implementation, mistake.applies)
    found = diagnose(verdict.case, implementation)
    assert mistake.name in found.names, found
    assert mistake.fix in found.sentence or len(found.names) > 1
    assert len(found.names) <= 3, found


def test_what_is_nan_throughout_looks_like_no_mistake_that_overflows():
    for case in CASES[:40]:
        found = diagnose(case, lambda case: np.full_like(loop(case).sequence, np.nan))
        assert (found.names, found.sentence) == (
            (),
            "Every output is NaN, on the failing case and on the probes.",
        )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("U transposed", "bias dropped"),
        ("b_U dropped", "initial state ignored"),
        ("time reversed", "units reversed"),
        ("relu for the activation", "features permuted"),
    ],
)
def test_two_planted_mistakes_are_named_together(one, other):
    edits = combined(BY_NAME[one].edits, BY_NAME[other].edits)

    def implementation(case):
        return run(case, edits)

    verdict = first_failure(
        implementation, lambda case: BY_NAME[one].applies(case) and BY_NAME[other].applies(case)
    )
    names = diagnose(verdict.case, implementation).names
    assert any({one, other} == set(pair.split(" + ")) for pair in names), names


def test_what_is_no_known_mistake_is_described():
    def odd(case):
        outputs = loop(case)
        sequence = outputs.sequence.copy()
        sequence[:, 2:, 0] *= 3
        return Outputs(sequence, outputs.h_n)

    verdict = first_failure(
        odd, lambda case: case.time > 3 and case.config.num_layers == 1 and case.mask is None
    )
    found = diagnose(verdict.case, odd)
    assert found.names == ()
    assert found.sentence.startswith(
        "Matches no known mistake. The first 2 steps are right, step 2 is the first wrong one"
    )
    assert "Wrong in unit 0 only, of " in found.sentence


def test_a_mismatch_carries_the_diagnosis_and_pickles():
    implementation = BY_NAME["U transposed"].plant()
    verdict = first_failure(implementation, BY_NAME["U transposed"].applies)
    with pytest.raises(Mismatch) as error:
        check(verdict.case, implementation)
    assert "diagnosis   Matches with U transposed" in str(error.value)
    assert "copy U.T" in error.value.diagnosis
    assert str(pickle.loads(pickle.dumps(error.value))) == str(error.value)


def test_the_hypothesis_path_names_the_cause():
    @given(case=cases())
    @settings(max_examples=100, database=None)
    def property_test(case):
        check(case, BY_NAME["b_W dropped"].plant())

    with pytest.raises(Mismatch) as error:
        property_test()
    assert "b_W dropped" in error.value.diagnosis
    case = error.value.verdict.case
    assert (case.batch, case.time, case.config.hidden_size) == (1, 1, 1)
    # relu has no simpler regime than mantissa, whose inputs are carriers and never 0.
    assert np.count_nonzero(case.inputs) == 0 or "regime='mantissa'" in case.origin
