"""Arrays that speak NumPy's protocols, so that the equation of a cell computes its own tolerance.

A value is a leaf, stored numbers that are observed or enclosed, or a polynomial in leaves. `dot`,
`+`, `-` and `*` decide nothing. An activation consumes a polynomial, decides radius and exactness
once, and gives an enclosed leaf. Deciding per operation would be wrong: 2^24 - 2^24 + 1 is 1 or 0
in float32, by the order of the sum.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from harness.judge.bounds.activation import FUNCTIONS, Activation, Rule
from harness.judge.bounds.precision import OF_DTYPE, PRECISIONS, Precision
from harness.judge.bounds.products import Operand, Product, sum_of
from harness.judge.bounds.sum_bound import SumBound, dot, leaf_bound
from references.arrays import immutable

# A radius above this share of the sum's magnitude proves nothing about a relu or linear output.
UNDECIDED_SHARE = {"float16": 2.0**-4, "float32": 2.0**-8, "float64": 2.0**-20}
RULES_OF_VALUES = "its rules are dot, +, -, *, where and the activations"
ONE = Operand(immutable(np.ones((1, 1))))  # for all verdicts


class NoRule(TypeError):
    """Says of which operation, or of which operands, the enclosure knows nothing."""


class Enclosure(NamedTuple):
    """Per element, every value of a right evaluation in the case's dtype: centre +- radius."""

    centre: np.ndarray
    radius: np.ndarray  # 0 where the value is exact, infinite where anything may come out
    decided: np.ndarray  # bool: narrow enough to prove something

    def holds(self, actual: np.ndarray) -> np.ndarray:
        """True where a number lies in its enclosure, or where that says nothing of it."""
        with np.errstate(all="ignore"):
            difference = np.abs(actual.astype(np.float64) - self.centre)
            radius = np.nan_to_num(self.radius, nan=np.inf, posinf=np.inf)
        equal = (actual == self.centre) | (np.isnan(actual) & np.isnan(self.centre))  # inf, too
        return np.asarray((difference <= radius) | equal | np.isposinf(radius))


