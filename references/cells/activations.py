"""The nonlinearities of `Config`, on arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np


def relu(z: Any) -> Any:
    """max(z, 0)."""
    return np.maximum(z, 0)


def sigmoid(z: Any) -> Any:
    """1 / (1 + exp(-z)); an enclosure brings its own rule."""
    return z.activate("sigmoid") if hasattr(z, "activate") else 1 / (1 + np.exp(-z))


def softsign(z: Any) -> Any:
    """z / (1 + |z|)."""
    return z / (1 + np.abs(z))


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "tanh": np.tanh,
    "relu": relu,
    "linear": np.positive,
    "sigmoid": sigmoid,
    "softsign": softsign,
}
