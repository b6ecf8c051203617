"""The wrong activation, or the right one wrongly computed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from harness.judge.bounds.activation import Arrays
from harness.judge.bounds.enclosure import Value
from harness.judge.bounds.precision import Precision
from harness.mistakes.mistake import Mistake, pre_activation
from references.case import NONLINEARITIES
from references.cells.walk import Moment


def _another(nonlinearity: str) -> Mistake:
    return (
        Mistake(f"{nonlinearity} for the activation", f"The activation is {nonlinearity}.")
        .to_fix(
            "apply the case's nonlinearity",
            "pass nonlinearity= (torch) or activation= (Keras); both default to tanh",
        )
        .of("rnn")
        .when(lambda case: case.config.nonlinearity != nonlinearity)
        .change_case(config=lambda config: replace(config, nonlinearity=nonlinearity))
    )


class Algorithm(NamedTuple):
    """Another way to compute an activation, on arrays and on values, with the errors that it has.

    `function` is monotone. Its errors are `relative` times 2u|y| and `absolute` times u; where both
    are 0, it is exact, and so is what NumPy computes.
    """

    function: Callable[[Any], Any]
    relative: float = 8
    absolute: float = 0
    nan_from: float = np.inf  # it gives NaN where exp(2z) overflows; as a share of log(huge)

    def __call__(self, z: Any) -> Any:
        """The images of an array, or of a pending value."""
        return z.activate(self.rule) if isinstance(z, Value) else self.function(z)

    def rule(self, z: np.ndarray, r: np.ndarray, precision: Precision) -> Arrays:
        """Centre and radius of the images, as the rules of `harness.judge.bounds.activation`."""
        y = self.function(z)
        with np.errstate(all="ignore"):
            ends = (np.where(r == 0, z, np.nextafter(z + s * r, s * np.inf)) for s in (1, -1))
            spread = np.maximum(*(np.abs(self.function(end) - y) for end in ends))
            rounding = self.relative * 2 * precision.unit * np.abs(y)
            rounding += self.absolute * precision.unit
            if self.relative or self.absolute:
                rounding += 2.0**-50  # of NumPy's own
            radius = (spread + rounding) * precision.bounds.outward
        end = self.nan_from * np.log(precision.huge)
        y = np.where(z - r > end, np.nan, y)
        return y, np.where(np.isnan(y), 0, np.where(z + r > end, np.inf, radius))


def _by(*arguments: Any, **errors: Any) -> Callable[[Moment], Any]:
    activation = Algorithm(*arguments, **errors)
    return lambda now: activation(pre_activation(now))


def _pade(z: Any) -> Any:
    return np.clip(z * (27 + z * z) / (27 + 9 * z * z), -1, 1)


def _by_sigmoid(z: Any) -> Any:
    return 2 / (1 + np.exp(-2 * z)) - 1


def _by_exponentials(z: Any) -> Any:
    return (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)


MISTAKES = (
    *(_another(nonlinearity) for nonlinearity in NONLINEARITIES),
    Mistake("activation twice", "The activation is applied twice.")
    .to_fix("apply it once, in the cell or after it")
    .of("rnn")
    .when(lambda case: case.config.nonlinearity not in ("linear", "relu"))
    .change(step=lambda now: now.p.activation(now.equation()[0])),
    Mistake("hard tanh", "tanh is replaced by clipping to [-1, 1].")
    .to_fix("use tanh itself")
    .of("rnn")
    .when(nonlinearity="tanh")
    .change(step=_by(lambda z: np.clip(z, -1, 1), relative=0)),
    Mistake("cheap tanh", "tanh is a rational approximation, good to a few per cent.")
    .to_fix("use tanh itself")
    .of("rnn")
    .when(nonlinearity="tanh")
    .change(step=_by(_pade)),
    Mistake(
        "tanh overflows",
        "tanh is written as (exp(2z) - 1) / (exp(2z) + 1), which is NaN for large z.",
    )
    .to_fix("use tanh itself")
    .of("rnn")
    .when(nonlinearity="tanh")
    .change(step=_by(_by_exponentials, absolute=4, nan_from=0.5)),
    Mistake(
        "tanh from sigmoid",
        "tanh is written as 2 sigmoid(2z) - 1, whose error near 0 is absolute.",
    )
    .to_fix("use tanh itself")
    .of("rnn")
    .when(nonlinearity="tanh")
    .change(step=_by(_by_sigmoid, absolute=6)),
    Mistake("leaky relu", "Negative values come through relu, at 1/128.")
    .to_fix("use max(z, 0)")
    .of("rnn")
    .when(nonlinearity="relu")
    .change(step=_by(lambda z: np.maximum(z, z / 128), relative=0)),
    Mistake("relu capped at 6", "relu is cut off at 6.")
    .to_fix("use max(z, 0)")
    .of("rnn")
    .when(nonlinearity="relu")
    .change(step=_by(lambda z: np.clip(z, 0, 6), relative=0)),
    Mistake("hard sigmoid", "sigmoid is replaced by straight lines.")
    .to_fix("use 1 / (1 + exp(-z))")
    .of("rnn")
    .when(nonlinearity="sigmoid")
    .change(step=_by(lambda z: np.clip(z / 6 + 0.5, 0, 1))),
)
