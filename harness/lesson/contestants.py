"""Who stands beside the loop: the installed frameworks, or, for a class without them, the loop summed in another order."""

import numpy as np

from harness.judge.observe import Implementation
from references import REFERENCES, from_notebook, installed, load

REORDERED = "Reordered loop"


def frameworks(numpy_only: bool) -> tuple[str, ...]:
    """The names of the references to show, torch first; imports none of them."""
    return () if numpy_only else tuple(name for name in installed() if REFERENCES[name].needs)


def contestants(names: tuple[str, ...]) -> dict[str, Implementation]:
    """Implementations by the title that the lesson gives them; imports their frameworks."""
    if not names:
        return {REORDERED: from_notebook(reordered)}
    return {REFERENCES[name].title: load(name) for name in names}


def reordered(inputs: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The notebook's loop with every sum taken backwards, bias first: as right as the other, and rounded otherwise."""
    state_t = np.zeros_like(b)
    successive_outputs = []
    for input_t in inputs:
        state_t = np.tanh(
            b
            + np.dot(U[:, ::-1].copy(), state_t[::-1].copy())
            + np.dot(W[:, ::-1].copy(), input_t[::-1].copy())
        )
        successive_outputs.append(state_t)
    return np.stack(successive_outputs)
