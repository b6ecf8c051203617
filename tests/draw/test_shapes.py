"""Few shapes: never more than the limit says, whatever is called, and as different as they can
be.
"""

from collections import Counter
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings

from harness.draw.features import has
from harness.draw.generate import cases_at, choices_at, config_at, sample_cases, shapes_of
from harness.draw.large import walls
from harness.draw.limits import limits
from harness.draw.shapes import Shape, choose
from harness.draw.strategies import cases
from harness.judge.calls.second_calls import SECOND_CALLS
from harness.judge.judge import ask, called_cases
from harness.mistakes.sight import sight
from references.case import Case, Config, Outputs
from references.cells import CELLS
from references.numpy_rnn import run
from tests.draw.test_generate import digest

DIGEST = "3eed89f03b850d8be1ceb45be6e52b662d65c051c833561aac284cbc272502f6"
# Fields of a case that hold numbers alone, or decide nothing.
NUMBERS = {"weights", "inputs", "h_0", "c_0", "mask", "origin"}


def shape_of(case):
    return Shape(case.config, case.time, case.batch, case.mask is not None, case.masked_output)


def key_of(case):
    """What JAX's jit would look at: shapes and dtypes of arrays, and all else by its value."""
    arrays = [case.inputs, case.h_0, case.c_0, case.mask]
    arrays += [array for cell in case.weights for array in cell.arrays().values()]
    shapes = tuple(None if a is None else (a.shape, str(a.dtype)) for a in arrays)
    return shapes, case.config, case.masked_output


def test_a_key_leaves_out_no_field_of_a_case():
    """A new field of a Case must be numbers, or be part of a Shape."""
    own = {field.name for field in fields(Case)} - NUMBERS
    assert own == {"config", "masked_output"}
    assert set(Shape._fields) == own | {"time", "batch", "has_mask"}


@pytest.mark.slow
@pytest.mark.parametrize("cell", [*CELLS, tuple(CELLS)])
@pytest.mark.parametrize(("shapes", "seed"), [(3, 0), pytest.param(24, 2, marks=pytest.mark.deep)])
def test_cases_have_so_many_keys_at_most(cell, shapes, seed):
    every = list(sample_cases(100, seed, cell=cell, shapes=shapes))
    keys = {key_of(case) for case in every}
    lowest = {each for case in every for each in shape_of(case).lowest()}
    assert len(keys) == len({shape_of(case) for case in every}) == len(lowest) == shapes
    assert len({digest([case]) for case in every}) == 100, "their numbers differ"


@pytest.mark.slow
@pytest.mark.parametrize("again", SECOND_CALLS)
def test_an_implementation_without_layers_is_called_with_no_other_keys(again):
    keys = set()

    def compiles(case):
        keys.add(key_of(case))
        outputs = run(case)
        return Outputs(outputs.sequence, outputs.h_n)

    for case in sample_cases(60, shapes=24):
        ask(case, compiles, again=again)
        assert {key_of(one) for one in called_cases(case, again)} <= keys
    assert len(keys) == 24


def test_without_the_limit_shapes_are_as_many_as_cases():
    assert len({key_of(case) for case in sample_cases(100)}) > 90


def test_the_stream_is_the_same_on_every_machine_and_a_case_depends_on_its_index_alone():
    whole = list(sample_cases(60, 5, shapes=24, cell=("rnn", "lstm")))
    assert digest(whole) == DIGEST
    within = limits(shapes=24, cell=("rnn", "lstm"))
    assert digest(cases_at([40, 7], 5, within)) == digest([whole[40], whole[7]])
    assert [config_at(index, 5, within) for index in range(60)] == [one.config for one in whole]
    assert choices_at(7, 5, within)[1].time == whole[7].time
    (again,) = (eval(whole[7].origin, {"sample_cases": sample_cases, "next": lambda i: [*i]}),)
    assert digest(again) == digest([whole[7]])


def test_each_shape_occurs_once_in_as_many_cases():
    shapes = [shape_of(case) for case in sample_cases(72, shapes=24)]
    for start in (0, 24, 48):
        assert len(set(shapes[start : start + 24])) == 24
    assert shapes[:24] != shapes[24:48]


