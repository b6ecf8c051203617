"""The wrong activation, or the right one wrongly computed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from harness.draw.features import has
from harness.mistakes.mistake import Edits, Mistake, activate, pre_activation
from references.case import NONLINEARITIES, Case


def _another(nonlinearity: str) -> Mistake:
    def other(case: Case) -> Case:
        return replace(case, config=replace(case.config, nonlinearity=nonlinearity), origin="")

    return Mistake(
        f"{nonlinearity} for the activation",
        "activation",
        f"The activation is {nonlinearity}.",
        "pass nonlinearity= (torch) or activation= (Keras); both default to tanh",
        lambda case: case.config.nonlinearity != nonlinearity,
        Edits(case=other),
    )


def _for(nonlinearity: str) -> Callable[[Case], bool]:
    return has(nonlinearity=nonlinearity)


def _of(function: Callable[[Any], Any]) -> Edits:
    return Edits(step=lambda now: np.asarray(function(pre_activation(now))))


def _pade(z: Any) -> Any:
    return np.clip(z * (27 + z * z) / (27 + 9 * z * z), -1, 1)


def _overflowing(z: Any) -> Any:
    return (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)


MISTAKES = (
    *(_another(nonlinearity) for nonlinearity in NONLINEARITIES),
    Mistake(
        "activation twice",
        "activation",
        "The activation is applied twice.",
        "apply it once, in the cell or after it",
        lambda case: case.config.nonlinearity not in ("linear", "relu"),
        Edits(step=lambda now: activate(now, activate(now, pre_activation(now)))),
    ),
    Mistake(
        "hard tanh",
        "activation",
        "tanh is replaced by clipping to [-1, 1].",
        "use tanh itself",
        _for("tanh"),
        _of(lambda z: np.clip(z, -1, 1)),
    ),
    Mistake(
        "cheap tanh",
        "activation",
        "tanh is a rational approximation, good to a few per cent.",
        "use tanh itself",
        _for("tanh"),
        _of(_pade),
    ),
    Mistake(
        "tanh overflows",
        "activation",
        "tanh is written as (exp(2z) - 1) / (exp(2z) + 1), which is NaN for large z.",
        "use tanh itself",
        _for("tanh"),
        _of(_overflowing),
    ),
    Mistake(
        "leaky relu",
        "activation",
        "Negative values come through relu, at 1/128.",
        "use max(z, 0)",
        _for("relu"),
        _of(lambda z: np.maximum(z, z / 128)),
    ),
    Mistake(
        "relu capped at 6",
        "activation",
        "relu is cut off at 6.",
        "use max(z, 0)",
        _for("relu"),
        _of(lambda z: np.clip(z, 0, 6)),
    ),
    Mistake(
        "hard sigmoid",
        "activation",
        "sigmoid is replaced by straight lines.",
        "use 1 / (1 + exp(-z))",
        _for("sigmoid"),
        _of(lambda z: np.clip(z / 6 + 0.5, 0, 1)),
    ),
)
