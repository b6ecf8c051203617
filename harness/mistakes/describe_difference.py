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
    if count := np.count_nonzero(np.isnan(actual)):
        found.append(f"{count} output{'s are' if count > 1 else ' is'} NaN.")
    found += [
        sentence
        for sentence in (
            _permutation(actual, expected),
            _shift(actual, expected),
            _scale(actual, expected),
        )
        if sentence
    ]
    return " ".join(found)


def _time(wrong: np.ndarray) -> str:
    steps = np.flatnonzero(wrong.any(axis=(0, 2)))
    if steps[0] > 0:
        right = f"{steps[0]} steps are" if steps[0] > 1 else "step is"
        return f"The first {right} right, step {steps[0]} is the first wrong one: look at what is carried from step to step."
    if later := wrong.shape[1] - len(steps):
        return f"The first step is wrong already; {later} later step{'s are' if later > 1 else ' is'} right."
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
        free = (rows[:, np.newaxis] == wanted).all(
            axis=2
        )  # (found, right), each right one used once
        order = []
        for index in range(len(rows)):
            if not free[index].any():
                break
            order.append(int(free[index].argmax()))
            free[:, order[-1]] = False
        else:
            return f"The right numbers, with the {name} in the order {order}."
    return ""


def _shift(actual: np.ndarray, expected: np.ndarray) -> str:
    for steps in range(1, actual.shape[1] // 2 + 1):
        if np.array_equal(actual[:, steps:], expected[:, :-steps]):
            return f"Late by {steps} step{'s' * (steps > 1)}."
        if np.array_equal(actual[:, :-steps], expected[:, steps:]):
            return f"Early by {steps} step{'s' * (steps > 1)}."
    return ""


def _scale(actual: np.ndarray, expected: np.ndarray) -> str:
    some = expected != 0
    if not some.any() or actual[~some].any() or not np.isfinite(actual).all():
        return ""
    with np.errstate(all="ignore"):
        ratios = actual[some].astype(np.float64) / expected[some]
    if ratios.min() == ratios.max():
        return f"Every output is {ratios[0]:.6g} times the right one."
    off = float(np.abs(ratios - 1).max())
    return (
        f"The greatest relative difference is 2^{np.log2(off):.0f}: a matter of precision."
        if 0 < off < 2.0**-6
        else ""
    )
