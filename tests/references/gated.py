"""Cases of gated cells with plain random numbers, of every form."""

import numpy as np
from hypothesis import strategies as st

from references.case import Case, CellWeights, Config
from references.cells import CELLS

SIZES = {"input_size": 3, "hidden_size": 2}


def gated_case(
    cell, seed=0, *, batch=2, time=5, masked_output=None, gain=1.0, dtype="float64", **fields
):
    """A case of this cell; with a `masked_output` it has a mask with gaps and a row of False."""
    rng = np.random.default_rng(seed)
    config = Config(**SIZES | fields, cell=cell, dtype=dtype)
    G, H = len(CELLS[cell].GATES), config.hidden_size

    def numbers(*shape):
        return rng.uniform(-1, 1, shape).astype(dtype)

    def weights(width):
        biases = [numbers(G * H) * config.bias for _ in range(2)]
        return CellWeights(numbers(G * H, width), gain * numbers(G * H, H), *biases)

    count = config.num_layers * config.num_directions
    mask = None
    if masked_output:
        mask = rng.random((batch, time)) < 0.6
        mask[-1] = False
    return Case(
        config,
        tuple(
            weights(config.layer_input_size(index // config.num_directions))
            for index in range(count)
        ),
        numbers(batch, time, config.input_size),
        numbers(count, batch, H),
        mask,
        masked_output or "repeat",
        c_0=numbers(count, batch, H) if cell == "lstm" else None,
    )


FORMS = [
    {},
    {"num_layers": 2, "bidirectional": True},
    {"go_backwards": True, "masked_output": "repeat"},
    {"bidirectional": True, "num_layers": 2, "masked_output": "zero"},
    {"bias": False, "masked_output": "repeat", "num_layers": 3},
]


def gated_cases(**more):
    """A strategy of small cases of gated cells; `more` are strategies of other arguments."""
    sizes = {"input_size": st.integers(1, 4), "hidden_size": st.integers(1, 4)}
    return st.builds(
        gated_case,
        st.sampled_from(["gru", "lstm"]),
        st.integers(0, 99),
        **sizes,
        num_layers=st.integers(1, 3),
        bidirectional=st.booleans(),
        bias=st.booleans(),
        dtype=st.sampled_from(["float32", "float64"]),
        **more,
    )
