"""The loop with a mistake lies in the enclosures of that mistake, in every order, and in no
other's.
"""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.bounds.precision import PRECISIONS
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from harness.mistakes.enclose import again, as_array, enclose, lift_array
from harness.mistakes.mistake import NOTHING, run
from references.numpy_rnn import run as loop

CASES = list(sample_cases(900, seed=5, time=(1, 10), hidden_size=(1, 10), input_size=(1, 6)))
OPERANDS = {"float16 inside", "bfloat16 inputs", "TF32 inputs", "float32 inside"}  # observed only
# Their outputs have another dtype or another form, of which no enclosure says anything.
WITHOUT_RULE = {"narrower dtype"}


def outside(actual, expected):
    """How many numbers lie outside of their enclosures, where these are finite."""
    radius = np.nan_to_num(np.imag(expected), nan=np.inf, posinf=np.inf)
    equal = (actual == np.real(expected)) | (np.isnan(actual) & np.isnan(np.real(expected)))
    with np.errstate(all="ignore"):
        inside = np.abs(actual.astype("float64") - np.real(expected)) <= radius
    return int((~(inside | equal | np.isinf(radius))).sum())


@pytest.mark.parametrize(
    "mistake",
    [one for one in MISTAKES if not one.stateful and one.name not in WITHOUT_RULE],
    ids=lambda mistake: mistake.name,
)
def test_what_the_mistaken_loop_gives_lies_inside_whether_states_are_observed_or_not(mistake):
    tried = 0
    for case in filter(mistake.applies, CASES):
        outputs = run(case, mistake.edits)
        for observed in (outputs.layers, None)[: 1 + (mistake.name not in OPERANDS)]:
            expected = enclose(case, mistake.edits, observed)
            assert expected.sequence.shape == outputs.sequence.shape, case
            assert outside(outputs.sequence, expected.sequence) == 0, case
            if outputs.h_n is not None:
                assert outside(outputs.h_n, expected.h_n) == 0, case
        tried += 1
        if tried == 3:
            break
    assert tried


@pytest.mark.slow
@pytest.mark.parametrize("name", ["U transposed", "bias after activation", "state added"])
def test_what_is_right_lies_outside_of_a_mistakes_enclosures(name):
    mistake = BY_NAME[name]
    found = sum(
        outside(loop(case).sequence, enclose(case, mistake.edits, loop(case).layers).sequence) > 0
        for case in filter(mistake.applies, CASES[:70])
    )
    assert found > 20


def test_without_edits_the_enclosures_hold_what_is_right_and_are_narrow():
    for case in CASES[:30]:
        right = loop(case)
        expected = enclose(case, NOTHING, right.layers)
        assert outside(right.sequence, expected.sequence) == 0
        exact = np.imag(expected.sequence) == 0
        assert np.array_equal(right.sequence[exact], np.real(expected.sequence)[exact])


def test_edits_without_a_rule_are_an_error_and_not_a_wrong_enclosure():
    with pytest.raises(np.exceptions.ComplexWarning):
        enclose(CASES[0], BY_NAME["narrower dtype"].edits)


def test_the_loop_runs_again_in_the_way_in_which_outputs_were_made():
    case = CASES[0]
    assert np.iscomplexobj(again(case, enclose(case, NOTHING)).sequence)
    assert np.array_equal(again(case, loop(case)).sequence, loop(case).sequence)


def test_a_value_and_its_array_are_the_same_numbers():
    array = np.array([[1 + 0.5j, complex(0, np.inf)]])
    assert np.array_equal(as_array(lift_array(PRECISIONS["float32"], array)), array)
    plain = np.ones((1, 2), "float32")
    assert as_array(lift_array(PRECISIONS["float32"], plain)) is plain


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("masked_output", ["repeat", "zero"])
def test_a_masked_step_shows_what_was_observed_and_no_more(cell, masked_output):
    (case,) = sample_cases(1, 2, cell=cell, num_layers=1, bidirectional=False, time=6, batch=2)
    mask = np.array(
        [[True, True, False, True, False, False], [False, True, False, False, True, True]]
    )
    case = replace(case, mask=mask, masked_output=masked_output)
    observed = run(case).sequence
    enclosed = enclose(case, NOTHING, [observed]).sequence
    assert not enclosed.imag[~mask].any()
    assert np.array_equal(enclosed.real[~mask], observed[~mask])
