"""Acuity: how small an error of one weight cases would have shown."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from harness.judge.judge import judge
from references.case import WEIGHTS, Case
from references.numpy_rnn import run as loop

WEIGHTS_TRIED = 12
FINEST = {"float32": 23, "float64": 52}
NEVER = 1.0  # the size of errors that do not show at half of the greatest weight


def acuity(cases: Sequence[Case], seed: int = 0) -> str:
    """Says from which size on an error of one weight would have shown on these cases.

    Twelve weights are tried, each with errors of 2^-k of the greatest weight of its array. All
    cases have the same weights.
    """
    finest = FINEST[cases[0].config.dtype]
    sizes = sorted(_smallest(cases, place, finest) for place in _places(cases[0], seed))
    if not sizes:
        return "No weight could be tried: all are zeros."
    never = sizes.count(NEVER)
    tried = f"{len(sizes)} that were tried"
    if 2 * never > len(sizes):
        error = "An error of one weight, of up to half of its array's greatest,"
        return f"{error} would have shown in {len(sizes) - never} of {tried}."
    half = sizes[(len(sizes) - 1) // 2]
    rest = (
        f"in {never} none of up to 0.5 would have" if never else f"in all from {sizes[-1]:.2g} on"
    )
    return (
        f"An error of one weight would have shown from {half:.2g} of its array's greatest on, "
        f"in half of {tried}; {rest}."
    )


def _places(case: Case, seed: int) -> Iterator[tuple[int, str, int]]:
    """Weights to try: an index of `weights`, a name, and a position; zero arrays are left out."""
    generator = np.random.default_rng(seed)
    arrays = [
        (index, name)
        for index, cell in enumerate(case.weights)
        for name in WEIGHTS
        if getattr(cell, name).any()
    ]
    for turn in range(WEIGHTS_TRIED if arrays else 0):
        index, name = arrays[turn % len(arrays)]
        yield index, name, int(generator.integers(getattr(case.weights[index], name).size))


def _smallest(cases: Sequence[Case], place: tuple[int, str, int], finest: int) -> float:
    """The smallest error that shows, as a share of the array's greatest, by halving; or NEVER."""
    low, high = 0, finest + 1  # 2^-low shows, unless low is 0; 2^-high does not
    while high - low > 1:
        middle = (low + high) // 2
        if any(_shows(case, place, middle) for case in cases):
            low = middle
        else:
            high = middle
    return 2.0**-low if low else NEVER


def _shows(case: Case, place: tuple[int, str, int], k: int) -> bool:
    index, name, position = place
    array = getattr(case.weights[index], name).copy()
    error = np.abs(array).max() * 2.0**-k
    array.flat[position] += error if array.flat[position] <= 0 else -error
    cells = list(case.weights)
    cells[index] = replace(cells[index], **{name: array})
    outputs = loop(replace(case, weights=tuple(cells)))
    return judge(case, lambda _: outputs, calls=1).kind == "differs"