class Value(NDArrayOperatorsMixin):
    """A leaf, or a polynomial in leaves that is not rounded yet: a sum of products and a rest."""

    def __init__(
        self,
        precision: Precision,
        ndim: int,
        products: tuple[Product, ...] = (),
        rest: SumBound | None = None,
        observed: np.ndarray | None = None,
        leaf: Enclosure | None = None,
    ) -> None:
        self.precision = precision
        self.ndim = ndim  # of the result: (H,) or (H, N)
        self.products = products
        self.rest = rest  # (N, H)
        self.observed = observed  # a leaf that is known exactly, in its own dtype
        self.leaf = leaf  # a leaf that is enclosed

    @classmethod
    def of(cls, sums: SumBound) -> "Value":
        """The polynomials (N, H) as columns (H, N)."""
        return cls(sums.precision, 2, rest=sums)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if method == "__call__" and not options:
            if ufunc in (np.add, np.subtract, np.multiply):
                a, b = map(self._lift, operands)
                return _times(a, b) if ufunc is np.multiply else _plus(a, b, ufunc is np.subtract)
            if ufunc is np.tanh:
                return self.activate("tanh")
            if ufunc is np.positive:
                return self.activate("linear")
            if ufunc is np.maximum and any(np.isscalar(z) and z == 0 for z in operands):
                return self.activate("relu")
        call = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        call += f" with {', '.join(options)}" if options else ""
        raise NoRule(f"the enclosure has no rule for numpy.{call}: {RULES_OF_VALUES}")

    def __array_function__(self, function: Any, types: Any, operands: Any, options: Any) -> Any:
        if function is np.dot and not options:
            return _dot(self._lift(operands[0]), self._lift(operands[1]))
        if function is np.where and not options:
            return _where(operands[0], *map(self._lift, operands[1:]))
        call = function.__name__
        raise NoRule(f"the enclosure has no rule for numpy.{call}: {RULES_OF_VALUES}")

    def activate(self, activation: str | Rule) -> "Value":
        """Decides the radii, then gives the activation's images: an enclosed leaf.

        `activation` is a name, or a rule of its own as in `harness.judge.bounds.activation`.
        """
        with np.errstate(all="ignore"):
            leaf = Enclosure(*self._shaped(outputs_of(self.bound(), activation)))
        return Value(self.precision, self.ndim, leaf=leaf)

    @property
    def enclosure(self) -> Enclosure:
        """What the numbers can be; a polynomial is rounded once, as it is when it is stored."""
        if self.observed is not None:
            exact = np.zeros(self.observed.shape)
            return Enclosure(self.observed.astype(np.float64), exact, exact == 0)
        return self.leaf or self.activate("linear").leaf  # type: ignore[return-value]

    @property
    def centre(self) -> np.ndarray:
        """The centres of the enclosure."""
        return self.enclosure.centre

    @property
    def radius(self) -> np.ndarray:
        """The radii of the enclosure."""
        return self.enclosure.radius

    def decide(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Centres, radii and overflows of the sums themselves."""
        with np.errstate(all="ignore"):
            z, r, overflows = self.bound().decide()
            centre, radius, overflows = self._shaped((z, r, np.broadcast_to(overflows, z.shape)))
        return centre, radius, overflows

    @property
    def terms(self) -> int:
        """How many monomials make one sum, at most, without those that are 0."""
        return int(np.max(self.bound().terms))

    def map(self, change: Callable[[np.ndarray], np.ndarray]) -> "Value":
        """Stored numbers, each changed by a function that never falls, perhaps to another dtype."""
        if self.observed is None and self.leaf is None:
            raise NoRule("the enclosure changes stored numbers only, one by one")
        before = self._ends if self.observed is None else self.observed
        changed = change(before)
        precision = self.precision if changed.dtype == before.dtype else None
        if self.observed is not None:
            return point(changed, precision)
        precision = precision or OF_DTYPE[changed.dtype]
        return enclosed(*_between(*changed.astype(np.float64)), precision)

    @property
    def _ends(self) -> np.ndarray:
        """The least and the greatest that each number of an enclosed leaf can be, (2, ...)."""
        centre, radius = self.enclosure[:2]
        ends = np.stack([centre - radius, centre + radius])
        outward = np.nextafter(ends, np.array([-np.inf, np.inf]).reshape(-1, *[1] * self.ndim))
        return np.where(radius == 0, ends, outward)

    @cached_property
    def matrix(self) -> SumBound:
        """An observed matrix as it stands, (H, K)."""
        return leaf_bound(np.asarray(self.observed).astype(np.float64), 0.0, self.precision)

    def bound(self) -> SumBound:
        """The polynomial (N, H), or the leaf."""
        with np.errstate(all="ignore"):
            products, rest = self._addends()
            if rest is not None and not products:
                return rest
            total = sum_of(products, self.precision)
            return total if rest is None else total + rest

    def _addends(self) -> tuple[tuple[Product, ...], SumBound | None]:
        """Products and rest; a leaf is one of them."""
        observed = self.observed
        if observed is not None and observed.ndim in (1, 2) and observed.size == len(observed):
            return (Product(self._operand, ONE),), None
        if observed is not None or self.leaf is not None:
            return (), self._leaf_bound
        return self.products, self.rest

    @cached_property
    def _operand(self) -> Operand:
        """A leaf as columns, (H, N); a matrix is the same."""
        if self.leaf is None:
            array, radius = np.asarray(self.observed), None
        else:
            array, radius = self.leaf.centre, self.leaf.radius.reshape(len(self.leaf.radius), -1)
        return Operand(array.reshape(len(array), -1), radius)

    @cached_property
    def _leaf_bound(self) -> SumBound:
        """A leaf (N, H)."""
        if self.leaf is None:
            array = self._rows(np.asarray(self.observed).astype(np.float64))
            return leaf_bound(array, 0.0, self.precision)
        centre, radius, _ = self.leaf
        return leaf_bound(self._rows(centre), self._rows(radius), self.precision)

    def _rows(self, array: np.ndarray) -> np.ndarray:
        """(H, N) or (H,) as (N, H)."""
        return array.reshape(1, -1) if self.ndim < 2 else array.T

    def _shaped(self, arrays: tuple[np.ndarray, ...]) -> list[np.ndarray]:
        """Arrays (N, H) as the result's (H, N) or (H,)."""
        return [array[0] if self.ndim == 1 else array.T for array in arrays]

    def _lift(self, operand: Any) -> "Value":
        if not isinstance(operand, Value):
            if np.isscalar(operand):
                return _scalar(operand, self.precision, self.ndim)
            array = np.asarray(operand)
            is_own = array.dtype == self.precision.dtype or np.iscomplexobj(array)
            operand = point(array, self.precision if is_own else None)
        lifted: Value = operand
        if lifted.precision is not self.precision:
            dtypes = f"{self.precision.dtype} with {lifted.precision.dtype}"
            raise NoRule(f"the enclosure cannot mix {dtypes}")
        return lifted


def outputs_of(
    block: SumBound, activation: str | Rule
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre, radius and decided of an activation's outputs (N, H)."""
    z, r, overflows = block.decide()
    function = FUNCTIONS[activation] if isinstance(activation, str) else Activation(activation, 2.0)
    y, radius = function.rule(z, r, block.precision)
    if block.precision.activation_error and function.k:
        radius = radius + block.precision.activation_error
    decided = radius < function.width / 4  # twice the radius covers half the range
    if activation in ("relu", "linear", "state"):
        enough = radius <= UNDECIDED_SHARE[block.precision.dtype] * block.magnitude
        decided = decided | enough if activation == "state" else enough
    return y, radius, decided & ~overflows if overflows.any() else decided


def point(array: np.ndarray, precision: Precision | None = None) -> Value:
    """An array of stored values, each taken exactly as it is; `precision` is the case's.

    Complex ones are enclosed: centre + 1j * radius. Then `precision` must be given.
    """
    precision = OF_DTYPE.get(array.dtype) if precision is None else precision
    if precision is None:
        raise NoRule(f"the enclosure takes {', '.join(PRECISIONS)}, not {array.dtype}")
    if array.dtype.kind == "c":
        return enclosed(array.real, array.imag, precision)
    return Value(precision, array.ndim, observed=array)


def enclosed(centre: np.ndarray, radius: np.ndarray, precision: Precision) -> Value:
    """Stored numbers that are known to lie in centre +- radius, both float64."""
    decided = np.isfinite(radius)
    if not decided.all():
        radius = np.where(decided, radius, np.inf)
    return Value(precision, centre.ndim, leaf=Enclosure(centre, radius, decided))


def _between(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The centre and the radius of what lies between; an infinite end leaves it open."""
    one = low == high
    with np.errstate(invalid="ignore"):
        centre = np.where(one, low, low / 2 + high / 2)
        radius = np.nextafter(np.maximum(high - centre, centre - low), np.inf)
    radius = np.where(one, 0.0, radius)
    return np.where(np.isfinite(radius), centre, 0.0), radius


def _scalar(number: Any, precision: Precision, ndim: int) -> Value:
    array = np.asarray(number, precision.dtype)
    if array != number:
        raise NoRule(f"the enclosure takes numbers of {precision.dtype}, not {number!r}")
    number = array.astype(np.float64).reshape(1, 1)
    return Value(precision, ndim, rest=leaf_bound(number, 0.0, precision))


def _plus(a: Value, b: Value, minus: bool) -> Value:
    if a.ndim != b.ndim:
        raise NoRule("the enclosure does not add one row, (H,), to columns, (H, N)")
    products, rest = a._addends()
    others, other = b._addends()
    if minus:
        others = tuple(one._replace(W=Operand(np.negative(one.W.array))) for one in others)
    if rest is not None and other is not None:
        rest = rest - other if minus else rest + other
    elif other is not None:
        rest = -other if minus else other
    return Value(a.precision, a.ndim, products + others, rest)


def _times(a: Value, b: Value) -> Value:
    with np.errstate(all="ignore"):
        return Value(a.precision, max(a.ndim, b.ndim), rest=a.bound() * b.bound())


def _where(condition: np.ndarray, a: Value, b: Value) -> Value:
    """Chooses between stored numbers."""
    both = zip(a.enclosure, b.enclosure, strict=True)
    leaf = Enclosure(*(np.where(condition, *arrays) for arrays in both))
    return Value(a.precision, max(a.ndim, b.ndim), leaf=leaf)


def _dot(a: Value, b: Value) -> Value:
    """a (H, I) of stored numbers, b (I,) or (I, N) of any kind."""
    if a.observed is None or a.ndim != 2:
        raise NoRule("the enclosure's dot takes an observed matrix on the left")
    if b.observed is None and b.leaf is None:
        with np.errstate(all="ignore"):
            return Value(a.precision, b.ndim, rest=dot(a.matrix, b.bound()))
    return Value(a.precision, b.ndim, (Product(a._operand, b._operand),))
