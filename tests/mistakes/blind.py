"""Cases that hide mistakes, and others that hide nothing, as a user would build them."""

from dataclasses import replace

import numpy as np

from harness import sample_cases
from harness.draw.example import notebook_case
from references.case import Case, CellWeights, Config


def built(case: Case) -> Case:
    """As if a user had written it: without an origin."""
    return replace(case, origin="")


def constant() -> Case:
    """Keras' own SimpleRNN tests fill the weights with one constant."""
    W, U, b = (np.full(shape, 0.1, "float32") for shape in ((3, 2), (3, 3), 3))
    inputs = np.arange(12, dtype="float32").reshape(2, 3, 2) / 16
    return Case(Config(2, 3), (CellWeights(W, U, b),), inputs)


def clear(**changes) -> Case:
    """A case with nothing to hide, changed."""
    (case,) = sample_cases(
        1, seed=5, time=4, batch=2, input_size=3, hidden_size=3, num_layers=1,
        bidirectional=False, bias=True, masks=False, nonlinearity="tanh", regimes="contracting",
    )  # fmt: skip
    return replace(case, **changes)


CLEAR = clear()
ONES = np.ones_like(CLEAR.h_0)
UNBIASED = (CellWeights(CLEAR.weights[0].W, CLEAR.weights[0].U),)
NOTEBOOK = built(notebook_case(scaled=False, dtype="float64", seed=0))
SCALED = built(notebook_case(scaled=True, dtype="float64", seed=0))
