"""The Hypothesis strategy: what it finds, how small it shrinks, and that a case is built again from
its origin.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from harness import cases
from harness.draw.strategies import coded_case
from harness.judge.judge import judge
from references.case import WEIGHTS, Case, CellWeights, Config
from references.numpy_rnn import run

# To find one is the proof; how small it gets does not matter.
WITHOUT_SHRINKING = settings(phases=[Phase.generate], max_examples=2000)


def planted(change):
    """The loop, run on a changed case."""
    return lambda case: run(change(case))


def transposed(case):
    cells = tuple(CellWeights(cell.W, cell.U.T, cell.b_W, cell.b_U) for cell in case.weights)
    return Case(case.config, cells, case.inputs, case.h_0, case.mask, case.masked_output)


def stateless(case):
    return Case(case.config, case.weights, case.inputs, None, case.mask, case.masked_output)


def one_bias(case):
    cells = tuple(CellWeights(cell.W, cell.U, cell.b_W) for cell in case.weights)
    return Case(case.config, cells, case.inputs, case.h_0, case.mask, case.masked_output)


def smallest(change):
    return find(
        cases(),
        lambda case: judge(case, planted(change), calls=1).kind == "differs",
        settings=settings(max_examples=2000, derandomize=True),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(transposed, marks=pytest.mark.deep(seconds=10)),
        *(pytest.param(change, marks=pytest.mark.long) for change in (stateless, one_bias)),
    ],
)
def test_a_mistake_is_found_and_shrunk_to_the_smallest_sizes(change):
    case = smallest(change)
    assert (
        case.batch,
        case.config.input_size,
        case.config.num_layers,
        case.config.bidirectional,
    ) == (1, 1, 1, False)
    assert case.config.hidden_size <= 2  # a transposed U shows from two units on,
    assert case.time <= 2  # and without an initial state at the second step
    assert case.mask is None
    numbers = np.concatenate(
        [
            a.ravel()
            for a in (
                case.inputs,
                case.h_0,
                *(getattr(c, n) for c in case.weights for n in ("W", "b_W")),
            )
        ]
    )
    assert np.count_nonzero(numbers) <= 2, numbers


@pytest.mark.slow
@given(case=cases())
@settings(max_examples=50)
def test_a_case_is_built_again_from_its_origin(case):
    again = eval(case.origin, {"coded_case": coded_case, "Config": Config})
    assert again.config == case.config
    assert again.masked_output == case.masked_output
    pairs = [(again.inputs, case.inputs), (again.h_0, case.h_0)]
    pairs += [
        (getattr(a, n), getattr(b, n))
        for a, b in zip(again.weights, case.weights, strict=True)
        for n in WEIGHTS
    ]
    assert all(np.array_equal(one, other) for one, other in pairs)
    assert (again.mask is None and case.mask is None) or np.array_equal(again.mask, case.mask)


def test_limits_are_checked_before_anything_is_drawn():
    with pytest.raises(TypeError, match="layers is no limit"):
        cases(layers=2)


@pytest.mark.slow
@pytest.mark.parametrize("regime", ["contracting", "chaotic"])
def test_large_arrays_are_dense(regime):
    case = find(
        cases(hidden_size=(8, 16), regimes=regime),
        lambda case: np.count_nonzero(case.weights[0].U) > 60,
        settings=WITHOUT_SHRINKING,
    )
    assert case.config.hidden_size >= 8


@pytest.mark.slow
@pytest.mark.parametrize("rare", ["negative zero", "subnormal"])
def test_rare_numbers_are_drawn_among_the_weights(rare):
    def holds(case):
        W = case.weights[0].W
        if rare == "subnormal":
            return ((W != 0) & (np.abs(W) < np.finfo(W.dtype).tiny)).any()
        return ((W == 0) & np.signbit(W)).any()

    assert find(cases(hidden_size=(3, 6), input_size=(3, 6)), holds, settings=WITHOUT_SHRINKING)


@pytest.mark.slow
@given(case=cases(cell=("gru", "lstm"), time=(1, 4), hidden_size=(1, 4)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_gated_cases_are_drawn_and_agree(case):
    assert case.config.cell in ("gru", "lstm")
    assert judge(case, run, calls=1).kind in ("agrees", "inconclusive")


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("gru", marks=pytest.mark.long),
        pytest.param("lstm", marks=pytest.mark.deep),
    ],
)
def test_a_gated_failure_shrinks_to_one_step_of_one_unit(cell):
    sizes = dict.fromkeys(("time", "batch", "hidden_size", "input_size"), (1, 8))
    smallest = find(
        cases(cell=cell, **sizes),
        lambda case: bool(case.h_0.any()) and case.config.cell == cell,
        settings=settings(max_examples=2000, deadline=None, database=None, derandomize=True),
    )
    config = smallest.config
    sizes = smallest.time, smallest.batch, config.hidden_size, config.input_size, config.num_layers
    assert sizes == (1, 1, 1, 1, 1)
    assert config.reset_after
