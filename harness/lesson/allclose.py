"""Chapter 5: which mistakes np.allclose catches on the textbook's numbers, and on scaled ones."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from harness.draw.example import notebook_case
from harness.judge.judge import judge
from harness.mistakes.audit import Audit, audit
from harness.mistakes.catalogue import BY_NAME
from references.case import Case
from references.cells.rnn import simple_rnn
from references.numpy_rnn import run as loop


class Data(NamedTuple):
    """One kind of numbers: the loop's outputs on them, and the audit of np.allclose."""

    title: str
    outputs: np.ndarray  # (T, H)
    ones: float  # the share of outputs that are exactly 1
    change: float  # the largest change of an output when U is transposed
    audit: Audit


class Allclose(NamedTuple):
    """np.allclose on both kinds of numbers, and the judge on the scaled ones."""

    notebook: Data
    scaled: Data
    judge: Audit

    @property
    def applicable(self) -> int:
        """How many mistakes of the catalogue change anything in a loop like the textbook's."""
        return len(self.scaled.audit.caught) + len(self.scaled.audit.missed)

    @property
    def missed(self) -> tuple[str, ...]:
        """The mistakes that np.allclose misses on at least one kind of numbers."""
        missed = {*self.notebook.audit.missed, *self.scaled.audit.missed}
        return tuple(name for name in BY_NAME if name in missed)


def allclose() -> Allclose:
    """Plants every mistake in the loop and compares as a notebook does, then as the judge does."""
    notebook, scaled = (notebook_case(scaled, "float64", seed=0) for scaled in (False, True))
    return Allclose(
        _data("the textbook's numbers", notebook),
        _data("scaled numbers", scaled),
        audit(lambda run: judge(scaled, run).raise_if_not_verified(), frameworks=()),
    )


def assert_close(case: Case, run: Callable[[Case], Any]) -> None:
    """Raises AssertionError unless np.allclose, with its defaults, accepts the sequence."""
    if not np.allclose(run(case).sequence, loop(case).sequence):
        raise AssertionError("np.allclose says False")


def _data(title: str, case: Case) -> Data:
    (cell,) = case.weights
    outputs = loop(case).sequence[0]
    change = np.abs(simple_rnn(case.inputs[0], cell.W, cell.U.T, cell.b_W) - outputs).max()
    ones = np.mean(outputs == 1)
    result = audit(lambda run: assert_close(case, run), frameworks=())
    return Data(title, outputs, float(ones), float(change), result)
