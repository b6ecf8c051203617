"""The calls that the judge makes: what they are named, which verdict comes back, and what runs of
the lowest layers must share.
"""

from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.calls.observe import first_line, observe
from harness.judge.calls.second_calls import SECOND_CALLS, from_zeros
from harness.judge.certificate import certify
from harness.judge.judge import judge, name_of
from references import Unsupported
from references.case import Case, CellWeights, Config, Outputs
from references.numpy_rnn import run

STACKED: dict[str, Any] = {
    "hidden_size": (2, 5),
    "input_size": (2, 5),
    "time": (2, 6),
    "masks": False,
    "regimes": "contracting",
}


class Model:
    def __call__(self, case: Case) -> Outputs:
        return run(case)


def test_an_implementation_goes_by_the_name_it_is_given_or_else_by_module_and_function() -> None:
    (case,) = sample_cases(1)
    assert judge(case, run, "mine").implementation == "mine"
    for nothing in (None, ""):
        assert judge(case, run, nothing).implementation == "references.numpy_rnn:run"
    assert name_of(Model()) == f"{__name__}:Model"
    assert name_of(Model.__call__) == f"{__name__}:Model.__call__"


def test_where_both_calls_agree_the_verdict_is_that_of_the_first() -> None:
    for case in sample_cases(5):
        verdict = judge(case, run)
        assert verdict.case is case
        assert verdict == judge(case, run, calls=1)
        assert "second call" not in verdict.reason


def near_underflow() -> Case:
    """Its outputs are exactly 0, but with other weights nothing decides them."""
    W, U = np.full((2, 1), -1, "float32"), np.zeros((2, 2), "float32")
    config = Config(1, 2, nonlinearity="relu")
    return Case(config, (CellWeights(W, U),), np.full((1, 3, 1), 0.7 * 2.0**-120, "float32"))


def test_a_second_call_that_proves_nothing_is_inconclusive() -> None:
    case = near_underflow()
    assert judge(case, run, calls=1).kind == judge(case, run, again=from_zeros).kind == "agrees"
    verdict = judge(case, run)
    assert verdict.kind == "inconclusive"
    assert verdict.reason == (
        "the bound of 6 of 6 outputs is too wide to prove anything "
        "(in a second call of the same shapes, with other weights; the first call was right)"
    )


def test_an_output_that_a_second_call_overwrites_is_wrong_whatever_that_proves() -> None:
    case = near_underflow()
    buffer = np.empty((1, 3, 2), "float32")

    def same(case: Case) -> np.ndarray:
        buffer[...] = run(case).sequence
        return buffer

    verdict = judge(case, same)
    assert verdict.kind == "differs"
    assert "the next call wrote into its" in verdict.reason


@pytest.mark.parametrize(("calls", "expected"), [(1, 1), (2, 2)])
def test_it_is_called_as_often_as_asked_and_once_where_the_first_call_is_wrong(
    calls: int, expected: int
) -> None:
    (case,) = sample_cases(1)
    seen: list[Case] = []

    def right(given: Case) -> Outputs:
        seen.append(given)
        return run(given)

    def wrong(given: Case) -> np.ndarray:
        seen.append(given)
        return run(given).sequence[:, :, :0]

    judge(case, right, calls=calls)
    assert len(seen) == expected
    seen.clear()
    judge(case, wrong, calls=calls)
    assert len(seen) == 1


def test_state_that_zeros_do_not_reset_shows_in_a_second_call_from_zeros() -> None:
    for case in sample_cases(8, regimes="contracting", time=(2, 5), hidden_size=(2, 5)):
        last: list[np.ndarray] = []

        def keeps(given: Case, case: Case = case, last: list[np.ndarray] = last) -> Outputs:
            start = given.h_0 if given.h_0.any() or not last else last[-1]
            outputs = run(replace(given, h_0=start, origin=""))
            if outputs.h_n is not None and outputs.h_n.shape == case.h_0.shape:
                last.append(outputs.h_n)
            return outputs

        verdict = judge(case, keeps, again=from_zeros)
        assert verdict.kind == "differs"
        assert verdict.reason.endswith(
            "(in a second call of the same shapes, from zeros; the first call was right)"
        )
        last.clear()
        assert judge(case, keeps, calls=1).kind == "agrees"


def test_one_that_takes_no_zeros_is_judged_by_its_first_call() -> None:
    def picky(case: Case) -> Outputs:
        if not case.h_0.any():
            raise Unsupported("no zeros")
        return run(case)

    case = next(case for case in sample_cases(20, num_layers=1) if case.h_0.any())
    assert judge(case, picky, again=from_zeros).kind == "agrees"
    assert judge(from_zeros(case), picky).kind == "refused"


