"""What decides ONNX Runtime's rounding here, and its ways of computing an activation."""

from collections.abc import Callable
from functools import partial

import numpy as np
import onnx
import onnxruntime

from references.case import Case, CellWeights, Config
from references.cells import CELLS
from references.onnx_rnn.calls import run


def facts() -> dict[str, str]:
    """Reports the versions, the provider and the threads."""
    return {
        "onnxruntime": onnxruntime.__version__,
        "onnxruntime provider": "CPUExecutionProvider",
        "onnxruntime threads": "1",
        "onnx": onnx.__version__,
    }


def activation_paths(nonlinearity: str) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Lists the ways in which ONNX Runtime's nodes compute this activation, array to array.

    Each raises Unsupported for float64.
    """
    paths: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "in an RNN": partial(_of_rnn, nonlinearity)
    }
    if nonlinearity in ("tanh", "sigmoid"):
        paths["in an LSTM"] = partial(_of_lstm, nonlinearity)
    return paths


def _of_rnn(nonlinearity: str, z: np.ndarray) -> np.ndarray:
    """z (N,) -> the activation (N,), off N rows of an RNN of one unit."""
    config = Config(1, 1, nonlinearity=nonlinearity, bias=False, dtype=z.dtype.name)
    weights = CellWeights(np.ones((1, 1), z.dtype), np.zeros((1, 1), z.dtype))
    return run(Case(config, (weights,), z[:, np.newaxis, np.newaxis])).sequence.ravel()


def _of_lstm(nonlinearity: str, z: np.ndarray) -> np.ndarray:
    """z (N,) -> the activation (N,), off N rows of an LSTM of one unit.

    tanh(z) is c_n: g = tanh(z), i = 1. sigmoid(z) is h_n: o = sigmoid(z), f = 1, tanh(c_0) = 1.
    """
    of_tanh = nonlinearity == "tanh"
    W, b = np.zeros((4, 1), z.dtype), np.zeros(4, z.dtype)
    W[CELLS["lstm"].GATES.index("g" if of_tanh else "o")] = 1
    b[CELLS["lstm"].GATES.index("i" if of_tanh else "f")] = 64
    config = Config(1, 1, dtype=z.dtype.name, cell="lstm")
    weights = CellWeights(W, np.zeros((4, 1), z.dtype), b)
    c_0 = np.full((1, z.size, 1), 0 if of_tanh else 64, z.dtype)
    outputs = run(Case(config, (weights,), z[:, np.newaxis, np.newaxis], c_0=c_0))
    return np.asarray(outputs.c_n if of_tanh else outputs.h_n).ravel()
