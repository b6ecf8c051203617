"""Tests the activations of an enclosed sum: the image of the interval, K roundings, and
tightness.
"""

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings

from harness.judge.bounds import activation
from harness.judge.bounds.activation import BY_TANH, EMPTY, FULL, FUNCTIONS, ONE_FROM
from harness.judge.bounds.precision import PRECISIONS
from references.cells.activations import ACTIVATIONS
from tests.judge.oracle import (
    Cell,
    activated,
    ball,
    cells,
    exact_terms,
    exactly,
    orders,
    pending,
    share,
    smallest_normal,
    surely_within,
)

SMOOTH = ("tanh", "sigmoid", "softsign")
DTYPES = ("float32", "float64")
# What the bounds' own arithmetic adds at most: 1 - y^2 loses the most, where that is nearly 0.
SLACK = {"float32": Fraction(1, 2**8), "float64": Fraction(1, 2**38)}
each_smooth = pytest.mark.parametrize("nonlinearity", SMOOTH)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


def enclosed(cell: Cell, nonlinearity: str) -> tuple[np.ndarray, np.ndarray]:
    """Centre and radius of the output (R,)."""
    centre, radius, _ = pending(cell).activate(nonlinearity).enclosure
    return centre[:, 0], radius[:, 0]


def axiom_at(nonlinearity: str, z: Fraction, dtype: str) -> int | None:
    """The value far out, which was measured to be exact."""
    if nonlinearity == "tanh" and abs(z) >= 32:
        return 1 if z > 0 else -1
    if nonlinearity == "sigmoid" and z >= 64:
        return 1
    if nonlinearity == "sigmoid" and z <= {"float32": -128, "float64": -1024}[dtype]:
        return 0
    return None


def outputs_of_worst(nonlinearity: str, z: Fraction, dtype: str) -> list:
    """The two outputs of an implementation that takes all that it may of K * 2u|y|.

    The axioms leave it nothing at 0 and far out.
    """
    if (axiom := axiom_at(nonlinearity, z, dtype)) is not None:
        return [ball(axiom)]
    y = activated(nonlinearity, z)
    if z == 0:
        return [y]
    off = FUNCTIONS[nonlinearity].k * 2 * Fraction(1, 2 ** {"float32": 24, "float64": 53}[dtype])
    return [y * ball(1 + off), y * ball(1 - off)]


def assert_encloses(cell: Cell, nonlinearity: str) -> None:
    """What NumPy and the worst allowed implementation make of every order lies inside; so does the
    true value of the exact sum.
    """
    centre, radius = enclosed(cell, nonlinearity)
    assert (radius >= 0).all()
    for unit in cell.units:
        if radius[unit] == np.inf:
            continue
        exact = sum(exact_terms(cell, unit))
        axiom = axiom_at(nonlinearity, exact, cell.dtype)
        is_exact = radius[unit] == 0 and exact != 0
        truth = ball(axiom) if is_exact else activated(nonlinearity, exact)
        assert surely_within(truth, centre[unit], radius[unit]), f"unit {unit}, the true value"
        assert not is_exact or axiom is not None
    for name, order in orders(cell, 0):
        with np.errstate(all="ignore"):
            actual = ACTIVATIONS[nonlinearity](order)
        for unit in cell.units:
            if radius[unit] == np.inf:
                continue
            allowed = f"allowed {centre[unit]!r} +- {radius[unit]!r}"
            assert surely_within(ball(actual[unit]), centre[unit], radius[unit]), (
                f"{unit}, {name}: NumPy {actual[unit]!r}, {allowed}"
            )
            for worst in outputs_of_worst(nonlinearity, exactly(order[unit]), cell.dtype):
                assert surely_within(worst, centre[unit], radius[unit]), (
                    f"{unit}, {name}: {order[unit]!r} gives {worst}, {allowed}"
                )


@pytest.mark.slow
@each_smooth
@settings(max_examples=60, deadline=None, derandomize=True)
@given(cells(most=3))
def test_every_implementation_within_k_lies_inside(nonlinearity, cell):
    assert_encloses(cell, nonlinearity)


@pytest.mark.slow
@each_smooth
@settings(max_examples=60, deadline=None, derandomize=True)
@given(cells(kinds=("ordinary", "ties", "integers"), most=3))
def test_every_implementation_within_k_lies_inside_where_sums_are_ordinary(nonlinearity, cell):
    assert_encloses(cell, nonlinearity)