def test_a_right_implementation_agrees_in_either_second_call() -> None:
    for case in sample_cases(6):
        assert {judge(case, run, again=again).kind for again in SECOND_CALLS} == {"agrees"}


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_state_that_depends_on_how_many_layers_are_run_is_found_in_any_layer(
    bidirectional: bool,
) -> None:
    """Not the topmost: that one is not run below another."""
    for case in sample_cases(1, num_layers=5, bidirectional=bidirectional, **STACKED):
        right = run(case)
        for index in range(4 * case.config.num_directions):
            layer = index // case.config.num_directions

            def shy(given: Case, index: int = index, layer: int = layer) -> Any:
                outputs = run(given)
                state = outputs.h_n.copy()
                if given.config.num_layers == layer + 1:
                    state[index] += 1
                return outputs.sequence, state

            verdict = judge(case, shy, calls=1)
            assert verdict.kind in ("agrees", "inconclusive")
            differ = f"the states of layer {layer} differ between the whole case and "
            assert f"{differ}its first {layer + 1} of 5 layers" in verdict.reason
        assert (
            judge(case, lambda given: (run(given).sequence, run(given).h_n), calls=1).outputs
            == right.sequence.size * 5
        )


def test_states_that_only_some_of_the_runs_give_are_not_compared() -> None:
    for case in sample_cases(3, num_layers=2, **STACKED):
        for with_states in (1, 2):

            def some(given: Case, with_states: int = with_states) -> Outputs:
                outputs = run(given)
                return Outputs(
                    outputs.sequence,
                    outputs.h_n if given.config.num_layers == with_states else None,
                )

            verdict = judge(case, some, calls=1)
            assert (verdict.kind, verdict.h_n_checked) == ("agrees", with_states == 2)


def overflowing() -> Case:
    """Two linear layers that overflow at the last of their steps."""
    inputs = np.array([1, 2, 3, 4, 1e30], "float32").reshape(1, 5, 1)
    cells = [
        CellWeights(np.array([[w]], "float32"), np.zeros((1, 1), "float32")) for w in (1e30, 1)
    ]
    return Case(Config(1, 1, num_layers=2, nonlinearity="linear"), tuple(cells), inputs)


@pytest.mark.parametrize("with_layers", [False, True])
def test_a_nan_that_is_allowed_equals_itself_in_states_and_layers(with_layers: bool) -> None:
    def nans(case: Case) -> Outputs:
        outputs = run(case)
        layers = [layer.copy() for layer in outputs.layers]
        for layer in layers:
            layer[:, -1] = np.nan
        state = np.full_like(outputs.h_n, np.nan)
        return Outputs(layers[-1], state, layers if with_layers else None)

    verdict = judge(overflowing(), nans, calls=1)
    assert (verdict.kind, verdict.undecided, verdict.h_n_checked) == ("agrees", 2, True)


def test_a_layer_that_is_not_the_sequence_is_seen_beside_a_nan_too() -> None:
    def other(case: Case) -> Outputs:
        outputs = run(case)
        layers = [layer.copy() for layer in outputs.layers]
        layers[-1][:, -1] = np.nan
        sequence = layers[-1].copy()
        sequence[:, 0] += 1e30
        return Outputs(sequence, None, layers)

    assert (
        judge(overflowing(), other, calls=1).reason
        == "Outputs.layers[-1] must equal Outputs.sequence"
    )


def test_where_more_outputs_are_equal_than_small_numbers_can_count_all_are_said_to_be() -> None:
    (case,) = sample_cases(1, 2, regimes="ternary", time=40, batch=3, hidden_size=7, masks=False)
    assert judge(case, run).reason.endswith(
        f"{run(case).sequence.size * case.config.num_layers} outputs of {case.config.dtype} "
        "lie inside "
        "their bounds; all of them had to be equal, and are"
    )


@pytest.mark.parametrize(("length", "shown"), [(299, 299), (300, 300), (301, 300), (5000, 300)])
def test_a_long_message_is_cut_to_300_letters(length: int, shown: int) -> None:
    assert first_line(ValueError("x" * length)) == "x" * shown


def test_what_is_passed_on_inside_the_judge_cannot_be_changed() -> None:
    (case,) = sample_cases(1)
    outputs = run(case)
    for value, field in (
        (observe(case, run), "kind"),
        (certify(case, outputs.layers)[0], "h_n"),
    ):
        with pytest.raises(FrozenInstanceError):
            setattr(value, field, "agrees")
