"""What right arithmetic can give, from the equation z = W x + U h + b_W + b_U.

The terms are exact, their sum is taken in many orders, and the activations are Arb's. From the
harness comes only `pending`, the sum to be judged. Values are compared as rationals or certified
balls, never as floats.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from flint import arb, ctx, fmpq
from hypothesis import strategies as st

from harness.judge.bounds.enclosure import point
from references.cells.rnn import notebook_step

WIDER = {"float32": np.float64, "float64": np.longdouble}
BITS = 320  # of Arb
KINDS = ("ordinary", "integers", "ties", "wide", "subnormal", "tiny", "large", "huge")


class Cell(NamedTuple):
    """One step of one row of the batch, for R of the H units, all in one dtype."""

    W: np.ndarray  # (R, I)
    U: np.ndarray  # (R, H)
    b_W: np.ndarray  # (R,)
    b_U: np.ndarray  # (R,)
    x: np.ndarray  # (I,)
    h: np.ndarray  # (H,)

    @property
    def dtype(self) -> str:
        return self.W.dtype.name

    @property
    def units(self) -> range:
        return range(self.b_W.size)


def exact_terms(cell: Cell, unit: int) -> list[Fraction]:
    """The I + H products and two biases of one unit."""
    pairs = zip([*cell.W[unit], *cell.U[unit]], [*cell.x, *cell.h], strict=True)
    return [exactly(a) * exactly(b) for a, b in pairs] + [
        exactly(b[unit]) for b in (cell.b_W, cell.b_U)
    ]


def smallest_normal(dtype: str) -> Fraction:
    return Fraction(2) ** {"float32": -126, "float64": -1022}[dtype]


def rounded(value: Fraction, dtype: str) -> Fraction | float:
    """To nearest, ties to even, with gradual underflow; IEEE 754, section 4.3.1.

    An infinity where it overflows.
    """
    p, lowest, highest = {"float32": (24, -126, 127), "float64": (53, -1022, 1023)}[dtype]
    if value == 0:
        return value
    exponent = abs(value.numerator).bit_length() - value.denominator.bit_length()
    if abs(value) < Fraction(2) ** exponent:
        exponent -= 1
    quantum = Fraction(2) ** (max(exponent, lowest) - p + 1)
    result = round(value / quantum) * quantum
    return (
        result
        if abs(result) < Fraction(2) ** (highest + 1)
        else float("inf" if result > 0 else "-inf")
    )


def every_partial_sum_fits(terms: list[Fraction], dtype: str) -> bool:
    """Whether each sum of some of the terms is zero or a normal number: every order and tree meets
    no other sums than these.
    """
    sums = {Fraction(0)}
    for term in terms:
        sums |= {partial + term for partial in sums}
    return all(
        s == 0 or (rounded(s, dtype) == s and abs(s) >= smallest_normal(dtype)) for s in sums
    )


def orders(cell: Cell, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Right evaluations of z (R,) by name: orders, trees, accumulators, contractions, foldings,
    flushings.
    """
    shuffle = np.random.default_rng(seed).permutation
    factors = (
        np.concatenate([cell.W, cell.U], axis=1).T,
        np.concatenate([cell.x, cell.h])[:, np.newaxis],
    )
    with np.errstate(all="ignore"):
        terms = np.concatenate(
            [factors[0] * factors[1], cell.b_W[np.newaxis], cell.b_U[np.newaxis]]
        )  # (n, R)
        n, I = terms.shape[0], cell.x.size
        grouped = terms[:I], terms[I:-2]
        yield "left to right", _run(terms)
        yield "right to left", _run(terms[::-1])
        for index in range(3):
            yield f"shuffled {index}", _run(terms[shuffle(n)])
        yield "growing", _run(np.take_along_axis(terms, np.argsort(np.abs(terms), axis=0), axis=0))
        yield "falling", _run(np.take_along_axis(terms, np.argsort(-np.abs(terms), axis=0), axis=0))
        yield "pairwise", _tree(terms)
        yield "pairwise, shuffled", _tree(terms[shuffle(n)])
        yield "four lanes", _tree(np.stack([_run(terms[lane::4]) for lane in range(min(4, n))]))
        yield (
            "blocks of three",
            _run(np.stack([_run(terms[start : start + 3]) for start in range(0, n, 3)])),
        )
        yield (
            "folded bias",
            _run(np.stack([_run(grouped[0]), _run(grouped[1]), cell.b_W + cell.b_U])),
        )
        yield (
            "folded bias first",
            _run(np.concatenate([(cell.b_W + cell.b_U)[np.newaxis], *grouped])),
        )
        yield "keras", (_run(grouped[0]) + (cell.b_W + cell.b_U)) + _run(grouped[1])
        yield "torch", (_run(grouped[0]) + cell.b_W) + (_run(grouped[1]) + cell.b_U)
        wide = [array.astype(WIDER[cell.dtype]) for array in (*factors, terms[-2:])]
        yield "wider", _run(np.concatenate([wide[0] * wide[1], wide[2]])).astype(cell.dtype)
        yield "wider, products rounded", _run(terms.astype(WIDER[cell.dtype])).astype(cell.dtype)
        tiny = float(smallest_normal(cell.dtype))
        for name, order in (("flushed", np.arange(n)), ("flushed, shuffled", shuffle(n))):
            yield (
                name,
                _flushed_run(
                    *factors,
                    terms[-2:],
                    order,
                    lambda a: np.where(np.abs(a) < tiny, np.zeros_like(a), a),
                ),
            )
    yield "fma", _fma(cell, range(n - 2), bias_first=True)
    yield "fma, shuffled", _fma(cell, shuffle(n - 2), bias_first=False)


