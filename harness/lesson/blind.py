"""Chapter 5: what a comparison on the notebook's own numbers can see, and what it can see on scaled ones."""

from typing import NamedTuple

import numpy as np

from harness.draw.example import notebook_case
from harness.mistakes.catalogue import MISTAKES
from harness.mistakes.mistake import Mistake
from references.case import Case
from references.cells.rnn import simple_rnn
from references.numpy_rnn import run as loop


class Data(NamedTuple):
    """The loop's outputs on one set of numbers."""

    title: str
    outputs: np.ndarray  # (T, H)
    ones: float  # the share of outputs that are exactly 1
    changed: float  # by how much the outputs change, at most, when U is transposed


class Planted(NamedTuple):
    """One mistake, and whether np.allclose sees it."""

    name: str
    sentence: str
    notebook: bool  # seen on the notebook's numbers
    scaled: bool


class Blind(NamedTuple):
    """The notebook's numbers, the scaled ones, and every mistake that applies to both."""

    notebook: Data
    scaled: Data
    planted: tuple[Planted, ...]

    @property
    def missed(self) -> tuple[Planted, ...]:
        """The mistakes that np.allclose misses on one of the two at least."""
        return tuple(item for item in self.planted if not (item.notebook and item.scaled))

    def count(self, where: str) -> int:
        """How many are missed on "notebook" or "scaled"."""
        return sum(not getattr(item, where) for item in self.planted)


def blind() -> Blind:
    """Plants every mistake that applies in the loop, and compares as a notebook does: np.allclose of the two sequences."""
    cases = {
        name: notebook_case(name == "scaled", "float64", seed=0) for name in ("notebook", "scaled")
    }
    planted = tuple(
        Planted(mistake.name, mistake.sentence, *(seen(mistake, case) for case in cases.values()))
        for mistake in MISTAKES
        if all(mistake.applies(case) for case in cases.values())
    )
    return Blind(
        _data("the notebook's numbers", cases["notebook"]),
        _data("scaled numbers", cases["scaled"]),
        planted,
    )


def seen(mistake: Mistake, case: Case) -> bool:
    """Whether np.allclose, with its defaults, tells the mistaken sequence from the right one; a complaint about shapes is seen too."""
    actual, expected = mistake.plant()(case).sequence, loop(case).sequence
    try:
        return not np.allclose(actual, expected)
    except ValueError:
        return True


def _data(title: str, case: Case) -> Data:
    (cell,) = case.weights
    outputs = loop(case).sequence[0]
    changed = np.max(np.abs(simple_rnn(case.inputs[0], cell.W, cell.U.T, cell.b_W) - outputs))
    return Data(title, outputs, float(np.mean(outputs == 1)), float(changed))
