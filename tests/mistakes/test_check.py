"""check: what it returns, raises and warns of."""

import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from harness import Mismatch, cases, check, sample_cases
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.sight import BlindCase, describe_blindness
from references import installed
from references.case import Case
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


def test_it_warns_of_a_blind_case_whatever_is_checked_on_it():
    case = constant()
    for name in ("one", "another"):
        with pytest.warns(BlindCase) as warned:
            check(case, run, name)
        assert str(warned[0].message) == describe_blindness(case)


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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_property_test_names_the_cause_on_the_smallest_case():
    @given(case=cases(time=(1, 8), hidden_size=(1, 8), input_size=(1, 8)))
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


def test_what_came_out_is_judged_and_diagnosed_as_a_function_is():
    (case,) = sample_cases(1, num_layers=1, hidden_size=4, regimes="contracting", bias=True)
    wrong = BY_NAME["b_U dropped"].plant()
    assert check(case, run(case)).implementation == "what came out"
    assert check(case, run(case).sequence).h_n_checked is False
    with pytest.raises(Mismatch) as of_function:
        check(case, wrong, "mine")
    with pytest.raises(Mismatch) as of_outputs:
        check(case, wrong(case), "mine")
    assert "b_U dropped" in of_outputs.value.diagnosis
    assert of_outputs.value.verdict.first == of_function.value.verdict.first
    assert of_outputs.value.diagnosis == of_function.value.diagnosis


def test_what_came_out_in_another_layout_is_told_which():
    (case,) = sample_cases(1, batch=3, time=4, num_layers=1, hidden_size=5)
    with pytest.raises(Mismatch, match=r"\(4, 3, 5\), expected \(3, 4, 5\); it looks like time-ma"):
        check(case, run(case).sequence.transpose(1, 0, 2))


def test_with_fixed_weights_a_function_is_called_once_and_its_mistake_named():
    (case,) = sample_cases(1, num_layers=1, hidden_size=4, regimes="contracting", bias=True)
    calls = []

    def trained(own):
        calls.append(own)
        return run(replace(own, weights=case.weights)).sequence

    assert check(case, trained, fixed_weights=True).kind == "agrees"
    assert len(calls) == 1
    with pytest.raises(Mismatch):
        check(case, trained)
    with pytest.raises(Mismatch) as error:
        check(case, BY_NAME["b_U dropped"].plant(), fixed_weights=True)
    assert "b_U dropped" in error.value.diagnosis


@pytest.mark.framework
@pytest.mark.skipif("torch" not in installed(), reason="torch is not installed")
@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_what_torch_returns_is_judged_with_its_states(kind):
    import torch

    from references.torch_rnn import mirror

    (case,) = sample_cases(
        1, cell=kind.lower(), num_layers=1, masks=False, go_backwards=False, dtype="float32",
        nonlinearity="tanh", initial_states=False, reset_after=True, time=4, batch=2,
    )  # fmt: skip
    module = mirror.write(case)
    sequence, states = module(torch.tensor(case.inputs))  # requires its gradient
    with pytest.raises(Mismatch, match="time-major"):
        check(case, (sequence.transpose(0, 1), states))
    verdict = check(case, (sequence, states))
    assert (verdict.h_n_checked, verdict.c_n_checked) == (True, kind == "LSTM")
    with pytest.raises(TypeError, match=r"weights of its own; .* check\(case, outputs\) then"):
        check(case, module)


@pytest.mark.framework
@pytest.mark.slow
@pytest.mark.skipif("keras" not in installed(), reason="Keras is not installed")
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", ["SimpleRNN", "GRU", "LSTM"])
def test_what_keras_returns_is_judged_with_its_states(kind, bidirectional):
    import keras

    from references.keras_rnn import mirror

    inputs = np.random.default_rng(0).standard_normal((2, 4, 3)).astype("float32")
    options = {"return_sequences": True, "return_state": True, "bias_initializer": "normal"}
    layer = getattr(keras.layers, kind)(5, **options)
    layer = keras.layers.Bidirectional(layer) if bidirectional else layer
    returned = layer(inputs)
    config, weights = mirror.read([layer])
    case = Case(config, weights, inputs)
    verdict = check(case, returned)
    assert (verdict.h_n_checked, verdict.c_n_checked) == (True, kind == "LSTM")
    wrong = [returned[0], *(state * 1.01 for state in returned[1:])]
    with pytest.raises(Mismatch):
        check(case, wrong)


@pytest.mark.framework
@pytest.mark.skipif("torch" not in installed(), reason="torch is not installed")
@pytest.mark.parametrize("kind", ["RNN", "LSTM"])
def test_a_trained_stack_of_torch_is_right_and_one_without_a_bias_is_not(kind):
    """Its call on fewer layers gives the whole model's outputs again."""
    import torch

    from references.torch_rnn import mirror

    torch.manual_seed(0)
    module = getattr(torch.nn, kind)(5, 7, num_layers=2, batch_first=True)
    inputs = np.random.default_rng(0).standard_normal((3, 6, 5)).astype("float32")
    case = Case(*mirror.read(module), inputs)

    def trained(own):
        return module(torch.tensor(own.inputs))[0].detach().numpy()

    assert check(case, trained, fixed_weights=True).kind == "agrees"
    assert check(case, module(torch.tensor(inputs))).h_n_checked
    with pytest.raises(Mismatch) as error:
        check(case, trained)
    assert "bit-identical" in error.value.verdict.reason
    assert "It does not read case.weights" in error.value.diagnosis
    with torch.no_grad():
        module.bias_hh_l0.zero_()
    with pytest.raises(Mismatch) as wrong:
        check(case, trained, fixed_weights=True)
    assert "lower layers were bounded, not observed" in wrong.value.verdict.reason
    assert wrong.value.verdict.wrong > 0
