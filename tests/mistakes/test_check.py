"""check: what it returns, raises and warns of."""

import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given, settings

from harness import Mismatch, cases, check, sample_cases
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.sight import BlindCase, describe_blindness
from references.numpy_rnn import run
from tests.mistakes.blind import NOTEBOOK, ONES, built, clear, constant
from tests.mistakes.by_hand import cell, linear


def test_it_returns_a_verdict_that_agrees():
    verdict = check(clear(), run, "mine")
    assert (verdict.kind, verdict.implementation) == ("agrees", "mine")


def test_it_warns_of_a_blind_case_that_the_caller_built():
    with pytest.warns(BlindCase) as warned:
        assert check(constant(), run).kind == "agrees"
    (warning,) = warned
    assert str(warning.message) == describe_blindness(constant())
    assert warning.filename == __file__  # the caller's line


def test_it_warns_of_the_notebooks_own_data():
    reason = r"would also agree with U transposed.*: the outputs are saturated"
    with pytest.warns(BlindCase, match=reason):
        check(NOTEBOOK, run)


def test_it_does_not_warn_of_a_case_that_catches_the_plain_mistakes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(built(clear(h_0=ONES / 2)), run)


def test_it_does_not_warn_of_a_drawn_case():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for case in sample_cases(8, time=1, batch=1, input_size=1, hidden_size=1):
            assert check(case, run).kind == "agrees"


def test_a_wrong_implementation_on_a_blind_case_is_wrong_and_nothing_else():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AssertionError, match="differs"):
            check(constant(), lambda case: run(case).sequence * 2)


def test_a_mismatch_carries_the_diagnosis_and_the_case_and_pickles():
    case = linear([[[1, 2]]], cell([[1, 2], [3, 4]], [[5, 6], [7, 8]], [0, 0], [0, 0]), h_0=[2, 1])
    with pytest.raises(Mismatch) as error:
        check(case, BY_NAME["U transposed"].plant())
    assert "diagnosis   Matches with U transposed" in str(error.value)
    assert "np.dot(U, state_t)" in error.value.diagnosis
    assert "\n  paste\n    " in str(error.value)
    assert str(pickle.loads(pickle.dumps(error.value))) == str(error.value)


def test_a_property_test_names_the_cause_on_the_smallest_case():
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
