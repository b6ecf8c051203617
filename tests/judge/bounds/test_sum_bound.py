"""The bounds of a sum are those of NUMERICS.md and no others: never less than the derivation asks
for, and hardly more.
"""

from fractions import Fraction
from functools import partial
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.judge.bounds import sum_bound as module
from harness.judge.bounds.enclosure import enclosed, point
from harness.judge.bounds.grid import NO_BITS
from harness.judge.bounds.precision import PRECISIONS
from harness.judge.bounds.sum_bound import LOST, SumBound, leaf_bound
from harness.judge.judge import judge
from references.case import Case, CellWeights, Config
from references.numpy_rnn import run
from tests.judge.oracle import Cell, cells, exact_terms, exactly, pending, smallest_normal

DTYPES = ("float32", "float64")
U = {"float32": Fraction(1, 2**24), "float64": Fraction(1, 2**53)}
# More than what the bounds' own arithmetic rounds adds to a radius.
SLACK = {"float32": Fraction(1, 2**16), "float64": Fraction(1, 2**38)}
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


def higham(n: int, u: Fraction) -> Fraction:
    """gamma_n, as a rational."""
    return n * u / (1 - n * u)


def derived(cell: Cell, unit: int) -> Fraction:
    """Rules 2 to 4: gamma of the magnitudes, once more for the float64 centre, subnormal operands
    in full, one tiny per operation. A term counts where the input, or the bias of some unit, is not
    0; no input counts whose weights are 0 in all units."""
    terms = exact_terms(cell, unit)
    sides = ((cell.W, cell.x), (cell.U, cell.h))
    n = sum(int(np.count_nonzero(row)) for weights, row in sides if weights.any())
    n += sum(bool(bias.any()) for bias in (cell.b_W, cell.b_U))
    tiny = smallest_normal(cell.dtype)
    pairs = [
        *zip([*cell.W[unit], *cell.U[unit]], [*cell.x, *cell.h], strict=True),
        (cell.b_W[unit], 1),
        (cell.b_U[unit], 1),
    ]
    read_as_zero = [
        abs(exactly(a) * exactly(b))
        for a, b in pairs
        if any(0 < abs(exactly(v)) < tiny for v in (a, b))
    ]
    share = higham(n, U[cell.dtype]) + higham(n, U["float64"])
    return share * sum(map(abs, terms)) + sum(read_as_zero) + 2 * n * tiny


def assert_as_derived(cell: Cell) -> int:
    """How many of the units have a radius that is neither 0 nor infinite; for these it is what was
    derived.
    """
    with np.errstate(all="ignore"):
        radius = pending(cell).decide()[1][:, 0]
    rounded = [unit for unit in cell.units if 0 < radius[unit] < np.inf]
    for unit in rounded:
        least = derived(cell, unit)
        # Products below the smallest double are lost, 2^-1074 each: nothing beside the smallest
        # normal numbers.
        assert exactly(radius[unit]) >= least - smallest_normal(cell.dtype) / 2**20, (
            f"unit {unit}: less than the derivation asks for"
        )
        assert exactly(radius[unit]) <= least * (1 + SLACK[cell.dtype]), (
            f"unit {unit}: wider than derived"
        )
    return len(rounded)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, derandomize=True)
@given(cells())
def test_a_radius_is_what_was_derived_and_hardly_more(cell):
    assert_as_derived(cell)


FULL = {
    "an input read as zero": ([2.0**127], [2.0**-127]),
    "a weight read as zero": ([2.0**-127], [2.0**127]),
    "an input of many read as zero": ([0.3, 2.0**100, 0.1], [0.7, 2.0**-127, 0.9]),
    "nothing but roundings": ([0.3, 0.1], [0.7, 0.9]),
    "nothing but underflow": ([2.0**-100, 2.0**-90], [2.0**-60, 2.0**-60]),
}


@pytest.mark.parametrize(("W", "x"), FULL.values(), ids=FULL)
def test_each_part_of_a_radius_is_there_in_full_and_once(W, x):
    assert (
        assert_as_derived(
            Cell(*(np.array(part, "float32") for part in ([W], [[0.7]], [0.3], [0.2], x, [0.1])))
        )
        == 1
    )
    assert (
        assert_as_derived(
            Cell(*(np.array(part, "float32") for part in ([W], [[0]], [0], [0], x, [0])))
        )
        == 1
    )


