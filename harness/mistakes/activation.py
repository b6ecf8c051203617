"""The wrong activation, or the right one wrongly computed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from harness.mistakes.mistake import Mistake, pre_activation
from references.case import NONLINEARITIES
from references.cells.walk import Moment


def _another(nonlinearity: str) -> Mistake:
    return (
        Mistake(f"{nonlinearity} for the activation", f"The activation is {nonlinearity}.")
        .to_fix("pass nonlinearity= (torch) or activation= (Keras); both default to tanh")
        .when(lambda case: case.config.nonlinearity != nonlinearity)
        .change_case(config=lambda config: replace(config, nonlinearity=nonlinearity))
    )


def _by(activation: Callable[[Any], Any]) -> Callable[[Moment], Any]:
    return lambda now: activation(pre_activation(now))


def _pade(z: Any) -> Any:
    return np.clip(z * (27 + z * z) / (27 + 9 * z * z), -1, 1)


MISTAKES = (
    *(_another(nonlinearity) for nonlinearity in NONLINEARITIES),
    Mistake("activation twice", "The activation is applied twice.")
    .to_fix("apply it once, in the cell or after it")
    .when(lambda case: case.config.nonlinearity not in ("linear", "relu"))
    .change(step=lambda now: now.p.activation(now.equation()[0])),
    Mistake("hard tanh", "tanh is replaced by clipping to [-1, 1].")
    .to_fix("use tanh itself")
    .when(nonlinearity="tanh")
    .change(step=_by(lambda z: np.clip(z, -1, 1))),
    Mistake("cheap tanh", "tanh is a rational approximation, good to a few per cent.")
    .to_fix("use tanh itself")
    .when(nonlinearity="tanh")
    .change(step=_by(_pade)),
    Mistake(
        "tanh overflows",
        "tanh is written as (exp(2z) - 1) / (exp(2z) + 1), which is NaN for large z.",
    )
    .to_fix("use tanh itself")
    .when(nonlinearity="tanh")
    .change(step=_by(lambda z: (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1))),
    Mistake("leaky relu", "Negative values come through relu, at 1/128.")
    .to_fix("use max(z, 0)")
    .when(nonlinearity="relu")
    .change(step=_by(lambda z: np.maximum(z, z / 128))),
    Mistake("relu capped at 6", "relu is cut off at 6.")
    .to_fix("use max(z, 0)")
    .when(nonlinearity="relu")
    .change(step=_by(lambda z: np.clip(z, 0, 6))),
    Mistake("hard sigmoid", "sigmoid is replaced by straight lines.")
    .to_fix("use 1 / (1 + exp(-z))")
    .when(nonlinearity="sigmoid")
    .change(step=_by(lambda z: np.clip(z / 6 + 0.5, 0, 1))),
)
