"""The implementations beside the loop: the installed frameworks, or the loop summed backwards."""

import numpy as np

from harness.judge.observe import Implementation
from references import REFERENCES, from_notebook, installed, load

REORDERED = "Reordered loop"


def frameworks(numpy_only: bool) -> tuple[str, ...]:
    """The names of the references beside the loop, torch first; imports none of them."""
    return () if numpy_only else tuple(name for name in installed() if REFERENCES[name].needs)


def implementations(names: tuple[str, ...]) -> dict[str, Implementation]:
    """The references of these names, by their titles; imports their frameworks.

    Where there are none, the reordered loop.
    """
    if not names:
        return {REORDERED: from_notebook(reordered)}
    return {REFERENCES[name].title: load(name) for name in names}


def reordered(inputs: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The notebook's loop with every sum from the other end: as right, but rounded differently."""
    W, U = W[:, ::-1].copy(), U[:, ::-1].copy()
    state_t = np.zeros_like(b)
    successive_outputs = []
    for input_t in inputs[:, ::-1].copy():
        state_t = np.tanh(b + np.dot(U, state_t[::-1].copy()) + np.dot(W, input_t))
        successive_outputs.append(state_t)
    return np.stack(successive_outputs)
