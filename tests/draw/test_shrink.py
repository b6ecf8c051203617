"""Shrinking: the smallest sizes that can still fail, simple numbers, and an end whatever the
predicate does.
"""

import time
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings

from harness import cases, sample_cases
from harness.draw.shrink import _sizes, _values, shrink
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME
from references.case import Case
from references.numpy_rnn import run
from tests.references.gated import gated_case


class Sizes(NamedTuple):
    B: int
    T: int
    I: int
    H: int
    L: int
    D: int


def sizes(case: Case) -> Sizes:
    config = case.config
    return Sizes(
        case.batch,
        case.time,
        config.input_size,
        config.hidden_size,
        config.num_layers,
        config.num_directions,
    )


def numbers(case: Case) -> np.ndarray:
    arrays = [
        case.inputs,
        case.h_0,
        *(array for cell in case.weights for array in cell.arrays().values()),
    ]
    return np.concatenate([array.ravel() for array in arrays])


def planted(name: str):
    """The predicate that `verify` uses, counted."""
    mistake = BY_NAME[name]
    calls = 2 if mistake.stateful else 1
    run = mistake.plant()
    return lambda case: judge(case, run, name, calls=calls).kind == "differs"


def failing(name: str, **limits) -> Case:
    fails = planted(name)
    return next(
        case
        for case in sample_cases(400, seed=1, **limits)
        if BY_NAME[name].applies(case) and fails(case)
    )


# Why no smaller case can fail.
SMALLEST = {
    "U transposed": (
        (1, 1, 1, 2, 1, 1),
        "a 1 x 1 matrix is its own transpose; one step is enough from an initial state",
    ),
    "bias rolled": ((1, 1, 1, 2, 1, 1), "one unit rolls onto itself"),
    "bias dropped": ((1, 1, 1, 1, 1, 1), "a bias shows in every output"),
    "features permuted": ((1, 1, 2, 1, 1, 1), "one feature has one order"),
    "last feature unread": ((1, 1, 2, 1, 1, 1), "it applies from two features on"),
    "initial state ignored": ((1, 1, 1, 1, 1, 1), "the first step reads it"),
    "initial state rows reversed": ((2, 1, 1, 1, 1, 1), "one row has one order"),
    "initial state layers reversed": ((1, 1, 1, 1, 2, 1), "it needs two layers"),
    "initial state directions swapped": ((1, 1, 1, 1, 1, 2), "it needs two directions"),
    "state not carried": ((1, 2, 1, 1, 1, 1), "nothing is carried before the second step"),
    "state leaks between rows": (
        (2, 2, 1, 1, 1, 1),
        "two rows, and the leak shows at the second step",
    ),
    "state lost at a chunk boundary": ((1, 2, 1, 1, 1, 1), "a chunk has a step at least"),
    "time reversed": ((1, 2, 1, 1, 1, 1), "one step has one order"),
    "right only for four steps": ((1, 5, 1, 1, 1, 1), "the fifth step is the first wrong one"),
    "halves the other way": ((1, 1, 1, 1, 1, 2), "it needs two directions"),
    "backward half not re-aligned": (
        (1, 2, 1, 1, 1, 2),
        "two directions, and one step has one order",
    ),
    "upper layers in reverse": ((1, 1, 1, 1, 3, 1), "two upper layers and the lowest"),
    "only the first layer": ((1, 1, 1, 1, 2, 1), "it needs a second layer"),
    "mask reversed": ((1, 2, 1, 1, 1, 1), "a mask of one step has one order"),
    "mask of another row": ((2, 1, 1, 1, 1, 1), "it needs two rows"),
    "final state of zeros": ((1, 1, 1, 1, 1, 1), "every case ends in a state"),
    "go_backwards ignored": ((1, 2, 1, 1, 1, 1), "one step has one order"),
}
# The steps after the first are as good as an initial state, and there may be none to begin with.
AS_SMALL = {"U transposed": {(1, 2, 1, 2, 1, 1)}}


