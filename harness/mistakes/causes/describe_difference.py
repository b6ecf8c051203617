"""Describes wrong outputs that no known mistake explains: where they start, how they differ."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from harness.mistakes.causes.evidence import Sample

# Without the states before it no step is judged, and bits differ with the order of sums.
UNKNOWN = "Where it goes wrong cannot be told, as its layers are not known."


def first_to_differ(samples: Iterable[Sample]) -> Sample:
    """The sample that is wrong at the earliest step, the first of equals.

    Another may hide what is wrong at first: behind a gate that is shut, say.
    """

    def first_step(sample: Sample) -> int:
        steps = np.flatnonzero(_wrong(sample).any(axis=(0, 2)))
        return int(steps[0]) if steps.size else sample.case.time

    return min(samples, key=first_step)


def _wrong(sample: Sample) -> np.ndarray:
    """Which outputs are wrong."""
    outside = sample.outside_sequence
    if outside is not None:
        return outside
    return np.asarray(sample.outputs.sequence != sample.right.sequence)


def describe_sample(sample: Sample) -> str:
    """Sentences on a sample of which some number is wrong; they say where it is no failing case."""
    if not sample.layers:
        text = f"{_nans(sample.outputs.sequence)} {UNKNOWN}".lstrip()
    elif _wrong(sample).any():
        right = sample.right.sequence
        text = describe(sample.outputs.sequence, right, sample.outside_sequence)
    else:
        text = _beside_the_sequence(sample)
    if not sample.is_probe:
        return text
    case = sample.case
    sizes = f"{case.time} steps, {case.batch} rows and {case.config.output_size} units"
    return f"Tried on {sizes}: {text}"


def _beside_the_sequence(sample: Sample) -> str:
    """Says what is wrong of a sample whose sequence is right: final states, or a lower layer."""
    sentences = ["The sequence is right."]
    for name, wrong in sample.wrong_states.items():
        if wrong.any():
            indices = ", ".join(map(str, np.flatnonzero(wrong.any(axis=(1, 2)))))
            rows: Any = wrong.any(axis=(0, 2))
            sentences.append(f"{name} is wrong at index {indices} of {len(wrong)}.")
            sentences.append(_subset("batch row", rows))
    if len(sentences) == 1:
        sentences.append("A lower layer is not.")
    return " ".join(filter(None, sentences))


def describe(actual: np.ndarray, expected: np.ndarray, outside: np.ndarray | None = None) -> str:
    """Sentences on a sequence (B, T, H*D) against the right one.

    The comparison is exact, as it has to be on exact cases. On others `outside` says which outputs
    lie outside of their bounds, each from the state before it; the others are right.
    """
    wrong: Any = actual != expected if outside is None else outside  # NaN is wrong too
    sentences = [
        _time(wrong),
        _subset("batch row", wrong.any(axis=(1, 2))),
        _subset("unit", wrong.any(axis=(0, 1))),
        _nans(actual),
    ]
    if outside is None:
        sentences += [
            _permutation(actual, expected),
            _shift(actual, expected),
            _scale(actual, expected),
        ]
    return " ".join(filter(None, sentences))


def _count(number: int, singular: str, plural: str) -> str:
    return f"{number} {plural if number > 1 else singular}"


def _time(wrong: np.ndarray) -> str:
    steps = np.flatnonzero(wrong.any(axis=(0, 2)))
    if first := steps[0]:
        right = f"{first} steps are" if first > 1 else "step is"
        return (
            f"The first {right} right, step {first} is the first wrong one: "
            "look at what is carried from step to step."
        )
    if later := wrong.shape[1] - len(steps):
        right = _count(later, "later step is", "later steps are")
        return f"The first step is wrong already; {right} right."
    return "The first step is wrong already: look at weights, bias, activation and initial state."


def _subset(name: str, wrong: np.ndarray) -> str:
    """`wrong` has one element for each row, or for each unit."""
    if wrong.all():
        return ""
    indices = [str(index) for index in np.flatnonzero(wrong)]
    more = ["..."] if len(indices) > 8 else []
    return f"On this case wrong in {name} {', '.join(indices[:8] + more)} only, of {len(wrong)}."


def _nans(actual: np.ndarray) -> str:
    count = int(np.count_nonzero(np.isnan(actual)))
    return f"{_count(count, 'output is', 'outputs are')} NaN." if count else ""


def _permutation(actual: np.ndarray, expected: np.ndarray) -> str:
    for name, axis in (("units", 2), ("time steps", 1), ("batch rows", 0)):
        rows, right = (
            np.moveaxis(one, axis, 0).reshape(one.shape[axis], -1) for one in (actual, expected)
        )
        # (actual, right): which right rows a row equals; each right one is used once.
        free = (rows[:, np.newaxis] == right).all(axis=2)
        order = []
        for equal in free:
            if not equal.any():
                break
            order.append(int(equal.argmax()))
            free[:, order[-1]] = False
        else:
            return f"The right numbers, with the {name} in the order {order}."
    return ""


def _shift(actual: np.ndarray, expected: np.ndarray) -> str:
    for steps in range(1, actual.shape[1] // 2 + 1):
        for word, one, other in (("Late", actual, expected), ("Early", expected, actual)):
            if np.array_equal(one[:, steps:], other[:, :-steps]):
                return f"{word} by {_count(steps, 'step', 'steps')}."
    return ""


def _scale(actual: np.ndarray, expected: np.ndarray) -> str:
    some = expected != 0
    if not some.any() or actual[~some].any() or not np.isfinite(actual).all():
        return ""
    with np.errstate(all="ignore"):
        ratios = actual[some].astype(np.float64) / expected[some]
    if ratios.min() == ratios.max():
        return f"Every output is {ratios[0]:.6g} times the right one."
    greatest = float(np.abs(ratios - 1).max())
    if 0 < greatest < 2.0**-6:
        return (
            f"The greatest relative difference is 2^{np.log2(greatest):.0f}: a matter of precision."
        )
    return ""
