from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.models import acuity as module
from harness.models.acuity import acuity
from references.case import CellWeights

SIZES = {"time": 5, "batch": 2, "hidden_size": 3, "input_size": 2, "num_layers": 1}
PLAIN = SIZES | {"bidirectional": False, "nonlinearity": "tanh", "dtype": "float32"}


def test_it_says_from_which_error_on_half_and_all_would_have_shown():
    case = next(sample_cases(1, 3, regimes="contracting", **PLAIN))
    sentence = acuity([case])
    assert "in half of 12 that were tried" in sentence
    finest = float(sentence.split("from ")[1].split(" of")[0])
    assert 2.0**-23 <= finest < 0.01, sentence


@pytest.mark.slow
def test_inputs_of_zeros_show_no_error_of_w():
    case = next(sample_cases(1, 3, regimes="contracting", bias=False, **PLAIN))
    silent = replace(case, inputs=np.zeros_like(case.inputs), h_0=None)
    assert acuity([silent]) == (
        "An error of one weight, of up to half of its array's greatest, would have shown in 0 of "
        "12 that were tried."
    )
    assert acuity([silent, case]) == acuity([case]) != acuity([silent])


@pytest.mark.parametrize(
    ("never", "rest"),
    [
        (0, "in all from 0.25 on"),
        (2, "in 2 none of up to 0.5 would have"),
    ],
)
def test_half_is_the_middle_of_what_was_tried(never, rest, monkeypatch):
    sizes = iter([*[0.25] * (6 - never), *[2.0**-9] * 5, 2.0**-8, *[1.0] * never])
    monkeypatch.setattr(module, "_smallest", lambda *_: next(sizes))
    assert acuity([next(sample_cases(1, **PLAIN))]) == (
        "An error of one weight would have shown from 0.0039 of its array's greatest on, in half "
        f"of 12 that were tried; {rest}."
    )


def test_zeros_have_no_weight_to_try():
    case = next(sample_cases(1, 3, regimes="contracting", **PLAIN))
    (cell,) = case.weights
    zeros = CellWeights(np.zeros_like(cell.W), np.zeros_like(cell.U))
    assert acuity([replace(case, weights=(zeros,))]) == "No weight could be tried: all are zeros."
