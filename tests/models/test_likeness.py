from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.models.likeness import candidates, equal, likeness, place_of
from references.layer import Layer


def layer(cell="lstm", **limits):
    (case,) = sample_cases(
        1, 5, cell=cell, regimes="contracting", hidden_size=4, input_size=4, bias=True, **limits
    )
    return Layer("", case.config, case.weights, "torch", ())


def words(layer, name, theirs, index=0):
    array = getattr(layer.weights[index], name)
    return likeness(array, theirs, candidates(layer, index, name, array))


def blocks(array, order):
    parts = np.split(array, len(order))
    return np.concatenate([parts[index] for index in order])


ONE = {"num_layers": 1, "bidirectional": False, "dtype": "float32"}
HALVES = {"num_layers": 2, "bidirectional": True, "dtype": "float32"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda U: np.concatenate([b.T for b in np.split(U, 4)]),
            "A's transposed within each gate",
        ),
        (lambda U: U.T.reshape(U.shape), "A's reshaped where it must be transposed"),
        (lambda U: U[:, ::-1], "A's, its columns in reverse"),
        (lambda U: blocks(U, (0, 2, 1, 3)), "A's with gates f and g swapped"),
        (lambda U: blocks(U, (0, 2, 3, 1)), "A's with gates i, g, o, f where i, f, g, o belong"),
        (np.negative, "A's with the opposite sign"),
        (np.zeros_like, "zeros"),
        (lambda U: U.astype("f2").astype("f4"), "A's, rounded to float16"),
        (
            lambda U: blocks(U, (0, 2, 1, 3)).astype("f2").astype("f4"),
            "A's with gates f and g swapped, rounded to float16",
        ),
    ],
)
def test_what_b_has_instead_is_named(change, expected):
    lstm = layer(**ONE)
    assert words(lstm, "U", change(lstm.weights[0].U)) == f"B has {expected}"


def test_bfloat16_is_rounded_to_even():
    lstm = layer(**ONE)
    U = lstm.weights[0].U.copy()
    U[:4] = (U[:4].view("u4") & 0xFFFF0000 | 0x8000).view("f4")  # ties
    significand, exponent = np.frexp(U)
    even = np.ldexp(np.rint(significand * 256), exponent - 8).astype("f4")
    ties = lstm._replace(weights=(replace(lstm.weights[0], U=U),))
    assert words(ties, "U", even) == "B has A's, rounded to bfloat16"


def test_a_double_rounded_to_float32_is_named():
    lstm = layer(**(ONE | {"dtype": "float64"}))
    U = lstm.weights[0].U
    assert words(lstm, "U", U.astype("f4").astype("f8")) == "B has A's, rounded to float32"


def test_a_forget_bias_is_named_in_both_directions():
    lstm = layer(**ONE)
    bias = lstm.weights[0].b_W
    one = np.repeat([0, 1, 0, 0], 4).astype("f4")
    assert words(lstm, "b_W", bias + one) == "B has A's, and 1 more at the forget gate"
    assert words(lstm, "b_W", bias - one) == "B has A's, and 1 less at the forget gate"
    assert words(lstm, "b_W", lstm.weights[0].b_U) == "B has A's b_U"


def test_a_gate_with_the_opposite_sign_is_named():
    lstm = layer(**ONE)
    signs = np.repeat([1, 1, -1, 1], 4).astype("f4")
    for name in ("U", "b_W"):
        array = getattr(lstm.weights[0], name)
        other = (array.T * signs).T
        assert words(lstm, name, other) == "B has A's with the opposite sign at gate g"


def test_the_other_direction_and_swapped_halves_are_named():
    rnn = layer("rnn", **HALVES, nonlinearity="tanh")
    assert words(rnn, "U", rnn.weights[1].U) == "B has A's of layer 0, backward"
    W = rnn.weights[2].W
    swapped = np.concatenate([W[:, 4:], W[:, :4]], axis=1)
    assert words(rnn, "W", swapped, index=2) == (
        "B has A's, its columns for the forward and the backward half swapped"
    )
    W = rnn.weights[0].W  # whose columns are features, not directions
    assert "half" not in words(rnn, "W", np.roll(W, 2, axis=1))
    assert place_of(rnn.config, 3) == "layer 1, backward"


def test_the_sum_of_the_other_directions_biases_is_named():
    lstm = layer(**(ONE | {"bidirectional": True}))
    own, other = lstm.weights
    makes = candidates(lstm, 0, "b_W", own.b_W + own.b_U)
    assert likeness(own.b_W + own.b_U, other.b_W + other.b_U, makes) == (
        "B has the sum of A's biases of layer 0, backward"
    )


def test_what_is_like_nothing_is_counted_and_measured():
    lstm = layer(**ONE)
    U = lstm.weights[0].U
    one = U.copy()
    one[3, 2] += 0.5
    assert words(lstm, "U", one) == "differs in 1 of 64 entries, at most by 0.5 at [3, 2]"
    near = U + 0.01 * np.abs(U).max() * np.sign(U)
    assert words(lstm, "U", near).endswith("near A's, another checkpoint?")
    other = np.random.default_rng(0).standard_normal(U.shape).astype("f4")
    assert words(lstm, "U", other).endswith("far from A's")
    half = np.concatenate([other[:8], U[8:]])
    assert words(lstm, "U", half).startswith("differs in 32 of 64 entries, at most by ")
    assert words(lstm, "U", half).endswith("]")
    assert words(lstm, "U", U[:4]) == "shape (16, 4) in A, (4, 4) in B"


def test_nan_is_equal_to_nothing():
    array = np.array([[1.0, np.nan]])
    assert not equal(array, array)
    assert equal(array[:, :1], array[:, :1])