def test_a_bias_that_may_be_read_as_zero_is_allowed_for_in_full_and_once():
    for b_W, b_U in (
        (2.0**-127, 2.0**-130),
        (0, 2.0**-128),
        (2.0**-128, 0),
        (2.0**-127, -(2.0**-127)),
    ):
        assert (
            assert_as_derived(
                Cell(
                    *(np.array(part, "float32") for part in ([[0]], [[0]], [b_W], [b_U], [0], [0]))
                )
            )
            == 1
        )


@each_dtype
@pytest.mark.parametrize("n", [4, 1000, 2**20])
def test_what_was_computed_of_a_long_sum_may_itself_be_short_by_its_rounding(dtype, n):
    rounding = higham(n, U[dtype])  # of the bounds' own arithmetic
    true = 1 / (1 - rounding)  # as large as it may be where 1 was computed
    for magnitude, flushed, share in ((1, 0, rounding + higham(n, U["float64"])), (0, 1, 1)):
        grid = partial(np.array, [-2000])
        z = SumBound(
            np.ones(1),
            np.full(1, float(magnitude)),
            grid,
            np.full(1, float(flushed)),
            n,
            PRECISIONS[dtype],
        )
        least = share * true + 2 * n * smallest_normal(dtype)
        assert (
            least <= Fraction(z.decide()[1].item()) <= least * (1 + 3 * rounding / 2 + SLACK[dtype])
        )


@each_dtype
@pytest.mark.parametrize("n", [4, 1000])
def test_what_was_computed_of_a_long_spread_may_itself_be_short_by_its_rounding(dtype, n):
    zero, one = np.zeros(1), np.ones(1)
    z = SumBound(one, zero, partial(np.array, [-2000]), 0.0, n, PRECISIONS[dtype], one)
    rounding = higham(n + 3, U[dtype])  # of n products, their sum and the sides of each
    assert 1 + rounding <= Fraction(z.decide()[1].item()) <= 1 + 300 * rounding + SLACK[dtype]


@each_dtype
@pytest.mark.parametrize("n", [16, 1000, 2**16])
def test_a_sum_may_overflow_from_where_its_magnitude_and_twice_gamma_reach_the_largest_number(
    dtype, n
):
    rounding = higham(n, U[dtype])  # of the magnitude, too
    limit = Fraction(PRECISIONS[dtype].huge) / (1 + 2 * rounding)
    for factor, expected in (
        (1 - 2 * rounding - SLACK[dtype], False),
        (1 - rounding, True),
        (0, False),
    ):
        magnitude = np.array([float(limit * factor)])
        z = SumBound(magnitude, magnitude, partial(np.zeros, 1, int), 0.0, n, PRECISIONS[dtype])
        with np.errstate(over="ignore"):
            assert z.decide()[2].item() == expected
    for magnitude in (np.inf, np.nan):
        z = SumBound(
            np.ones(1), np.array([magnitude]), partial(np.zeros, 1, int), 0.0, n, PRECISIONS[dtype]
        )
        assert z.decide()[2].item()


@each_dtype
def test_where_a_sum_has_so_many_terms_that_gamma_is_infinite_anything_is_allowed(dtype):
    one = np.ones(1)
    _, radius, overflows = SumBound(
        one, one, partial(np.array, [-200]), 0.0, 2**60, PRECISIONS[dtype]
    ).decide()
    assert (radius.item(), overflows.item()) == (np.inf, True)


def test_terms_are_counted_for_each_row_of_inputs_alone():
    x = np.array([[0.1, 0.1], [0.2, 0.0], [0.3, 0.0]], "float32")
    z = np.dot(point(np.ones((1, 3), "float32")), point(x))
    assert z.bound().terms.ravel().tolist() == [3, 1]
    narrow, wide = (np.dot(point(np.ones((1, 1), "float32")), point(x[:1])), z)
    assert wide.decide()[1][0, 1] == narrow.decide()[1][0, 1]
    assert wide.decide()[1][0, 0] > 2 * wide.decide()[1][0, 1]


# Products of values, and enclosed numbers.


def number(draw, dtype):
    """A stored number of any size that multiplies without overflow."""
    exponent = draw(st.integers(-40, 20))
    return np.asarray(draw(st.integers(-(2**24), 2**24)) * 2.0**exponent, dtype)