@pytest.mark.parametrize("name", SMALLEST)
def test_a_planted_mistake_shrinks_to_the_smallest_sizes_that_show_it(name):
    case = failing(name)
    small = shrink(case, planted(name))
    assert planted(name)(small)
    smallest, why = SMALLEST[name]
    assert sizes(small) in {smallest} | AS_SMALL.get(name, set()), why
    assert (small.mask is None) == (not name.startswith("mask"))
    assert small.config.go_backwards == (name == "go_backwards ignored")


@pytest.mark.parametrize(
    ("name", "limits", "smallest", "why"),
    [
        (
            "W transposed",
            {"input_size": 6, "hidden_size": 6},
            (1, 1, 2, 2, 1, 1),
            "W must be square, and 1 x 1 is its own transpose",
        ),
        (
            "W and U swapped",
            {"input_size": 6, "hidden_size": 6},
            (1, 1, 1, 1, 1, 1),
            "W must be square, and two numbers can be swapped",
        ),
        (
            "upper layers read the input",
            {"input_size": 6, "hidden_size": 6},
            (1, 1, 1, 1, 2, 1),
            "the input is as wide as a layer",
        ),
    ],
)
def test_two_sizes_that_must_be_equal_shrink_together(name, limits, smallest, why):
    options = {"num_layers": 2} if name == "upper layers read the input" else {"num_layers": 1}
    case = failing(name, bidirectional=False, go_backwards=False, **limits, **options)
    assert sizes(shrink(case, planted(name))) == smallest, why


@pytest.mark.parametrize("name", [name for name in SMALLEST if not name.startswith("mask")])
def test_the_numbers_left_are_few_and_small_integers(name):
    left = numbers(shrink(failing(name), planted(name)))
    assert np.mean(left == 0) >= 0.5, left
    odd = left[(left != np.round(left)) | (np.abs(left) > 64)]
    assert odd.size <= 1, left


def test_a_large_number_becomes_the_smallest_integer_that_still_fails():
    """Not only 0, 1 or itself: 5946162322.0 is no simple number where 7 does."""
    (case,) = sample_cases(
        1,
        seed=0,
        time=1,
        batch=1,
        input_size=1,
        hidden_size=1,
        num_layers=1,
        bidirectional=False,
        masks=False,
    )
    case = replace(case, inputs=np.full_like(case.inputs, 2.0**20))
    small = shrink(case, lambda case: case.inputs[0, 0, 0] > 6)
    assert 6 < small.inputs[0, 0, 0] <= 12


def test_a_negative_number_becomes_minus_one_where_that_fails():
    (case,) = sample_cases(
        1,
        seed=0,
        time=1,
        batch=1,
        input_size=1,
        hidden_size=1,
        num_layers=1,
        bidirectional=False,
        masks=False,
    )
    case = replace(case, inputs=np.full_like(case.inputs, -37.25))
    assert shrink(case, lambda case: case.inputs[0, 0, 0] < 0).inputs[0, 0, 0] == -1


def test_a_predicate_that_never_fails_again_gives_the_case_itself():
    for case in sample_cases(6, seed=2):
        assert shrink(case, lambda case: False) is case


def test_a_predicate_that_always_fails_ends_in_the_smallest_case_of_all():
    for case in sample_cases(6, seed=2):
        tried = []
        small = shrink(case, lambda case, tried=tried: tried.append(1) or True)
        assert sizes(small) == (1, 1, 1, 1, 1, 1)
        assert not numbers(small).any()
        assert (small.mask, small.config.bias, small.config.go_backwards) == (None, False, False)
        assert len(tried) < 100


def test_it_ends_by_itself_before_the_budget_of_calls():
    """Zeros and ones are not tried for each other in turn."""
    tried = []
    small = shrink(
        failing("bias dropped"), lambda case: tried.append(1) or planted("bias dropped")(case)
    )
    assert len(tried) < 200
    assert shrink(small, planted("bias dropped")) is small


def test_a_case_once_shrunk_shrinks_no_further():
    for name in ("U transposed", "state not carried", "halves the other way"):
        small = shrink(failing(name), planted(name))
        assert shrink(small, planted(name)) is small


