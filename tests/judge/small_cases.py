"""Small cases, and what tests of the judge ask on them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness import Inconclusive, Mismatch, Refused, Verdict, check, sample_cases
from harness.judge.judge import judge
from references.case import Case
from references.numpy_rnn import run

LIMITS: dict[str, Any] = {
    "time": 5,
    "batch": 2,
    "input_size": 3,
    "hidden_size": 4,
    "num_layers": 1,
    "bidirectional": False,
    "nonlinearity": "tanh",
    "dtype": "float32",
    "masks": False,
}


def drawn(**changed: Any) -> Case:
    return next(sample_cases(1, 1, **LIMITS | {"regimes": "contracting"} | changed))


CASE = drawn()


DEEP = drawn(num_layers=2)


EXACT = drawn(regimes="ternary")


def sequence_of(case: Case) -> np.ndarray:
    return run(case).sequence


def changed_by(change: Callable[[np.ndarray], Any]) -> Callable[[Case], Any]:
    return lambda case: change(sequence_of(case))


def verdict_of(case: Case, implementation: Callable[..., Any]) -> Verdict:
    """The verdict that check raises; that it agrees is a failure of the test."""
    with pytest.raises((Mismatch, Refused, Inconclusive)) as raised:
        check(case, implementation)
    assert raised.value.verdict.kind == judge(case, implementation).kind
    assert raised.value.__cause__ is raised.value.verdict.cause
    return raised.value.verdict