@each_smooth
@pytest.mark.parametrize("bias", [-2.0, -0.5, 0.0, 1.0])
def test_an_operand_read_as_zero_leaves_k_to_the_output_that_comes_of_it(nonlinearity, bias):
    # x is subnormal and W x = 0.5: the sum is 0.5 + bias, or bias where x is read as zero, and
    # either may be off by K.
    cell = Cell(
        *(
            np.array(part, "float32")
            for part in ([[2.0**127]], [[0]], [bias], [0], [2.0**-128], [0])
        )
    )
    assert_encloses(cell, nonlinearity)


@pytest.mark.slow
@each_dtype
@pytest.mark.parametrize("nonlinearity", ["relu", "linear"])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(cell=cells(most=4))
def test_relu_and_linear_are_the_image_of_the_sum(nonlinearity, dtype, cell):
    centre, radius = enclosed(cell, nonlinearity)
    with np.errstate(all="ignore"):
        z, r, overflows = (array[:, 0] for array in pending(cell).decide())
    for unit in cell.units:
        if overflows[unit]:
            assert radius[unit] == np.inf
            continue
        image = partial(max, 0) if nonlinearity == "relu" else Fraction
        sums = [exactly(order[unit]) for _, order in orders(cell, 0)] + [
            sum(exact_terms(cell, unit))
        ]
        for value in map(image, sums):
            assert abs(value - Fraction(centre[unit])) <= exactly(radius[unit])
        if nonlinearity == "relu" and Fraction(z[unit]) + exactly(r[unit]) <= 0:
            assert centre[unit] == radius[unit] == 0, (
                "the whole interval is at most 0, so the output is exactly 0"
            )


@each_dtype
def test_relu_is_exactly_0_up_to_the_end_of_the_interval_and_no_further(dtype):
    z, r = np.array([-1.0, -1.0, -1.0, 0.0, 1.0]), np.array([0.5, 1.0, 1.5, 0.0, 2.0])
    centre, radius = activation.relu(z, r, PRECISIONS[dtype])
    assert centre.tolist() == [0, 0, 0, 0, 1]
    assert radius.tolist() == [0, 0, 0.5, 0, 2]


@each_dtype
def test_tanh_is_exactly_1_only_where_the_whole_interval_is_beyond_32_and_0_only_at_exactly_0(
    dtype,
):
    below = np.nextafter(32, 0)
    z, r = (
        np.array([32.0, -32.0, below, 33.0, 33.0, -1e30, 0.0, 0.0]),
        np.array([0, 0, 0, 1.0, 1.5, 0, 0, 1e-30]),
    )
    with np.errstate(over="ignore"):
        centre, radius = activation.tanh(z, r, PRECISIONS[dtype])
    assert centre[[0, 1, 3, 5, 6]].tolist() == [1, -1, 1, -1, 0]
    assert (radius == 0).tolist() == [True, True, False, True, False, True, True, False]


@each_dtype
def test_softsign_of_0_is_0_and_sigmoid_of_0_is_a_half(dtype):
    zero = np.zeros(1)
    for rule, value in ((activation.softsign, 0), (activation.sigmoid, 0.5)):
        centre, radius = rule(zero, zero, PRECISIONS[dtype])
        assert (centre.item(), radius.item()) == (value, 0)