def test_no_more_calls_are_made_than_allowed():
    case = failing("U transposed")
    for calls in (0, 1, 2, 7, 20):
        tried = []
        small = shrink(
            case,
            lambda case, tried=tried: tried.append(1) or planted("U transposed")(case),
            calls=calls,
        )
        assert len(tried) <= calls
        assert planted("U transposed")(small)


def test_no_call_is_begun_when_the_seconds_are_over():
    case = failing("U transposed")
    tried = []

    def slow(case):
        tried.append(time.monotonic())
        time.sleep(0.05)
        return False

    start = time.monotonic()
    shrink(case, slow, seconds=0.2)
    assert len(tried) <= 4
    assert max(tried) - start <= 0.2


def test_a_candidate_is_built_only_when_it_is_tried():
    """A case may hold 128 MiB: building forty of them to try one would take the machine's
    memory.
    """
    case = next(sample_cases(1, seed=1, num_layers=3, time=40, hidden_size=30))
    tried = []
    start = time.perf_counter()
    shrink(case, lambda case: tried.append(case) or True, calls=1)
    assert len(tried) == 1
    assert time.perf_counter() - start < 1
    assert all(callable(build) for candidates in (_sizes, _values) for build in candidates(case))


@pytest.mark.parametrize("period", [2, 3, 5])
def test_a_predicate_that_fails_only_now_and_then_comes_to_an_end(period):
    tried = []

    def flaky(case):
        tried.append(1)
        return len(tried) % period == 0

    small = shrink(failing("U transposed"), flaky)
    assert isinstance(small, Case)
    assert len(tried) <= 600


def test_a_predicate_that_raises_is_not_hushed_up():
    def broken(case):
        raise RuntimeError("the judge fell over")

    with pytest.raises(RuntimeError, match="the judge fell over"):
        shrink(failing("U transposed"), broken)


def test_the_case_that_was_given_is_not_changed():
    case = failing("time reversed")
    before = numbers(case).copy()
    shrink(case, planted("time reversed"))
    assert np.array_equal(numbers(case), before)


@pytest.mark.slow
@given(case=cases(time=(1, 5), batch=(1, 3), input_size=(1, 4), hidden_size=(1, 4)))
@settings(max_examples=40, deadline=None)
def test_every_candidate_is_a_case_that_is_computed_and_simpler(case):
    for candidates in (_sizes, _values):
        for build in candidates(case):
            candidate = build()
            assert isinstance(candidate, Case)
            Case(
                *(
                    getattr(candidate, name)
                    for name in (
                        "config",
                        "weights",
                        "inputs",
                        "h_0",
                        "mask",
                        "masked_output",
                    )
                )
            )
            assert candidate.config.nonlinearity == case.config.nonlinearity
            assert candidate.config.dtype == case.config.dtype
            assert all(new <= old for new, old in zip(sizes(candidate), sizes(case), strict=True))
            if candidates is _values:
                assert sizes(candidate) == sizes(case)
                assert not np.array_equal(numbers(candidate), numbers(case))


@pytest.mark.slow
@pytest.mark.parametrize(
    "limits",
    [
        {"num_layers": 3, "bidirectional": True},
        {"go_backwards": True, "bidirectional": True},
        {"num_layers": 2, "bias": False},
    ],
    ids=str,
)
def test_every_candidate_of_a_large_case_runs(limits):
    loop = BY_NAME["U transposed"].plant()
    case = next(
        case
        for case in sample_cases(200, time=(4, 6), hidden_size=(4, 6), input_size=(4, 6), **limits)
        if case.mask is not None
    )
    for build in _sizes(case):
        candidate = build()
        assert judge(candidate, loop, calls=1).kind in ("agrees", "differs", "inconclusive")


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_gated_case_becomes_one_step_of_one_unit(cell):
    case = gated_case(cell, num_layers=2, bidirectional=True, masked_output="repeat", time=6)

    def wrong(case):
        outputs = run(case)
        return replace(outputs, layers=None, sequence=outputs.sequence + 1)

    small = shrink(case, lambda case: judge(case, wrong, calls=1).kind == "differs")
    assert sizes(small) == Sizes(1, 1, 1, 1, 1, 1)
    assert not numbers(small).any()
    assert small.c_0 is None or not small.c_0.any()
    assert small.config.cell == cell
