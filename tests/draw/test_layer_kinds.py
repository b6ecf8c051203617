"""Few kinds of layers: never more than the limit says, and each value and mistake is still met."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings

from harness.draw.generate import cases_at, choices_at, layer_kinds_of, sample_cases
from harness.draw.large import LARGE, walls
from harness.draw.layer_kinds import FIELDS, PLAIN, LayerKind, few, nearest
from harness.draw.limits import limits
from harness.draw.strategies import cases
from harness.mistakes.sight import sight
from references.case import Config
from references.cells import CELLS
from references.cells.walk import stack
from tests.draw.test_generate import digest

SIZES = {"input_size", "hidden_size", "num_layers"}
DIGEST = "b5e9f8e6c725e945f9e13b19e9d355e1f85b0f9df95cf182cb27e1781bde97fd"


def kinds_of(case):
    """The kind of each of its layers, as a walk over the case meets it."""
    masked_output = "" if case.mask is None else case.masked_output
    shape, kinds = (case.batch, case.time, case.config.output_size), set()

    def whole_layer(layer):
        config = replace(case.config.kind, go_backwards=layer.backwards)
        kinds.add(LayerKind(config, masked_output))
        return np.zeros(shape, case.config.dtype), None

    stack(case, whole_layer)
    return kinds


def kind(masked_output="", **values):
    return LayerKind(Config(1, 1, **values), masked_output)


def test_a_kind_leaves_out_sizes_alone():
    assert {field.name for field in fields(Config)} == SIZES | {*FIELDS}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "count", "seed"),
    [*((cell, 9, 1) for cell in CELLS), *((tuple(CELLS), *row) for row in ((2, 0), (20, 2)))],
)
def test_layers_have_so_many_kinds_at_most_those_of_large_cases_too(cell, count, seed):
    allowed = limits(cell=cell, layer_kinds=count)
    every = [
        *cases_at(range(150), seed, allowed),
        *cases_at(range(LARGE, LARGE + 10), seed, allowed),
    ]
    kinds = {one for case in every for one in kinds_of(case)}
    assert kinds <= set(layer_kinds_of(seed, allowed))
    assert count - 1 <= len(kinds) <= count
    assert len(walls(allowed)) == 10
    assert len({digest([case]) for case in every}) == len(every)


def test_without_the_limit_kinds_are_many():
    assert len({one for case in sample_cases(200) for one in kinds_of(case)}) > 70
    assert layer_kinds_of(0, limits()) == ()


@pytest.mark.parametrize("seed", range(5))
def test_each_value_has_a_kind_in_which_little_else_is_unusual(seed):
    """Else one could not tell which of two values an implementation refuses."""
    plain = PLAIN.features()
    kinds = [one.features() for one in layer_kinds_of(seed, limits(layer_kinds=20))]
    values = [("nonlinearity", name) for name in ("relu", "linear", "sigmoid", "softsign")]
    values += [("masked_output", name) for name in ("repeat", "zero")]
    values += [("bidirectional", True), ("bias", False), ("go_backwards", True)]
    for name, value in values:
        others = [
            sum(one[other] != plain[other] for other in one if other not in (name, "dtype"))
            for one in kinds
            if one[name] == value
        ]
        assert min(others) <= 2, (name, value)


def test_the_nearest_kind_keeps_the_cell_its_directions_and_then_rare_values():
    both, masked, back = kind("zero", bidirectional=True), kind("zero"), kind(go_backwards=True)
    kinds = (PLAIN, kind(bias=False), both, masked, back)
    assert nearest(kinds, kind("zero", bias=False)) == masked
    assert nearest(kinds, kind("zero", go_backwards=True)) == masked
    assert nearest(kinds, kind(go_backwards=True, bias=False)) == back
    assert nearest(kinds, kind(bidirectional=True, go_backwards=True)) == both
    assert nearest(kinds, kind(nonlinearity="relu")) == PLAIN, "the first of equals"


def test_the_plainest_kinds_come_first_and_those_above_a_backward_one_with_it():
    back, odd = kind(go_backwards=True), kind("zero", bias=False)
    odder = kind("zero", bias=False, bidirectional=True)
    assert few([odder, odd, PLAIN, back], 9) == (PLAIN, odder, odd, back)
    assert few([odd, odder, PLAIN, back], 2) == (PLAIN, odd)
    assert set(few([back], 9)) == {back, PLAIN}
    assert few([kind(go_backwards=True, bias=False), odd], 1) == (odd,)


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "share"), [("gru", 1), ("lstm", 1), ("rnn", 0.93)])
@pytest.mark.parametrize("seed", range(3))
def test_twenty_kinds_are_those_in_which_the_most_pairs_of_values_meet(cell, share, seed):
    every, own = (
        frozenset().union(*(kind.pairs for kind in layer_kinds_of(seed, limits(**most))))
        for most in ({"cell": cell, "layer_kinds": n} for n in (400, 20))
    )
    assert own <= every
    assert len(own) >= share * len(every)


def test_of_the_others_that_comes_first_in_which_most_new_pairs_meet():
    masked, unbiased = kind("zero"), kind(bias=False)
    two, both = kind("zero", bias=False), kind("zero", bias=False, dtype="float64")
    wide = kind(dtype="float64")
    plain = (PLAIN, masked, unbiased, wide)
    assert few([*plain, two, both], 5) == (*plain, both)
    assert few([*plain, both, two], 6) == (*plain, both, two)


@pytest.mark.slow
def test_other_limits_hold_too():
    within = {"masks": False, "nonlinearity": ("tanh", "sigmoid"), "go_backwards": True}
    for case in sample_cases(60, layer_kinds=4, **within):
        assert case.mask is None
        assert case.config.nonlinearity in ("tanh", "sigmoid")
        assert case.config.go_backwards
    allowed = limits(shapes=8, layer_kinds=3)
    both = [*cases_at(range(40), 0, allowed)]
    assert len({one for case in both for one in kinds_of(case)}) <= 3
    assert len({(case.config, case.time, case.batch) for case in both}) <= 8


def test_a_regime_that_another_cell_lacks_is_replaced():
    """Of two kinds both are an RNN's, and what was drawn as a GRU's memory is none."""
    allowed = limits(cell=tuple(CELLS), layer_kinds=2)
    drawn = [choices_at(index, 0, limits(cell=tuple(CELLS)))[1].regime for index in range(200)]
    assert {"memory", "edge"} < set(drawn)
    for index in range(200):
        config, choices = choices_at(index, 0, allowed)
        assert config.cell == "rnn"
        assert choices.regime in allowed.regimes_for(config)


def test_the_stream_is_the_same_on_every_machine_and_a_case_says_how_it_is_drawn():
    whole = list(sample_cases(40, 5, layer_kinds=9))
    assert digest(whole) == DIGEST
    (again,) = (eval(whole[7].origin, {"sample_cases": sample_cases, "next": lambda i: [*i]}),)
    assert digest(again) == digest([whole[7]])


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(case=cases(layer_kinds=4))
def test_hypothesis_draws_these_kinds_too(case):
    assert kinds_of(case) <= set(layer_kinds_of(0, limits(layer_kinds=4)))


@pytest.mark.long
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("seed", range(20))
def test_few_kinds_catch_what_many_catch(cell, seed):
    many = sight(sample_cases(200, seed, cell=cell))
    seen = sight(sample_cases(200, seed, cell=cell, layer_kinds=20))
    assert set(seen.missed) <= set(many.missed), str(seen)
    assert seen.untried == many.untried