LOOSE = (0, 1, 3)  # the places of enclosed numbers


@st.composite
def polynomials(draw):
    """a * b + c * d - e, of which a, b and d lie somewhere in enclosures."""
    dtype = draw(st.sampled_from(DTYPES))
    a, b, c, d, e = (number(draw, dtype) for _ in range(5))
    share = draw(st.sampled_from([0.0, 2.0**-20, 2.0**-3]))
    return dtype, (a, b, c, d, e), share, draw(st.integers(0, 4))


@pytest.mark.slow
@settings(max_examples=400, deadline=None, derandomize=True)
@given(polynomials())
def test_every_evaluation_of_a_polynomial_in_enclosed_numbers_lies_inside(polynomial):
    dtype, numbers, share, ways = polynomial
    precision = PRECISIONS[dtype]
    exact_ones = [point(one.reshape(1, 1)) for one in numbers]
    loose = [
        enclosed(one.astype("float64").reshape(1, 1), np.abs(one * share).reshape(1, 1), precision)
        for one in numbers
    ]
    a, b, c, d, e = (loose[i] if share and i in LOOSE else exact_ones[i] for i in range(5))
    centre, radius, _ = (a * b + c * d - e).decide()
    for turn in (-1, 0, 1):
        stored = [
            np.asarray(one * (1 + turn * share * (i in LOOSE)), dtype)
            for i, one in enumerate(numbers)
        ]
        stored = [
            s if abs(s - n) <= abs(n * share) else n for s, n in zip(stored, numbers, strict=True)
        ]
        p, q, r, s, t = stored
        with np.errstate(all="ignore"):
            values = [
                np.asarray(v)
                for v in (
                    p * q + r * s - t,
                    r * s - t + p * q,
                    p * q - (t - r * s),
                    np.asarray(p.astype("float64") * q + r.astype("float64") * s - t, dtype),
                )
            ]
        value = exactly(values[ways % 4].item())
        if radius.item() == np.inf:
            continue
        assert abs(value - Fraction(centre.item())) <= Fraction(radius.item())
        true = exactly(p) * exactly(q) + exactly(r) * exactly(s) - exactly(t)
        assert abs(true - Fraction(centre.item())) <= Fraction(radius.item())
        if radius.item() == 0:
            assert value == true