@each_dtype
def test_sigmoid_is_exactly_1_or_0_far_out_and_not_before(dtype):
    precision = PRECISIONS[dtype]
    empty = EMPTY[dtype]
    z = np.array([FULL, FULL - 1, empty, empty + 1, FULL, empty])
    r = np.array([0, 0, 0, 0, 2.0**-20, 2.0**-20])
    y, radius = activation.sigmoid(z, r, precision)
    assert (radius == 0).tolist() == [True, False, True, False, False, False]
    assert y[[0, 2]].tolist() == [1, 0]
    with np.errstate(over="ignore"):
        ends = ACTIVATIONS["sigmoid"](np.array([FULL, empty], dtype))
    assert ends.tolist() == [1, 0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("r", [0.0, 2.0**-20, 2.0**-7, 0.5, 3.0])
@pytest.mark.parametrize("z", [-20.0, -80.0, -348.0, -700.0, -709.5])
def test_a_gate_that_is_nearly_shut_stays_narrow_and_sound(z, r, dtype):
    if dtype == "float32" and z < -80:
        return
    precision = PRECISIONS[dtype]
    y, radius = activation.sigmoid(np.array([z]), np.array([r]), precision)
    for at in (z - r, z, z + r):
        assert surely_within(activated("sigmoid", Fraction(at)), y[0], radius[0])
    true = np.exp(z)
    by_tanh = BY_TANH if dtype == "float32" else 0
    spread = true * (np.expm1(r) * 1.1 + 21 * precision.unit)
    assert radius[0] <= spread + by_tanh + 3 * precision.tiny


def test_the_tanh_of_keras_that_is_9_95_ulp_off_lies_inside_and_k_4_is_less_than_it_needs(
    monkeypatch,
):
    z, off = 14.212179062513956, Fraction(995, 100) * Fraction(1, 2**53)
    needed = off / (2 * Fraction(1, 2**53))  # y is 1 within 2^-40
    assert 4 < needed < FUNCTIONS["tanh"].k

    def inside() -> bool:
        centre, radius = activation.tanh(np.array([z]), np.zeros(1), PRECISIONS["float64"])
        return all(
            surely_within(activated("tanh", z) + ball(error), centre[0], radius[0])
            for error in (-off, off)
        )

    assert inside()
    # The allowance for NumPy's own error, 2^-50, is 8 ulp here.
    monkeypatch.setitem(FUNCTIONS, "tanh", FUNCTIONS["tanh"]._replace(k=0))
    assert not inside()


def spread_points(count: int, seed: int) -> np.ndarray:
    """Doubles of every size, and around the ends where the formulas change."""
    rng = np.random.default_rng(seed)
    ends = np.array(
        [
            0.0,
            2.0**-1074,
            2.0**-1022,
            2.0**-500,
            2.0**-53,
            2.0**-27,
            0.5,
            1,
            19.06,
            22,
            32,
            36.7,
            355,
            708.4,
            709.78,
            710,
            745.2,
            1e300,
        ]
    )
    near = np.concatenate([ends, np.nextafter(ends, 0), np.nextafter(ends, np.inf)])
    ordinary = np.concatenate(
        [
            rng.uniform(0, 4, count // 3),
            rng.uniform(0, 40, count // 3),
            np.exp2(rng.uniform(-60, 10, count // 3)),
        ]
    )
    points = np.concatenate([near, ordinary])
    return np.concatenate([points, -points])


def off_by(nonlinearity: str, factor: float) -> int:
    """At how many points the centre, which NumPy computes, is more than factor * 2^-50 |y| + tiny
    from the truth.
    """
    z = spread_points(15_000, 3)
    z = z[np.abs(z) < 32] if nonlinearity == "tanh" else z
    with np.errstate(all="ignore"):
        y, _ = FUNCTIONS[nonlinearity].rule(z, np.zeros_like(z), PRECISIONS["float64"])
    assert z.size >= 20_000
    share, tiny = ball(factor * 2.0**-50), ball(smallest_normal("float64"))
    truths = (activated(nonlinearity, at) for at in z)
    return sum(
        not abs(truth - ball(value)) <= share * abs(ball(value)) + tiny
        for truth, value in zip(truths, y, strict=True)
    )


@pytest.mark.slow
@each_smooth
def test_numpy_computes_the_centre_to_within_2_to_the_minus_50(nonlinearity):
    assert off_by(nonlinearity, 1) == 0


@pytest.mark.slow
def test_a_centre_that_is_further_off_is_noticed():
    assert off_by("tanh", 0.02) > 0


def uncovered(nonlinearity: str) -> int:
    """At how many of the intervals the enclosure without K leaves out one of the true ends."""
    rng = np.random.default_rng(5)
    z = np.concatenate([rng.uniform(-40, 40, 1500), rng.uniform(-3, 3, 1500)])
    r = np.concatenate(
        [
            np.exp2(rng.uniform(-60, 8, 2500)),
            np.nextafter(activation.WIDE, [0] * 250),
            np.full(250, activation.WIDE * 1.001),
        ]
    )
    with np.errstate(all="ignore"):
        y, radius = FUNCTIONS[nonlinearity].rule(z, r, PRECISIONS["float64"])
    assert np.isfinite(radius).all()
    ends = [
        (Fraction(at) + sign * Fraction(by), i)
        for i, (at, by) in enumerate(zip(z, r, strict=True))
        for sign in (-1, 1)
    ]
    return sum(
        not surely_within(activated(nonlinearity, end), y[i], radius[i])
        for end, i in ends
        if abs(z[i]) - r[i] < ONE_FROM
    )


@each_smooth
def test_the_image_of_an_interval_is_covered_without_any_help_of_k(nonlinearity, monkeypatch):
    monkeypatch.setitem(FUNCTIONS, nonlinearity, FUNCTIONS[nonlinearity]._replace(k=0))
    assert uncovered(nonlinearity) == 0
    smooth = activation._smooth
    monkeypatch.setattr(
        activation, "_smooth", lambda f, y, slope, *rest: smooth(f, y, slope * 0.9, *rest)
    )
    assert uncovered(nonlinearity) > 0, "a slope that is too small is noticed"


@pytest.mark.parametrize("n", [4, 16, 64, 256])
@each_dtype
def test_the_longer_the_sum_the_more_of_its_radius_tanh_uses_up(dtype, n):
    p = {"float32": 24, "float64": 53}[dtype]
    low, s = p // 2, 2.0**-6  # tanh is nearly straight there
    lost = s * 2.0**-p
    parts = (
        [[(1 + 2.0**-low) * s]],
        np.full((1, n - 3), lost),
        [lost],
        [lost],
        [1 + 2.0 ** (low - p)],
        np.ones(n - 3),
    )
    cell = Cell(*(np.array(part, dtype) for part in parts))
    assert_encloses(cell, "tanh")
    centre, radius = enclosed(cell, "tanh")
    reached = share(np.tanh(dict(orders(cell, 0))["left to right"])[0], centre[0], radius[0])
    print(f"share of the radius, tanh, {dtype}, n = {n}: {float(reached):.4f}")
    # In units of u s: the sum loses n, of which the float64 centre of float64 loses a few as well,
    # and NumPy's tanh may give back 1.5.
    # The radius is n + 2 K for float32, and for float64 n more for the centre and 8 for NumPy's
    # tanh.
    loss = (sum(exact_terms(cell, 0)) - exactly(pending(cell).decide()[0][0, 0])) / Fraction(lost)
    derived = (
        Fraction(n - 2, n + 2 * FUNCTIONS["tanh"].k)
        if dtype == "float32"
        else (n - 2 - loss) / (2 * n + 2 * FUNCTIONS["tanh"].k + 8)
    )
    assert reached >= derived * Fraction(999, 1000)


@each_smooth
def test_too_small_a_k_is_noticed(nonlinearity, monkeypatch):
    cell = Cell(*(np.array(part, "float32") for part in ([[1.0]], [[0]], [0], [0], [0.75], [0])))
    assert_encloses(cell, nonlinearity)
    expected = outputs_of_worst(nonlinearity, Fraction(3, 4), "float32")
    half = FUNCTIONS[nonlinearity]
    monkeypatch.setitem(FUNCTIONS, nonlinearity, half._replace(k=half.k / 2))
    centre, radius = enclosed(cell, nonlinearity)
    assert not all(surely_within(value, centre[0], radius[0]) for value in expected)


# An enclosure is hardly wider than the image and K roundings: what is too wide catches no mistake.


def intervals() -> tuple[np.ndarray, np.ndarray]:
    """Centres and radii of every size, points among them; around 0, far out, and on both sides of
    where the formula changes.
    """
    rng = np.random.default_rng(11)
    z = np.concatenate(
        [rng.uniform(-3, 3, 300), rng.uniform(-40, 40, 300), [0, 0, 0, 25, -25, 31, -31]]
    )
    r = np.concatenate(
        [np.exp2(rng.uniform(-60, 6, 500)), np.zeros(100), [0, 1, 1e-3, 1, 1, 0.5, 0]]
    )
    return z, r


def too_wide(nonlinearity: str, dtype: str) -> int:
    """At how many intervals the radius is more than the image, a 2^-4th of it, and the roundings.

    The slope within a radius of WIDE = 2^-6 changes by a factor of at most exp(2 WIDE), hence the
    2^-4th. 2^-50 is NumPy's error in the two ends and the centre, and half as much again what
    these really were off. Then K * 2u and NumPy's 2^-51, of the value and its spread.
    """
    z, r = intervals()
    with np.errstate(all="ignore"):
        y, radius = FUNCTIONS[nonlinearity].rule(z, r, PRECISIONS[dtype])
    share = 2 * FUNCTIONS[nonlinearity].k * Fraction(PRECISIONS[dtype].unit) + Fraction(1, 2**51)
    wide = 0
    for at, by, centre, width in zip(z, r, y, radius, strict=True):
        low, middle, high = (
            activated(nonlinearity, Fraction(at) + sign * Fraction(by)) for sign in (-1, 0, 1)
        )
        image = max(high - middle, middle - low, key=float)
        spread = image * ball(Fraction(17, 16)) + ball(Fraction(3, 2**51) if by else 0)
        allowed = (spread + ball(share) * (abs(ball(centre)) + spread)) * ball(
            1 + SLACK[dtype]
        ) + ball(2 * smallest_normal(dtype))
        if nonlinearity == "sigmoid" and dtype == "float32":
            allowed += ball(BY_TANH) * ball(1 + SLACK[dtype])
        wide += not ball(width) <= allowed
    return wide


@each_smooth
@each_dtype
def test_a_radius_is_hardly_wider_than_the_image_and_k_roundings(nonlinearity, dtype):
    assert too_wide(nonlinearity, dtype) == 0


def test_a_radius_that_is_wider_is_noticed(monkeypatch):
    monkeypatch.setattr(activation, "WIDE", 64.0)
    assert too_wide("tanh", "float32") > 0
    assert too_wide("softsign", "float64") > 0


@each_dtype
@pytest.mark.parametrize("nonlinearity", ["tanh", "softsign"])
def test_a_point_other_than_0_has_room_for_k_roundings(nonlinearity, dtype):
    z = np.array([-31.0, -1.0, -1e-30, 1e-30, 1.0, 31.0])
    y, radius = FUNCTIONS[nonlinearity].rule(z, np.zeros_like(z), PRECISIONS[dtype])
    assert (radius >= FUNCTIONS[nonlinearity].k * 2 * PRECISIONS[dtype].unit * np.abs(y)).all()
    assert (radius >= PRECISIONS[dtype].tiny).all()


@each_dtype
def test_a_sigmoid_may_be_flushed_up_to_twice_the_smallest_normal_number(dtype):
    tiny = PRECISIONS[dtype].tiny
    z = np.log([1.42 * tiny, 2.1 * tiny])  # the first is where oneDNN still returns 0
    y, radius = FUNCTIONS["sigmoid"].rule(z, np.zeros_like(z), PRECISIONS[dtype])
    by_tanh = dtype == "float32"  # float64's tanh, which loses far more, allows it too
    assert (y - radius <= 0).tolist() == [True, by_tanh]


@each_dtype
@pytest.mark.parametrize("nonlinearity", FUNCTIONS)
def test_an_infinite_radius_stays_infinite_or_is_the_range(nonlinearity, dtype):
    z = np.array([-5.0, 0.0, 5.0, 100.0])
    with np.errstate(all="ignore"):
        _, radius = FUNCTIONS[nonlinearity].rule(z, np.full_like(z, np.inf), PRECISIONS[dtype])
    assert radius.tolist() == [np.inf] * 4


@each_dtype
def test_a_relu_has_exactly_the_radius_that_reaches_the_farther_end_of_its_image(dtype):
    z, r = (array.ravel() for array in np.meshgrid(np.arange(-24, 25) / 8, np.arange(33) / 8))
    centre, radius = activation.relu(z, r, PRECISIONS[dtype])
    ends = np.maximum(z - r, 0), np.maximum(z + r, 0)
    assert np.array_equal(centre, np.maximum(z, 0))
    assert np.array_equal(radius, np.maximum(np.abs(ends[0] - centre), np.abs(ends[1] - centre)))


@each_dtype
def test_an_exactly_saturated_tanh_is_decided_by_the_whole_interval(dtype):
    z = np.array([40.0, -40.0, 40.0, -40.0])
    r = np.array([8.0, 8.0, 8.25, 8.25])
    y, radius = activation.tanh(z, r, PRECISIONS[dtype])
    assert ONE_FROM == 32
    assert np.array_equal(y, [1, -1, 1, -1])
    assert (radius == 0).tolist() == [True, True, False, False]


def test_a_sigmoid_that_was_computed_in_float64_may_be_smaller_than_float32_holds():
    wider = PRECISIONS["float32"]._replace(casts=1)
    z = np.array([-200.0])
    y, radius = activation.sigmoid(z, np.zeros(1), wider)
    assert 0 < np.exp(z) <= y + radius
    assert activation.sigmoid(z, np.zeros(1), PRECISIONS["float32"])[1].item() == 0


@pytest.mark.parametrize("z", [-30.0, -34.0, -50.0, -100.0])
def test_a_sigmoid_by_way_of_float64s_tanh_lies_inside(z):
    y, radius = activation.sigmoid(np.array([z]), np.array([0.0]), PRECISIONS["float32"])
    by_tanh = np.float32(0.5 * (1 + np.tanh(0.5 * z)))
    assert abs(float(by_tanh) - y[0]) <= radius[0]
    assert abs(float(by_tanh) - y[0]) > y[0] * 2.0**-20, "it needs more than K alone"
