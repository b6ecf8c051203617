"""What decides torch's rounding here, and the paths by which it computes an activation."""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch


def facts() -> dict[str, str]:
    """Reports the version, threads and instruction sets."""
    return {
        "torch": torch.__version__,
        "torch threads": str(torch.get_num_threads()),
        "torch instruction set": torch.backends.cpu.get_cpu_capability(),
        "torch oneDNN": "on" if torch.backends.mkldnn.is_available() else "off",
    }


def activation_paths(nonlinearity: str) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Lists the ways in which torch's layers may compute this activation, array to array.

    An LSTM has one of its own: in float32 oneDNN computes it.
    """
    if nonlinearity not in ("tanh", "sigmoid"):
        return {}
    eager = getattr(torch, nonlinearity)
    return {
        "eager": lambda z: eager(torch.from_numpy(z)).numpy(),
        "in an LSTM": partial(_in_an_lstm, nonlinearity),
    }


def _in_an_lstm(nonlinearity: str, z: np.ndarray) -> np.ndarray:
    """z (N,) -> the activation (N,), off N rows of an LSTM of one unit.

    tanh(z) is c_n: g = tanh(z), i = 1. sigmoid(z) is h_n: o = sigmoid(z), f = 1, tanh(c_0) = 1.
    """
    rows = torch.from_numpy(z)[:, None]
    lstm = torch.nn.LSTM(1, 1, dtype=rows.dtype)
    for parameter in lstm.parameters():
        torch.nn.init.zeros_(parameter)
    of_tanh = nonlinearity == "tanh"
    with torch.no_grad():
        lstm.weight_ih_l0[2 if of_tanh else 3] = 1
        lstm.bias_ih_l0[0 if of_tanh else 1] = 64
        zeros = torch.zeros_like(rows)[None]
        _, states = lstm(rows[None], (zeros, zeros if of_tanh else zeros + 64))
    return states[of_tanh].numpy().ravel()  # type: ignore[no-any-return]
