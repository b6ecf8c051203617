"""The space is reached: sizes, options, regimes and masks, in their shares."""

from itertools import combinations, product

import numpy as np
import pytest

from harness import sample_cases
from harness.draw.deal import BLOCK
from harness.draw.generate import choices_at
from harness.draw.limits import EXACT_REGIMES, SIZES, limits


def test_the_space_is_reached():
    cases = list(sample_cases(500))
    for size in ("batch", "time"):
        assert {1, 2, 3, 4} <= {getattr(case, size) for case in cases}
    assert {1, 3, 7, 8, 16, 17, 32, 33, 61, 64} <= {case.config.hidden_size for case in cases}
    for field, values in {
        "num_layers": 3,
        "bidirectional": 2,
        "bias": 2,
        "go_backwards": 2,
        "dtype": 2,
        "nonlinearity": 5,
    }.items():
        assert len({getattr(case.config, field) for case in cases}) == values
    masked = [case for case in cases if case.mask is not None]
    assert any(not case.mask.any(axis=1).all() for case in masked), "a row masked throughout"
    assert any(not case.mask[:, 0].all() and case.h_0.any() for case in masked), (
        "a masked first step with a state"
    )
    assert {case.masked_output for case in masked} == {"repeat", "zero"}
    assert any(
        np.any((x != 0) & (np.abs(x) < np.finfo(x.dtype).tiny))
        for x in (case.inputs for case in cases)
    ), "subnormal inputs"
    dense = [case for case in cases if case.config.bias and case.weights[0].W.size > 64]
    assert any(
        (cell.b_W != 0).all() and (cell.b_U != 0).all() and (cell.U != 0).all()
        for case in dense
        for cell in case.weights
    )


def test_the_lowest_and_the_highest_sizes_meet_within_a_block():
    drawn = (choices_at(index, 3, limits()) for index in range(BLOCK))
    draws = [vars(config) | choices._asdict() for config, choices in drawn]
    for one, other in combinations(SIZES, 2):
        pairs = {(draw[one], draw[other]) for draw in draws}
        assert {*product(SIZES[one], SIZES[other])} <= pairs


@pytest.mark.slow
def test_sizes_within_narrow_limits_are_all_drawn():
    for low, high in ((5, 5), (3, 4), (2, 6), (50, 60), (66, 300)):
        count = 50 + 20 * (high - low)
        cases = (choices_at(index, 0, limits(time=(low, high)))[1] for index in range(count))
        assert {choices.time for choices in cases} == {*range(low, high + 1)}


@pytest.mark.slow
def test_the_shares_of_exact_and_of_masked_cases():
    draws = [choices_at(index, 4, limits()) for index in range(10 * BLOCK)]
    exact = np.mean([choices.regime in EXACT_REGIMES for _, choices in draws])
    masked = np.mean([choices.mask_kind != "none" for _, choices in draws])
    assert 0.18 < exact < 0.22
    assert 0.25 < masked < 0.27