def _run(terms: np.ndarray) -> np.ndarray:
    """One accumulator."""
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _tree(terms: np.ndarray) -> np.ndarray:
    """Neighbours in pairs, again and again."""
    while terms.shape[0] > 1:
        even = terms.shape[0] // 2 * 2
        terms = np.concatenate([terms[0:even:2] + terms[1:even:2], terms[even:]])
    return terms[0]


def _flushed_run(
    left: np.ndarray,
    right: np.ndarray,
    biases: np.ndarray,
    order: np.ndarray,
    flush: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Subnormal operands and results read as zero."""
    terms = np.concatenate([flush(flush(left) * flush(right)), flush(biases)])[order]
    return np.stack(list(accumulate(terms, lambda total, term: flush(total + term))))[-1]


def _fma(cell: Cell, order: range | np.ndarray, bias_first: bool) -> np.ndarray:
    """Each product is added unrounded: one rounding for both (IEEE 754, section 5.4.1)."""
    totals = []
    for unit in cell.units:
        *products, b_W, b_U = exact_terms(cell, unit)
        addends = (
            [b_W, b_U, *(products[i] for i in order)]
            if bias_first
            else [*(products[i] for i in order), b_W, b_U]
        )
        total: Fraction | float = Fraction(0)
        for addend in addends:
            total = total if isinstance(total, float) else rounded(total + addend, cell.dtype)
        totals.append(float(total))
    return np.array(totals, cell.dtype)


def ball(value: Fraction | float | np.floating) -> arb:
    """A number as an Arb ball, exact up to 4 * BITS bits."""
    fraction = exactly(value)
    with ctx.workprec(4 * BITS):
        return arb(fmpq(fraction.numerator, fraction.denominator))


def activated(nonlinearity: str, z: Fraction | float | np.floating) -> arb:
    """The activation's true value."""
    with ctx.workprec(BITS):
        at = ball(z)
        if nonlinearity == "tanh":
            return at.tanh()
        if nonlinearity == "softsign":
            return at / (1 + abs(at))
        small = (-abs(at)).exp()  # never overflows
        return (small if z < 0 else 1) / (1 + small)


def surely_within(value: arb, centre: float, radius: float) -> bool:
    """Whether the whole ball lies inside centre +- radius."""
    with ctx.workprec(BITS):
        return bool(abs(value - ball(centre)) <= ball(radius))


def exactly(value: Fraction | float | np.floating) -> Fraction:
    """A finite number as a rational."""
    return value if isinstance(value, Fraction) else Fraction(float(value))


def share(value: np.floating, centre: float, radius: float) -> Fraction:
    """How much of the radius a value uses up."""
    return abs(exactly(value) - Fraction(centre)) / exactly(radius)


def pending(cell: Cell) -> Any:
    """The enclosure's sum (R, 1): the hand-written line on points, up to the activation."""
    b = point(cell.b_W[:, np.newaxis]) + point(cell.b_U[:, np.newaxis])
    return notebook_step(
        point(cell.W),
        point(cell.U),
        b,
        point(cell.x[:, np.newaxis]),
        point(cell.h[:, np.newaxis]),
        lambda z: z,
    )


@st.composite
def cells(
    draw: st.DrawFn,
    kinds: tuple[str, ...] = KINDS,
    dtypes: tuple[str, ...] = ("float32", "float64"),
    most: int = 5,
) -> Cell:
    """Cells whose every array is of a kind of its own; in every second one the bias cancels the
    rest.
    """
    dtype, I, H = (
        draw(st.sampled_from(dtypes)),
        draw(st.integers(1, most)),
        draw(st.integers(1, most)),
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shapes = ((H, I), (H, H), (H,), (H,), (I,), (H,))
    cell = Cell(*(numbers(draw(st.sampled_from(kinds)), shape, dtype, rng) for shape in shapes))
    if draw(st.booleans()):
        with np.errstate(all="ignore"):
            rest = cell.W @ cell.x + cell.U @ cell.h + cell.b_U
        cell = cell._replace(b_W=np.where(np.isfinite(rest), -rest, cell.b_W))
    return cell


def numbers(kind: str, shape: tuple[int, ...], dtype: str, rng: np.random.Generator) -> np.ndarray:
    """Finite numbers of one kind: the corners of the format, and ordinary ones."""
    p, lowest, highest = {"float32": (24, -126, 127), "float64": (53, -1022, 1023)}[dtype]
    mantissas = rng.integers(2 ** (p - 1), 2**p, shape).astype(np.float64) * rng.choice(
        [-1.0, 1.0], shape
    )
    if kind == "integers":
        values = np.trunc(mantissas / 2.0 ** rng.integers(0, p))
    elif kind == "ties":
        values = rng.choice(
            [
                0.0,
                1.0,
                -1.0,
                1.5,
                1 + 2.0 ** (1 - p),
                2.0**-p,
                -(2.0**-p),
                3 * 2.0**-p,
                2.0 ** (1 - p),
            ],
            shape,
        )
    else:
        ends = {
            "ordinary": (-3, 1),
            "wide": (-2 * p, 2 * p),
            "subnormal": (lowest - p, lowest + 2),
            "tiny": (lowest // 2 - p, lowest // 2 + 4),
            "large": (highest // 2 - 4, highest // 2 + 1),
            "huge": (highest - 4, highest),
        }[kind]
        values = np.ldexp(mantissas, rng.integers(*ends, shape) - (p - 1))
    return values.astype(dtype)
