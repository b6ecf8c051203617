from dataclasses import replace

import numpy as np

from harness import sample_cases
from harness.mistakes.acuity import acuity
from references.case import CellWeights

SIZES = {"time": 5, "batch": 2, "hidden_size": 3, "input_size": 2, "num_layers": 1}
PLAIN = SIZES | {"bidirectional": False, "nonlinearity": "tanh", "dtype": "float32"}


def test_it_says_from_which_error_on_half_and_all_would_have_shown():
    case = next(sample_cases(1, 3, regimes="contracting", **PLAIN))
    sentence = acuity([case])
    assert "in half of 12 that were tried" in sentence
    finest = float(sentence.split("from ")[1].split(" of")[0])
    assert 2.0**-23 <= finest < 0.01, sentence


def test_inputs_of_zeros_show_no_error_of_w():
    case = next(sample_cases(1, 3, regimes="contracting", bias=False, **PLAIN))
    silent = replace(case, inputs=np.zeros_like(case.inputs), h_0=None)
    assert acuity([silent]) == (
        "An error of one weight would have shown in 0 of 12 that were tried, however large."
    )


def test_zeros_have_no_weight_to_try():
    case = next(sample_cases(1, 3, regimes="contracting", **PLAIN))
    (cell,) = case.weights
    zeros = CellWeights(np.zeros_like(cell.W), np.zeros_like(cell.U))
    assert acuity([replace(case, weights=(zeros,))]) == "No weight could be tried: all are zeros."
