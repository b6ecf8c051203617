"""A stack of layers that were read computes what one layer of them all computes."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from references import load
from references.case import Case
from references.layer import Layer, Unreadable
from references.layer_stack import run_stack, stacked
from references.unsupported import Unsupported
from tests.references.layer_files import drawn

LIMITS = {"time": (2, 4), "batch": (1, 3), "num_layers": 2, "masks": True}
CASES = [case for case in drawn(120, 5, **LIMITS) if case.config.num_layers == 2]


def parts(case):
    """The case's two layers, each as it would be read alone."""
    D, config = case.config.num_directions, replace(case.config, num_layers=1)
    upper = replace(config, input_size=config.output_size, go_backwards=False)
    names = ({"W": "x"},) * D
    return [
        Layer("a", config, case.weights[:D], "torch", names, ("one", "two")),
        Layer("b", upper, case.weights[D:], "torch", names, ("two",)),
    ]


def by_own_weights(layer, case):
    return load("numpy")(replace(case, weights=layer.weights))


def test_the_stack_says_all_that_its_layers_say():
    case = CASES[0]
    whole = stacked(parts(case))
    assert (whole.name, whole.config, whole.framework) == ("a,b", case.config, "torch")
    assert whole.assumptions == ("one", "two")
    assert len(whole.names) == len(whole.weights) == len(case.weights)
    assert stacked(parts(case)[:1]) == parts(case)[0]


def test_the_stack_computes_what_one_layer_of_both_computes():
    kinds = set()
    for case in CASES:
        layers = parts(case)
        run = partial(
            run_stack, case.config, [(one, partial(by_own_weights, one)) for one in layers]
        )
        expected, actual = load("numpy")(case), run(case)
        for name in ("sequence", "h_n", "c_n"):
            assert np.array_equal(getattr(actual, name), getattr(expected, name)), name
        assert len(actual.layers) == 2
        assert all(map(np.array_equal, actual.layers, expected.layers))
        kinds.add((case.config.go_backwards, case.config.num_directions, case.mask is None))
    assert len(kinds) == 8


def test_states_that_one_layer_does_not_show_are_not_shown():
    case = CASES[0]

    def without_states(layer, part):
        return replace(by_own_weights(layer, part), h_n=None, c_n=None, layers=None)

    runs = [(layer, partial(without_states, layer)) for layer in parts(case)]
    outputs = run_stack(case.config, runs, case)
    assert outputs.h_n is None
    assert len(outputs.layers) == 2


@pytest.mark.parametrize("field", ["dtype", "hidden_size", "bidirectional"])
def test_layers_that_do_not_fit_are_refused(field):
    below, upper = parts(CASES[0])
    own = getattr(upper.config, field)
    others = {
        "dtype": {"float32", "float64"} - {own},
        "hidden_size": {99},
        "bidirectional": {not own},
    }
    (value,) = others[field]
    upper = upper._replace(config=replace(upper.config, **{field: value}))
    message = f"a,b is no stack: b has {field} {value!r}, and upon a it needs {own!r}"
    with pytest.raises(Unreadable, match=message):
        stacked([below, upper])


def test_a_case_of_another_config_is_refused():
    case = CASES[0]
    other = Case(replace(case.config, num_layers=1), case.weights[: case.config.num_directions],
                 case.inputs)  # fmt: skip
    with pytest.raises(Unsupported, match="the layer has num_layers 2, the case 1"):
        run_stack(case.config, [], other)
