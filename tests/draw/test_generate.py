"""Sampled cases: the same on every machine, over the whole space, each rebuilt from its origin."""

import hashlib
from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest

from harness import sample_cases
from harness.draw.bits import seeded
from harness.draw.deal import BLOCK
from harness.draw.generate import MASKS, _mask, choices_at
from harness.draw.limits import EXACT_REGIMES, SIZES, limits

DIGEST = "7505588a61a59ee6544e142987bb96a68a0bfc9f19ef47eae7913477d168963a"
FIELDS = (
    "input_size",
    "hidden_size",
    "num_layers",
    "bidirectional",
    "nonlinearity",
    "bias",
    "go_backwards",
    "dtype",
)


def digest(cases):
    """SHA-256 over every number and the facts by name, in little-endian bytes."""
    sha = hashlib.sha256()
    for case in cases:
        facts = [(name, getattr(case.config, name)) for name in FIELDS]
        sha.update(repr((facts, case.masked_output)).encode())
        arrays = [
            case.inputs,
            case.h_0,
            *(a for cell in case.weights for a in (cell.W, cell.U, cell.b_W, cell.b_U)),
        ]
        arrays += [] if case.mask is None else [case.mask]
        for array in arrays:
            sha.update(repr((array.shape, str(array.dtype))).encode())
            sha.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return sha.hexdigest()


def test_the_first_two_hundred_cases_never_change():
    assert digest(sample_cases(200)) == DIGEST


def test_a_case_depends_on_its_index_and_the_seed_alone():
    whole = list(sample_cases(20, seed=7))
    assert digest(whole[12:15]) == digest(sample_cases(3, seed=7, start=12))
    assert digest(whole) != digest(sample_cases(20, seed=8))


def test_a_case_is_built_again_from_its_origin():
    for case in sample_cases(10, seed=3, time=(2, 5), dtype="float64"):
        again = eval(case.origin, {"sample_cases": sample_cases})
        assert digest([again]) == digest([case])


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
    masks = [case.mask for case in cases if case.mask is not None]
    assert any(not mask.any(axis=1).all() for mask in masks), "a row masked throughout"
    assert any(not mask[:, 0].all() and case_state.any() for mask, case_state in _masked(cases)), (
        "a masked first step with a state"
    )
    assert Counter(case.masked_output for case in cases if case.mask is not None).keys() == {
        "repeat",
        "zero",
    }
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


def test_the_shares_of_exact_and_of_masked_cases():
    draws = [choices_at(index, 4, limits()) for index in range(10 * BLOCK)]
    exact = np.mean([choices.regime in EXACT_REGIMES for _, choices in draws])
    masked = np.mean([choices.mask_kind != "none" for _, choices in draws])
    assert 0.18 < exact < 0.22
    assert 0.25 < masked < 0.27


@pytest.mark.parametrize("kind", [kind for kind in dict.fromkeys(MASKS) if kind != "none"])
def test_each_kind_of_mask(kind):
    masks = [_mask(kind, 1 + seed % 4, 9, seeded(seed)) for seed in range(40)]
    for mask in masks:
        steps = np.diff(mask.astype(int), axis=1, prepend=0, append=0)
        runs = np.count_nonzero(steps == 1, axis=1)  # of steps that count, by row
        if kind in ("left", "right"):
            assert (runs <= 1).all()
            assert mask[:, -1 if kind == "left" else 0].any() or (runs == 0).any()
        elif kind == "middle":
            assert (runs == 2).all()
        elif kind == "rows":
            assert (~mask.any(axis=1)).sum() == 1
            assert (runs <= 2).all()
    assert len({mask.tobytes() for mask in masks}) > 15


@pytest.mark.parametrize("time", [1, 2])
def test_one_or_two_steps_leave_no_gap_but_may_be_masked(time):
    for kind in dict.fromkeys(MASKS):
        mask = _mask(kind, 3, time, seeded(1))
        assert mask is None or mask.shape == (3, time)


def _masked(cases):
    return [(case.mask, case.h_0) for case in cases if case.mask is not None]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((-1,), "count"), ((1, -1), "seed"), ((1, 0, 1.5), "start"), ((True,), "count")],
)
def test_counts_and_seeds_are_checked_at_once(arguments, name):
    with pytest.raises(ValueError, match=f"{name} is .*, expected a whole number of at least 0"):
        sample_cases(*arguments)


def test_without_recurrent_biases_a_case_is_else_the_same():
    for cell in ("rnn", "gru", "lstm"):
        plain, without = (
            list(sample_cases(12, seed=4, cell=cell, recurrent_biases=flag))
            for flag in (True, False)
        )
        assert any(case.weights[0].b_U.any() for case in plain)
        for one, other in zip(plain, without, strict=True):
            assert not any(cell.b_U.any() for cell in other.weights)
            assert np.array_equal(one.weights[0].b_W, other.weights[0].b_W)
            assert np.array_equal(one.inputs, other.inputs)
