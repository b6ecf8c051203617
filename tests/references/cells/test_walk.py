"""The walk: order, masks, and what it hands to who computes."""

import numpy as np

from harness import sample_cases
from references.case import Case, CellWeights, Config
from references.cells.walk import Layer, layers, stack

SIZES = {"time": 4, "batch": 2, "input_size": 3, "hidden_size": 2, "num_layers": 2}


def test_time_runs_in_processing_order_in_each_direction():
    (case,) = sample_cases(1, 1, **SIZES, go_backwards=True, bidirectional=True, masks=False)
    parts = []

    def along_time(part):
        parts.append(part)
        outputs = np.full((2, 4, 2), np.arange(4)[:, np.newaxis], "float64")
        return outputs + 10 * part.direction, tuple(state + 1 for state in part.initial)

    outputs = layers(case, along_time)
    assert [(part.layer, part.direction) for part in parts] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [part.weights for part in parts] == list(case.weights)
    assert np.array_equal(parts[0].inputs, case.inputs[:, ::-1])
    assert np.array_equal(parts[1].inputs, case.inputs)
    assert np.array_equal(outputs.layers[0][0, :, 0], [0, 1, 2, 3])
    assert np.array_equal(outputs.layers[0][0, :, 2], [13, 12, 11, 10])
    assert np.array_equal(parts[2].inputs, outputs.layers[0])
    assert np.array_equal(outputs.h_n, case.h_0 + 1)


def test_a_whole_layer_reverses_time_itself_and_the_mask_follows():
    config = Config(1, 1, num_layers=2, go_backwards=True, dtype="float64")
    weights = (CellWeights(np.ones((1, 1)), np.ones((1, 1))),) * 2
    mask = np.array([[True, False, False]])
    case = Case(config, weights, np.arange(3.0).reshape(1, 3, 1), mask=mask)
    calls: list[Layer] = []

    def whole_layer(layer):
        calls.append(layer)
        return layer.in_processing_order(layer.inputs), layer.initial

    outputs = stack(case, whole_layer)
    assert [layer.backwards for layer in calls] == [True, False]
    assert outputs.sequence[0, :, 0].tolist() == [2, 1, 0]
    assert [layer.mask[0].tolist() for layer in calls] == [
        [True, False, False],
        [False, False, True],
    ]


def test_a_layer_that_shows_no_state_leaves_none():
    (case,) = sample_cases(1, **SIZES, bidirectional=False)
    sequence = np.zeros((2, 4, 2), case.config.dtype)
    states = iter([(case.h_0[:1],), None])
    assert stack(case, lambda layer: (sequence, next(states))).h_n is None
