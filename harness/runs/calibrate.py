"""Measures how far each implementation's activations are from the truth.

The constants K and ONE_FROM come from here. float32 is swept exhaustively, with float64 as the
truth. float64 is searched from random and fixed points towards the worst, with the long double of
the C library as the truth, which needs 64 bits of significand.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from harness.draw.bits import seeded
from harness.judge.bounds.activation import FUNCTIONS, SMOOTH
from harness.judge.bounds.precision import PRECISIONS
from references import REFERENCES, Unsupported, installed, module, require
from references.arrays import DTYPES
from references.cells.activations import ACTIVATIONS

Path = Callable[[np.ndarray], np.ndarray]
CHUNK = 1 << 21
# Ranges of |z|. Below, tanh(z) = z to the last bit or nearly; above, the activation is saturated.
SWEEP = {"tanh": (2.0**-13, 40.0), "sigmoid": (2.0**-13, 88.0), "softsign": (2.0**-13, 2.0**13)}
HARD = {"tanh": (14.212179062513956,)}  # the z that showed K = 4 to be too small
SCALARS = 2000


class NoTruth(RuntimeError):
    """Says that this platform computes nothing more exact than what is to be measured."""


class Worst(NamedTuple):
    """Holds the worst value of one path.

    Its errors are multiples of 2u|y|, which K multiplies, and of the last place.
    """

    activation: str
    dtype: str
    implementation: str
    path: str
    version: str
    values: int
    k: float
    ulp: float
    z: float
    not_one_up_to: float | None  # the largest |z| at which tanh was not +-1


def truth(nonlinearity: str, z: np.ndarray) -> np.ndarray:
    """Computes the activation in float64 for float32, and in long double for float64."""
    wide: Any = z.astype(np.float64 if z.dtype == np.float32 else np.longdouble)
    if nonlinearity == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-wide)))
    return np.asarray(np.tanh(wide) if nonlinearity == "tanh" else wide / (1 + np.abs(wide)))


def errors(
    nonlinearity: str, z: np.ndarray, path: Path
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the errors in units of 2u|y| and in ulp, and the outputs themselves.

    A result of `flushed` times the smallest normal number, or less, may be flushed to zero.
    """
    precision = PRECISIONS[z.dtype.name]
    expected = truth(nonlinearity, z)
    actual = path(z)
    error = np.maximum(
        np.abs(actual - expected) - FUNCTIONS[nonlinearity].flushed * precision.tiny, 0
    )
    size = np.abs(expected)
    return (
        (error / (2 * precision.unit * size)).astype(np.float64),
        (error / np.spacing(size.astype(z.dtype))).astype(np.float64),
        actual,
    )


def floats(low: float, high: float) -> Iterator[np.ndarray]:
    """Yields every float32 from low to high, and their negatives, in chunks."""
    first, last = (int(np.float32(end).view(np.uint32)) for end in (low, high))
    for start in range(first, last + 1, CHUNK):
        z = np.arange(start, min(start + CHUNK, last + 1), dtype=np.uint32).view(np.float32)
        yield z
        yield np.negative(z)


def search(
    nonlinearity: str, path: Path, rounds: int = 240, bins: int = 512, size: int = 1 << 18
) -> Iterator[np.ndarray]:
    """Yields float64 arrays to try: in turn random ones and ever closer neighbours of the worst.

    The worst is that of each of `bins` parts of the range.
    """
    bits = seeded(0)
    low, high = (float(np.log2(end)) for end in SWEEP[nonlinearity])
    best = np.resize(np.array(HARD.get(nonlinearity, (1.0,))), bins)
    best_error = np.zeros(bins)
    for turn in range(rounds):
        if turn % 2:
            z = np.resize(best, size) * (
                1 + np.ldexp(bits.fractions(53, size), -(turn // 2 % 20) * 2 - 4)
            )
        else:
            z = np.exp2(low + (high - low) * (bits.fractions(53, size) + 1) / 2) * bits.signs(size)
        z[:bins] = best
        yield z
        error = errors(nonlinearity, z, path)[0]
        part = np.clip((np.log2(np.abs(z)) - low) / (high - low) * bins, 0, bins - 1).astype(int)
        rising = np.argsort(error)
        top = np.full(bins, -1)
        top[part[rising]] = rising  # the last one written to each part is its worst
        better = (top >= 0) & (error[top] > best_error)
        best[better], best_error[better] = z[top[better]], error[top[better]]


def measure(
    nonlinearity: str, dtype: str, implementation: str, label: str, path: Path, version: str
) -> Iterator[Worst]:
    """Yields the worst in vectors, then the worst one by one: vector and scalar code differ."""
    arrays = floats(*SWEEP[nonlinearity]) if dtype == "float32" else search(nonlinearity, path)
    count, k, ulp, at, not_one = 0, 0.0, 0.0, 0.0, 0.0
    bad = np.empty(0, dtype)
    for z in arrays:
        error, in_ulp, actual = errors(nonlinearity, z, path)
        count += z.size
        worst = int(np.argmax(error))
        bad = np.append(bad, z[worst])
        if error[worst] > k:
            k, at = float(error[worst]), float(z[worst])
        ulp = max(ulp, float(in_ulp.max()))
        if nonlinearity == "tanh":
            not_one = max(not_one, float(np.max(np.abs(z), where=np.abs(actual) != 1, initial=0)))
    yield Worst(
        nonlinearity, dtype, implementation, label, version, count, k, ulp, at,
        not_one if nonlinearity == "tanh" else None,
    )  # fmt: skip
    low, high = (np.log2(end) for end in SWEEP[nonlinearity])
    spread = np.exp2(low + (high - low) * (seeded(1).fractions(24, SCALARS) + 1) / 2).astype(dtype)
    singles = np.concatenate([bad, spread])
    results = [
        errors(nonlinearity, singles[index : index + 1], path)[:2] for index in range(singles.size)
    ]
    scalar = np.array([[error[0], in_ulp[0]] for error, in_ulp in results])
    worst = int(np.argmax(scalar[:, 0]))
    yield Worst(
        nonlinearity, dtype, implementation, f"{label}, one by one", version, singles.size,
        float(scalar[worst, 0]), float(scalar[:, 1].max()), float(singles[worst]), None,
    )  # fmt: skip


def calibrate(only: tuple[str, ...] = ()) -> Iterator[Worst]:
    """Measures every activation with a K, dtype, installed reference and path.

    `only` names references. Raises Unknown or NotInstalled for what cannot be measured, and
    NoTruth where this platform has nothing to measure it against.
    """
    for name in only:
        require(name)
    if np.finfo(np.longdouble).nmant < 63:
        raise NoTruth(
            "the long double of this platform is no wider than float64, so there is no truth to "
            "measure float64 against"
        )
    chosen = only or [name for name in installed() if not REFERENCES[name].by_request]
    for nonlinearity in SMOOTH:
        for name in installed():
            if name not in chosen:
                continue
            paths: dict[str, Any] = {"loop": ACTIVATIONS[nonlinearity]}
            version = np.__version__
            if REFERENCES[name].needs:
                framework = module(name)
                paths = framework.activation_paths(nonlinearity)
                version = next(iter(framework.facts().values()))
            for dtype in DTYPES:
                for label, path in paths.items():
                    # A framework may have this activation in one dtype alone.
                    with np.errstate(all="ignore"), suppress(Unsupported):
                        yield from measure(nonlinearity, dtype, name, label, path, version)
