"""Wrong activations, on pre-activations whose values are known."""

import math

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.bounds.precision import PRECISIONS
from harness.judge.judge import judge
from harness.mistakes.causes.explain import explain
from harness.mistakes.families.activation import Algorithm
from references.numpy_rnn import run
from tests.mistakes.by_hand import column, linear


@pytest.mark.parametrize(
    ("name", "right", "z", "expected"),
    [
        ("relu for the activation", "tanh", -1, 0),
        ("linear for the activation", "relu", -1, -1),
        ("sigmoid for the activation", "tanh", 0, 0.5),
        ("softsign for the activation", "tanh", 3, 0.75),
        ("tanh for the activation", "linear", 1, math.tanh(1)),
        ("activation twice", "softsign", 1, 1 / 3),
        ("hard tanh", "tanh", 0.5, 0.5),
        ("cheap tanh", "tanh", 1, 28 / 36),
        ("leaky relu", "relu", -128, -1),
        ("relu capped at 6", "relu", 7, 6),
        ("hard sigmoid", "sigmoid", 1.5, 0.75),
    ],
)
def test_by_hand(name, right, z, expected):
    assert column(name, linear([z], nonlinearity=right)) == [expected]


def test_the_quotient_of_exponentials_is_nan_for_large_numbers():
    assert math.isnan(column("tanh overflows", linear([1000], nonlinearity="tanh"))[0])


@pytest.mark.deep
def test_a_relu_that_is_a_few_bits_off_is_not_called_capped():
    """An error of four units in the last place, where no output comes near 6."""

    def rough(case):
        outputs = run(case).sequence.copy()
        outputs[..., 0] *= np.float32(1 + 2.0**-21)
        return outputs

    limits = {"nonlinearity": "relu", "dtype": "float32", "num_layers": 1, "masks": False}
    limits |= {"time": (2, 8), "hidden_size": (2, 8), "input_size": (1, 8)}
    wrong = [judge(case, rough, calls=1) for case in sample_cases(30, 5, **limits)]
    wrong = [one for one in wrong if one.kind == "differs"]
    assert len(wrong) > 5
    for verdict in wrong[:6]:
        assert "relu capped at 6" not in explain(verdict, rough).names


def test_what_is_exact_gives_the_image_of_an_interval_and_no_more():
    clip = Algorithm(lambda z: np.clip(z, -1, 1), relative=0)
    z, r = np.array([0.5, 0.5, 2.0, 1.0]), np.array([0.0, 2.0**-60, 0.25, 0.25])
    y, radius = clip.rule(z, r, PRECISIONS["float64"])
    assert y.tolist() == [0.5, 0.5, 1, 1]
    assert (radius[0], radius[2]) == (0, 0)
    assert 2.0**-60 <= radius[1] < 2.0**-51
    assert 0.25 <= radius[3] < 0.2501
    rounded = Algorithm(np.tanh).rule(z, r, PRECISIONS["float64"])[1]
    assert (rounded > 2.0**-51).all()
