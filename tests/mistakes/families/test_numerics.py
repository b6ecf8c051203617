"""Too few bits, wrong ones, or others each time, on numbers that need one bit more."""

from dataclasses import replace

import numpy as np
import pytest

from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.families.numerics import round_to
from tests.mistakes.by_hand import cell, column, linear, planted


@pytest.mark.parametrize(
    ("bits", "value", "expected"),
    [(8, 255, 255), (8, 257, 256), (8, 259, 260), (11, 2049, 2048), (8, -257, -256), (8, 0, 0)],
)
def test_rounding_to_bits(bits, value, expected):
    rounded = round_to(bits, np.float32([value, value * 2.0**-100]))
    assert rounded.dtype == np.float32
    assert rounded.tolist() == [expected, expected * 2.0**-100]


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("float16 inside", 2049, 2048),
        ("bfloat16 inputs", 257, 256),
        ("TF32 inputs", 2049, 2048),
        ("float32 inside", 1 + 2.0**-24, 1),
        ("one weight off by one bit", 1, 1 - 2.0**-53),
        ("weights a thousandth too large", 1, 1 + 2.0**-10),
    ],
)
def test_by_hand(name, x, expected):
    assert column(name, linear([x])) == [expected]


def test_only_the_factors_lose_bits_not_the_sums():
    case = linear([256], cell(1, 1, 1))
    assert BY_NAME["bfloat16 inputs"].plant()(case).sequence.item() == 257


def test_the_units_after_the_last_eight_are_zero():
    units = np.ones((10, 1))
    case = linear([[[1]]], cell(units, np.zeros((10, 10)), np.zeros(10), np.zeros(10)))
    assert planted("wrong tail of a vector", case).sequence.ravel().tolist() == [1] * 8 + [0] * 2
    assert not BY_NAME["wrong tail of a vector"].applies(
        linear([1], *([cell(np.ones((8, 1)), np.eye(8), np.zeros(8), np.zeros(8))]))
    )


def test_noise_leaves_the_first_output_alone_and_the_rest_within_its_size():
    outputs = planted("noise", linear([1, 0, 0])).sequence.ravel()
    assert outputs[0] == 1
    assert all(0 < abs(output - 1) <= 2.0**-8 for output in outputs[1:])


def test_one_output_is_nan():
    assert np.isnan(planted("NaN", linear([1, 2])).sequence.ravel()).tolist() == [False, True]


@pytest.mark.parametrize(("dtype", "other"), [("float64", "float32"), ("float32", "float16")])
def test_narrower_dtype(dtype, other):
    case = linear([1])
    cells = tuple(
        replace(one, **{name: array.astype(dtype) for name, array in one.arrays().items()})
        for one in case.weights
    )
    case = replace(
        case,
        config=replace(case.config, dtype=dtype),
        weights=cells,
        inputs=case.inputs.astype(dtype),
        h_0=case.h_0.astype(dtype),
    )
    outputs = BY_NAME["narrower dtype"].plant()(case)
    assert (outputs.sequence.dtype, outputs.h_n.dtype) == (other, other)


def test_the_weights_of_the_first_call_stay():
    implementation = BY_NAME["weights of an earlier call"].plant()
    calls = [implementation(linear([1], cell(W))).sequence.item() for W in (2, 3)]
    assert calls == [2, 2]


def test_every_call_gives_another_output():
    implementation = BY_NAME["different on every call"].plant()
    calls = [implementation(linear([256])).sequence.item() for _ in range(4)]
    assert calls == [257, 258, 256, 257]