def test_other_limits_hold_too():
    within = {"time": (5, 7), "masks": False, "nonlinearity": "tanh", "num_layers": (1, 2)}
    for case in sample_cases(40, shapes=6, **within):
        assert 5 <= case.time <= 7
        assert case.mask is None
        assert case.config.nonlinearity == "tanh"
        assert case.config.num_layers in (1, 2)
    (shape,) = {shape_of(case) for case in sample_cases(20, shapes=1, num_layers=1)}
    assert shape.lowest() == [shape]


def test_what_is_drawn_beside_shapes_is_drawn_as_ever():
    drawn = [choices_at(index, 0, limits(shapes=24))[1] for index in range(300)]
    assert len({one.regime for one in drawn}) == 7
    assert {one.with_state for one in drawn} == {True, False}
    assert {one.mask_kind for one in drawn} == {
        *("none", "left", "right", "middle", "rows", "random")
    }
    assert len({one.rare for one in drawn}) == 3


def test_there_are_no_large_cases():
    assert walls(limits())
    assert walls(limits(shapes=24)) == ()


def shape(**changes):
    config = Config(2, 3, **{k: v for k, v in changes.items() if k not in Shape._fields})
    rest = {"time": 4, "batch": 2, "has_mask": False, "masked_output": "repeat"}
    return Shape(config, **rest | {k: v for k, v in changes.items() if k in rest})


def test_what_is_chosen_first_is_unlike_what_is_chosen_already():
    plain, alike, other = shape(), shape(time=5), shape(bidirectional=True, has_mask=True)
    assert choose([plain, alike, other], 2) in ((plain, other), (other, plain), (other, alike))
    assert choose([plain, alike, plain], 2) == (plain, alike)
    assert choose([], 2) == ()


def test_a_deep_shape_brings_its_lowest_layers_along_or_does_not_come():
    deep, flat = shape(num_layers=3), shape(bidirectional=True)
    chosen = choose([deep, flat], 3)
    assert chosen == (flat,) or set(chosen) == set(deep.lowest())
    assert set(choose([deep, flat], 4)) == {*deep.lowest(), flat}
    assert choose([deep], 2) == ()
    assert set(choose([deep, shape(num_layers=2)], 3)) == set(deep.lowest())


@pytest.mark.parametrize("seed", range(3))
def test_features_that_have_to_meet_do(seed):
    every = list(sample_cases(24, seed, shapes=24))
    for wanted in (
        has(num_layers=3, bidirectional=True),
        has(num_layers=3, bidirectional=False, has_mask=False),
        has("has_mask", num_layers=2),
        has(dtype="float64"),
        has("go_backwards"),
        has(bias=False),
    ):
        assert any(map(wanted, every)), wanted.__name__
    counts = Counter(case.config.nonlinearity for case in every)
    assert set(counts) == {"tanh", "relu", "linear", "sigmoid", "softsign"}


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(case=cases(shapes=4))
def test_hypothesis_draws_these_shapes_too(case):
    assert shape_of(case) in shapes_of(0, limits(shapes=4))


def test_a_shape_of_a_case_is_that_of_its_copy_with_other_numbers():
    (case,) = sample_cases(1, shapes=3)
    assert shape_of(replace(case, inputs=-case.inputs)) == shape_of(case)


@pytest.mark.slow
def test_few_shapes_catch_known_mistakes():
    seen = sight(sample_cases(60, 3, shapes=24))
    assert not seen.blind
    assert len(seen.caught) >= 125, str(seen)


@pytest.mark.long
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("seed", range(20))
def test_few_shapes_catch_what_many_catch(cell, seed):
    """All that apply, but for what hides in the rounding of larger sums."""
    seen = sight(sample_cases(200, seed, cell=cell, shapes=24))
    assert set(seen.missed) <= {"one weight off by one bit", "tanh from sigmoid"}, str(seen)
    assert set(seen.untried) <= {"top layer reads the input"}