@each_dtype
def test_a_product_of_values_is_exact_where_its_bits_fit_and_not_beyond(dtype):
    bits = PRECISIONS[dtype].bits
    half = point(np.full((1, 1), 2.0 ** (bits // 2) - 1, dtype))
    assert (half * half).decide()[1].item() == 0
    long = point(np.full((1, 1), 2.0 ** (bits - 2) - 1, dtype))
    assert (long * long).decide()[1].item() > 0
    assert (long * 0).decide()[1].item() == 0


@each_dtype
def test_what_underflows_within_a_product_is_allowed_for_by_what_it_is_multiplied_with(dtype):
    precision = PRECISIONS[dtype]
    small = np.asarray(np.sqrt(precision.tiny) / 4, dtype)  # its square may be read as zero
    large = np.asarray(2.0**20, dtype)
    values = (point(one.reshape(1, 1)) for one in (small, small, large))
    first, second, third = values
    centre, radius, _ = (first * second * third).decide()
    assert exactly(centre.item()) <= Fraction(radius.item())


@each_dtype
def test_what_overflows_within_a_product_may_be_anything(dtype):
    huge = point(np.full((1, 1), np.sqrt(PRECISIONS[dtype].huge) * 2, dtype))
    small = point(np.full((1, 1), 2.0**-60, dtype))
    assert (huge * huge * small).decide()[1].item() == np.inf
    assert (huge * huge * 0).decide()[1].item() == np.inf


@each_dtype
def test_a_sum_that_overflows_before_it_is_multiplied_may_be_anything(dtype):
    small = point(np.full((1, 1), 2.0**-60, dtype))
    for share, is_infinite in ((0.7, True), (0.4, False)):
        huge = point(np.full((1, 1), PRECISIONS[dtype].huge * share, dtype))
        for product in (
            (huge + huge) * small,
            small * (huge + huge),
            np.dot(small.observed, huge + huge),
            (huge + huge) * 0,
        ):
            with np.errstate(all="ignore"):
                assert np.isposinf(product.decide()[1].item()) == is_infinite
    largest = point(np.full((1, 2), PRECISIONS[dtype].huge, dtype))  # a stored number has not
    assert np.isfinite((largest * small).decide()[1]).all()


@each_dtype
def test_a_sum_that_may_be_read_as_zero_before_it_is_multiplied_is_not_exact(dtype):
    precision = PRECISIONS[dtype]
    large = point(np.full((1, 1), 2.0**60, dtype))
    for scale, is_exact in ((0.25, False), (1, True)):
        # Two normal numbers, whose difference is `scale` times the smallest.
        near = (np.full((1, 1), precision.tiny * share, dtype) for share in (2 + scale, 2))
        one, other = map(point, near)
        factor = (one - other).bound()
        columns = np.dot(large.observed, one - other)
        for product in (
            (one - other) * large,
            large * (one - other),
            (one - other) * (large + large),
            columns,
        ):
            centre, radius, _ = product.decide()
            assert (radius.item() == 0) == is_exact
            assert is_exact or exactly(centre.item()) <= Fraction(radius.item())
        assert factor.as_factor().as_factor().grid().item() == factor.as_factor().grid().item()


@each_dtype
def test_a_candidate_that_overflows_before_its_reset_is_no_difference(dtype):
    """r (U_n h) is inf - inf, times nearly 0, in the loop itself: NaN, in most orders."""
    W, U, b = np.zeros((6, 1), dtype), np.zeros((6, 2), dtype), np.zeros(6, dtype)
    U[4:] = PRECISIONS[dtype].huge * np.array([0.9, -0.9])
    b[:2] = -10
    config = Config(1, 2, dtype=dtype, cell="gru")
    h_0 = np.full((1, 1, 2), 4, dtype)
    case = Case(config, (CellWeights(W, U, b),), np.zeros((1, 1, 1), dtype), h_0)
    nan = np.full((1, 1, 2), np.nan, dtype)
    for implementation in (run, lambda case: nan):
        assert judge(case, implementation, calls=1).kind == "inconclusive"


@each_dtype
def test_an_enclosed_state_widens_what_is_multiplied_by_it(dtype):
    U = np.array([[0.5, -0.25]], dtype)
    centre, radius = np.array([[0.5], [0.75]]), np.array([[2.0**-10], [2.0**-12]])
    z = np.dot(point(U), enclosed(centre, radius, PRECISIONS[dtype]))
    spread = 0.5 * 2.0**-10 + 0.25 * 2.0**-12
    assert spread <= z.decide()[1].item() <= spread * (1 + 2.0**-10)
    exact = np.dot(point(U), point(centre.astype(dtype)))
    assert exact.decide()[1].item() == 0


def test_a_radius_that_float32_cannot_hold_leaves_nothing_exact():
    one = point(np.ones((1, 1), "float32"))
    leaf = enclosed(np.full((1, 1), 0.5), np.full((1, 1), 1e-50), PRECISIONS["float32"])
    for value in (np.dot(one.observed, leaf), leaf * one, leaf + one):
        assert value.decide()[1].item() > 0


def test_a_choice_between_stored_numbers_keeps_the_radius_of_each():
    one = enclosed(np.ones((1, 2)), np.full((1, 2), 0.25), PRECISIONS["float32"])
    other = point(np.zeros((1, 2), "float32"))
    centre, radius, _ = np.where(np.array([True, False]), one, other).enclosure
    assert centre.tolist() == [[1, 0]]
    assert radius.tolist() == [[0.25, 0]]


# Each number of an array has the bounds that it has alone.


def leaves(dtype):
    """Centres and radii: zeros, subnormal and huge numbers, infinities, NaN; exact and enclosed."""
    precision = PRECISIONS[dtype]
    tiny, huge = precision.tiny, precision.huge
    centres = (0.0, tiny / 2, -tiny, -1.5, 3 * tiny, huge, -np.sqrt(huge), np.inf, np.nan)
    radii = 0.0, tiny / 4, 2 * tiny, 0.5, np.inf
    return [(centre, radius) for centre in centres for radius in radii]


def bounds_of(numbers, precision):
    centres, radii = (np.array([part]) for part in zip(*numbers, strict=True))
    return leaf_bound(centres, radii if radii.any() else 0.0, precision)


@each_dtype
def test_a_stored_number_has_the_bounds_of_rule_1_whatever_stands_beside_it(dtype):
    precision = PRECISIONS[dtype]
    for numbers in combinations(leaves(dtype), 2):
        with np.errstate(all="ignore"):
            bound = bounds_of(numbers, precision)
            grid = np.full((1, 2), -NO_BITS) if bound.grid is None else bound.grid()
            for place, (c, r) in enumerate(numbers):
                up = precision.upward(np.array([r]))
                r, most = up.item(), (precision.of_bounds(np.array([abs(c)])) + up).item()
                may_be_subnormal = abs(c) - r < precision.tiny and most > 0
                lost = min(most, precision.tiny) if may_be_subnormal else 0.0
                assert np.array_equal(bound.magnitude[0, place], most, equal_nan=True)
                flushed = np.broadcast_to(bound.flushed, (1, 2))
                assert flushed[0, place] == lost, numbers
                assert (grid[0, place] > -NO_BITS) >= (r == 0 and lost == 0)
                assert r == lost == 0 or grid[0, place] == -NO_BITS


@each_dtype
@pytest.mark.parametrize("is_sum", [False, True])
def test_a_product_has_the_bounds_of_each_pair_of_numbers_alone(dtype, is_sum):
    """One of them may be a difference, which may overflow before it is multiplied."""
    precision, choice = PRECISIONS[dtype], np.random.default_rng(4)
    every = [one for one in leaves(dtype) if np.isfinite(one).all()]
    for count in (2, 3) * 150:
        pairs = [[every[i] for i in choice.integers(len(every), size=2)] for _ in range(count)]
        some = [pairs, *([pair] for pair in pairs)]
        with np.errstate(all="ignore"):
            decisions = []
            for chosen in some:
                one, other = (bounds_of(side, precision) for side in zip(*chosen, strict=True))
                result = (one - other if is_sum else one) * other
                decisions.append(
                    np.concatenate([np.atleast_2d(part) for part in result.decide()[:2]])
                )
        whole, alone = decisions[0], np.concatenate(decisions[1:], axis=1)
        # Nobody looks at the grids of an array in which all numbers are enclosed.
        alone[1] = np.where(whole[1] == 0, 0, alone[1])
        np.testing.assert_array_equal(whole, alone, str(pairs))


@each_dtype
def test_a_product_may_overflow_from_where_its_magnitude_and_its_roundings_do(dtype):
    precision = PRECISIONS[dtype]
    root = 2.0 ** (PRECISIONS[dtype].bits // 2)
    for share, is_infinite in ((1.001, False), (0.999, True)):
        factors = np.array([[root, 1.0]]), np.array([[precision.huge / LOST / root / share, 1.0]])
        one, other = (leaf_bound(factor, 0.0, precision) for factor in factors)
        with np.errstate(over="ignore"):
            assert np.isposinf((one * other).magnitude).tolist() == [[is_infinite, False]]
    with np.errstate(all="ignore"):
        one, other = (leaf_bound(np.array([[c, 1.0]]), 0.0, precision) for c in (0.0, np.inf))
        assert np.isposinf((one * other).magnitude).tolist() == [[True, False]]


def test_a_product_spreads_as_far_as_its_sides_and_no_further():
    precision = PRECISIONS["float32"]
    one, half = np.ones((1, 1)), np.full((1, 1), 0.5)
    around_zero, exact = leaf_bound(0 * one, half, precision), leaf_bound(one, 0.0, precision)
    assert 0.25 <= (around_zero * around_zero).spread.item() < 0.25 + 2.0**-20
    assert (exact * around_zero).spread.item() == (around_zero * exact).spread.item()
    assert 0.5 <= (exact * around_zero).spread.item() < 0.5 + 2.0**-20
    for product in (around_zero * (exact - exact), (exact - exact) * around_zero):
        assert 0 < product.spread.item() < 2.0**-45


@each_dtype
def test_a_difference_has_the_centre_of_the_difference_and_a_negated_sum_the_other_sign(dtype):
    precision = PRECISIONS[dtype]
    one, other = (leaf_bound(np.array([[c]]), 0.0, precision) for c in (3.0, 5.0))
    assert [(z.centre.item(), z.magnitude.item()) for z in (one - other, one + other, -one)] == [
        (-2, 8),
        (8, 8),
        (-3, 3),
    ]
    three, five = (point(np.full((1, 1), c, dtype)) for c in (3, 5))
    square = three * three
    assert (square - five * five).decide()[0].item() == -16
    assert (five - square).decide()[0].item() == -4
    assert (np.dot(three, five) - square).decide()[0].item() == 6


# Exactness.


def exact(W, U, b_W, b_U, x, h, dtype):
    """Whether each unit's sum is called exact."""
    cell = Cell(*(np.array(part, dtype) for part in (W, U, b_W, b_U, x, h)))
    return (pending(cell).decide()[1][:, 0] == 0).tolist()


@each_dtype
@pytest.mark.parametrize("scale", [2.0**-60, 1.0, 2.0**60])
def test_a_zero_among_the_terms_costs_no_exactness(dtype, scale):
    assert exact([[3 * scale, 0]], [[0]], [5 * scale], [0], [1, 7], [0], dtype) == [True]
    assert exact([[3 * scale, 5 * scale]], [[scale]], [0], [0], [0, 1], [0], dtype) == [True]
    assert exact([[0, 0]], [[0]], [3 * scale], [-scale], [0, 0], [0], dtype) == [True]


@each_dtype
def test_a_sum_of_nothing_but_zeros_is_exactly_zero_however_fine_its_factors_are(dtype):
    assert exact([[0]], [[0]], [0], [0], [0], [0], dtype) == [True]
    assert exact([[0.1, 0.3]], [[0.7]], [0], [0], [0, 0], [0], dtype) == [True]
    assert exact([[2.0**-60, 0]], [[0]], [0], [0], [0, 1], [0], dtype) == [True]
    for nonlinearity in ("tanh", "softsign", "relu", "linear"):
        zero = Cell(*(np.zeros(shape, dtype) for shape in ((1, 1), (1, 1), 1, 1, 1, 1)))
        y, radius, decided = pending(zero).activate(nonlinearity).enclosure
        assert (y.item(), radius.item(), decided.item()) == (0, 0, True)


@each_dtype
def test_exactness_is_decided_for_each_unit_and_each_row_of_the_batch_alone(dtype):
    W, U = np.array([[3, 5], [0.1, 0.3]], dtype), np.array([[1, 2], [0.7, 0.9]], dtype)
    x, h = np.array([[1, 0.1, 0], [2, 0.3, 0]], dtype), np.array([[1, 1, 0], [3, 1, 0]], dtype)
    z = np.dot(point(W), point(x)) + np.dot(point(U), point(h)) + point(np.array([[1], [2]], dtype))
    assert (z.decide()[1] == 0).tolist() == [[True, False, True], [False, False, True]]


@each_dtype
def test_one_row_alone_has_the_bounds_that_it_has_as_a_column(dtype):
    W, b = np.array([[3, 5], [0.1, 0.3], [2.0**-130, 1]], dtype), np.array([1, 0.7, 2], dtype)
    for scale, exact_ones in (
        (1.0, [True, False, False]),
        (2.0**-60, [False] * 3),
        (2.0**60, [False] * 3),
    ):
        x = np.array([scale, 2.5 * scale], dtype)
        alone = (np.dot(point(W), point(x)) + point(b)).decide()
        column = (np.dot(point(W), point(x[:, np.newaxis])) + point(b[:, np.newaxis])).decide()
        for one, other in zip(alone, column, strict=True):
            assert one.shape == (3,)
            assert np.array_equal(one, other[:, 0])
        assert (alone[1] == 0).tolist() == exact_ones


@each_dtype
def test_a_difference_has_the_bound_of_the_sum_with_the_sign_turned(dtype):
    a, b = np.array([[0.3], [5.0], [2.0**-130]], dtype), np.array([[0.7], [3.0], [0.1]], dtype)
    for x, y in ((a, b), (b, a)):
        minus, plus = (point(x) - point(y)).decide(), (point(x) + point(-y)).decide()
        assert all(np.array_equal(one, other) for one, other in zip(minus, plus, strict=True))
        assert np.array_equal(minus[0], x.astype("float64") - y.astype("float64"))


# Gates: sums that are multiplied, and summed again.


@each_dtype
def test_a_sum_is_exact_where_each_of_its_products_is_whatever_the_others_are(dtype):
    """The second state is on no grid, but its weight is 0; rows and columns alone do not show
    it.
    """
    U = np.array([[2.0**20, 0], [2.0**20, 1]], dtype)
    h = np.array([[3.0], [0.1]], dtype)
    assert (np.dot(point(U), point(h)).decide()[1][:, 0] == 0).tolist() == [True, False]
    reset = point(np.array([[0.5], [1.0]], dtype)) * point(h)
    assert (np.dot(point(U), reset).decide()[1][:, 0] == 0).tolist() == [True, False]


@each_dtype
def test_a_dot_of_products_has_the_count_and_the_depth_of_its_monomials(dtype):
    r, h = point(np.full((3, 2), 0.3, dtype)), np.full((3, 2), 0.7, dtype)
    h[1, 1] = 0
    z = np.dot(point(np.full((2, 3), 0.9, dtype)), r * point(h)).bound()
    assert (z.terms.ravel().tolist(), z.depth) == ([3, 2], 2)


@each_dtype
def test_a_product_that_is_too_small_for_any_number_is_a_monomial_all_the_same(dtype):
    """Another order does not meet it: (U r) h may be as large as 1."""
    small = point(np.full((3, 2), PRECISIONS[dtype].tiny, dtype))
    zeros = small.observed.copy()
    zeros[2, 1] = 0
    for number in (zeros[0, 0], np.nan):
        zeros[0, 0] = number
        with np.errstate(invalid="ignore"):
            z = np.dot(point(np.full((2, 3), 0.9, dtype)), small * point(zeros)).bound()
        assert z.terms.ravel().tolist() == [3, 2]


@each_dtype
@pytest.mark.parametrize("seed", range(20))
def test_every_order_of_a_dot_of_products_lies_inside(seed, dtype):
    rng = np.random.default_rng(seed)
    scale = np.asarray([1, 2.0**-60 if dtype == "float32" else 2.0**-500][seed % 2], dtype)
    U, r, h = (rng.uniform(-1, 1, 6).astype(dtype) * scale for _ in range(3))
    centre, radius, _ = np.dot(
        point(U[np.newaxis]), point(r[:, np.newaxis]) * point(h[:, np.newaxis])
    ).decide()
    with np.errstate(all="ignore"):
        terms = [U * (r * h), (U * r) * h]
        sums = [value for one in terms for value in (sum(one), sum(one[::-1]), sum(sorted(one)))]
    true = sum(exactly(a) * exactly(b) * exactly(c) for a, b, c in zip(U, r, h, strict=True))
    for value in (*map(exactly, sums), true, Fraction(0) if seed % 2 else true):
        assert abs(value - Fraction(centre.item())) <= Fraction(radius.item())


@each_dtype
def test_an_infinite_radius_goes_through_every_product_even_with_0(dtype):
    anything = enclosed(np.zeros((2, 1)), np.full((2, 1), np.inf), PRECISIONS[dtype])
    zero = point(np.zeros((2, 1), dtype))
    with np.errstate(all="ignore"):
        for value in (
            anything * zero,
            zero * anything,
            anything - anything,
            np.dot(point(np.zeros((2, 2), dtype)), anything),
            np.dot(point(np.zeros((2, 2), dtype)), anything * zero),
        ):
            for activation in ("tanh", "sigmoid", "linear"):
                leaf = value.activate(activation)
                assert np.isposinf(leaf.radius).all()
                assert np.isposinf((leaf * zero).decide()[1]).all()


@pytest.mark.parametrize(
    ("dtype", "exponent"),
    [("float32", e) for e in (0, -12, -60, -126)]
    + [("float64", e) for e in (0, -800, -920, -1021)],
)
def test_what_is_read_as_zero_is_one_number_only_where_no_radius_shows_it(
    dtype, exponent, monkeypatch
):
    rng = np.random.default_rng(8)
    precision = PRECISIONS[dtype]
    centres = rng.uniform(0.5, 1, (2, 3, 50)) * np.array([1.0, 2.0**exponent]).reshape(2, 1, 1)
    radii = centres * rng.uniform(0, 1e-6, centres.shape)

    def radius():
        one, other = (enclosed(*arrays, precision) for arrays in zip(centres, radii, strict=True))
        return (one * other).decide()[1]

    short = radius()
    monkeypatch.setattr(module, "BESIDE", 0.0)
    assert np.array_equal(short, radius())
