"""Tests the rare numbers: that they are planted, and what they must leave as it is."""

import numpy as np
import pytest

from harness import sample_cases
from harness.draw.bits import Bits, seeded
from harness.draw.generate import choices_at
from harness.draw.limits import EXACT_REGIMES, REGIMES, limits
from harness.draw.rare import EVERY, RARE, plant
from harness.draw.regimes import Numbers, draw_numbers
from harness.judge.judge import judge
from references.case import Config
from references.numpy_rnn import run

CONFIG = Config(9, 8, 2, True)


def arrays(numbers: Numbers) -> list[np.ndarray]:
    """Every array, weights first."""
    cells = (array for cell in numbers.weights for array in cell.arrays().values())
    return [*cells, numbers.inputs, numbers.h_0]


def drawn(regime: str, rare: str, config: Config = CONFIG, with_state: bool = True) -> Numbers:
    """The numbers of three rows of 6 steps."""
    return draw_numbers(regime, config, 3, 6, with_state, seeded(4), rare)


def negative_zeros(array: np.ndarray) -> int:
    """How many elements are -0.0."""
    return int(np.count_nonzero((array == 0) & np.signbit(array)))


def subnormals(array: np.ndarray) -> int:
    """How many elements are subnormal."""
    return int(np.count_nonzero((array != 0) & (np.abs(array) < np.finfo(array.dtype).tiny)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_array_holds_negative_zeros_or_subnormals(dtype: str) -> None:
    config = Config(9, 8, 2, True, dtype=dtype)
    for array in arrays(drawn("contracting", "zeros", config)):
        assert 1 <= negative_zeros(array) <= 1 + array.size // EVERY
        assert not subnormals(array)
    for array in arrays(drawn("contracting", "subnormals", config)):
        assert 1 <= subnormals(array) <= 1 + array.size // EVERY
        assert not negative_zeros(array)


@pytest.mark.parametrize("regime", EXACT_REGIMES)
@pytest.mark.parametrize("rare", dict.fromkeys(RARE))
def test_an_exact_case_keeps_its_values_but_for_steps_of_zeros(regime: str, rare: str) -> None:
    plain, numbers = drawn(regime, "none"), drawn(regime, rare)
    for before, after in zip(arrays(plain), arrays(numbers), strict=True):
        if after is not numbers.inputs:
            assert (before == after).all()
        assert not subnormals(after)
    changed = (plain.inputs != numbers.inputs).any(axis=2)
    assert changed.sum() == (3 if rare == "zeros" else 0)
    assert not numbers.inputs[changed].any()
    assert (sum(map(negative_zeros, arrays(numbers))) > 20) == (rare != "none")


def test_some_step_of_each_row_is_all_zeros_unless_a_single_feature_cancels_the_bias() -> None:
    blank = (drawn("large", "zeros").inputs == 0).all(axis=2)
    assert blank.any(axis=1).all()
    single = drawn("mantissa", "zeros", Config(1, 8, nonlinearity="relu"))
    assert single.inputs.all()


@pytest.mark.parametrize("rare", dict.fromkeys(RARE))
def test_biases_and_states_that_are_left_out_stay_positive_zeros(rare: str) -> None:
    for regime, kinds in REGIMES.items():
        cell = "rnn" if "tanh" in kinds else "lstm"
        config = Config(9, 8, bias=False, cell=cell)
        weights, _, h_0, c_0 = drawn(regime, rare, config, with_state=False)
        states = [h_0] if c_0 is None else [h_0, c_0]
        for zeros in (*states, weights[0].b_W, weights[0].b_U):
            assert not zeros.any()
            assert not np.signbit(zeros).any()


def test_a_small_array_is_never_all_subnormal() -> None:
    for seed in range(20):
        config = Config(1, 1, nonlinearity="relu", bias=False)
        numbers = draw_numbers("contracting", config, 1, 3, False, seeded(seed), "subnormals")
        assert not any(map(subnormals, arrays(numbers)))


def test_the_simplest_words_plant_what_is_simplest() -> None:
    numbers = drawn("contracting", "none")
    zero = Bits(lambda n: np.zeros(n, np.uint64))
    for kind in ("none", "subnormals"):
        *weights, inputs, h_0 = copies = [array.copy() for array in arrays(numbers)]
        plant(kind, weights, inputs, h_0, False, zero)
        for before, after in zip(arrays(numbers), copies, strict=True):
            expected = before.copy()
            if kind == "subnormals":
                expected.flat[::EVERY] = 0
            assert (after == expected).all()


@pytest.mark.parametrize("rare", ["zeros", "subnormals"])
def test_cases_with_rare_numbers_agree_and_are_decided(rare: str) -> None:
    allowed, tried = limits(), 0
    for index, case in enumerate(sample_cases(150, seed=2)):
        if choices_at(index, 2, allowed)[1].rare == rare:
            verdict = judge(case, run, calls=1)
            assert verdict.kind == "agrees", case
            assert 100 * verdict.undecided <= verdict.outputs
            tried += 1
    assert tried > 15
