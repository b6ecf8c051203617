"""What can be said of a wrong output where no known mistake fits: where it starts, what it is a change of."""

import numpy as np


def facts(actual: np.ndarray, expected: np.ndarray) -> str:
    """Sentences on a sequence (B, T, H*D) against the right one; exact comparison, so meant for exact cases."""
    if actual.shape != expected.shape:
        return f"Its shape is {actual.shape}, expected {expected.shape}."
    wrong = actual != expected  # NaN is wrong too
    if not wrong.any():
        return "On the probes it is right: what differs shows on the failing case only."
    found = [_time(wrong), *_subset("batch row", wrong, (1, 2)), *_subset("unit", wrong, (0, 1))]
    if np.isnan(actual).any():
        found.append(f"{np.count_nonzero(np.isnan(actual))} outputs are NaN.")
    found += [sentence for sentence in (_permutation(actual, expected), _shift(actual, expected), _scale(actual, expected)) if sentence]
    return " ".join(found)


def _time(wrong: np.ndarray) -> str:
    steps = np.flatnonzero(wrong.any(axis=(0, 2)))
    if steps[0] > 0:
        return f"The first {steps[0]} steps are right, step {steps[0]} is the first wrong one: look at what is carried from step to step."
    if wrong.shape[1] > 1 and len(steps) < wrong.shape[1]:
        return f"The first step is wrong already; {wrong.shape[1] - len(steps)} later steps are right."
    return "The first step is wrong already: look at weights, bias, activation and initial state."


def _subset(name: str, wrong: np.ndarray, axes: tuple[int, int]) -> list[str]:
    at = np.flatnonzero(wrong.any(axis=axes))
    size = wrong.size // (wrong.shape[axes[0]] * wrong.shape[axes[1]])
    if len(at) == size:
        return []
    shown = ", ".join(map(str, at[:8])) + (", ..." if len(at) > 8 else "")
    return [f"Wrong in {name} {shown} only, of {size}."]


def _permutation(actual: np.ndarray, expected: np.ndarray) -> str:
    for name, axis in (("units", 2), ("time steps", 1), ("batch rows", 0)):
        rows = np.moveaxis(actual, axis, 0).reshape(actual.shape[axis], -1)
        wanted = np.moveaxis(expected, axis, 0).reshape(rows.shape)
        matches = (rows[:, np.newaxis] == wanted).all(axis=2)
        if matches.any(axis=1).all() and matches.any(axis=0).all():
            return f"The right numbers, with the {name} in the order {[int(i) for i in matches.argmax(axis=1)]}."
    return ""


def _shift(actual: np.ndarray, expected: np.ndarray) -> str:
    for steps in range(1, actual.shape[1] // 2 + 1):
        if np.array_equal(actual[:, steps:], expected[:, :-steps]):
            return f"Late by {steps} steps."
        if np.array_equal(actual[:, :-steps], expected[:, steps:]):
            return f"Early by {steps} steps."
    return ""


def _scale(actual: np.ndarray, expected: np.ndarray) -> str:
    some = (expected != 0) & np.isfinite(actual)
    if not some.any():
        return ""
    ratios = actual[some].astype(np.float64) / expected[some]
    if ratios.min() == ratios.max():
        return f"Every output is {ratios[0]:.6g} times the right one."
    off = float(np.abs(ratios - 1).max())
    return f"The greatest relative difference is 2^{np.log2(off):.0f}: a matter of precision." if 0 < off < 2.0**-6 else ""
