"""A state that is rounded where it is returned alone is named, and nothing else is taken for it."""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.causes.wide_state import ROUNDED_AT_END
from references.numpy_rnn import run as loop


@pytest.mark.slow
def test_a_state_that_is_rounded_at_the_end_alone_is_named():
    """Such an output is not the state of the next step, which a sum of one term shows."""

    def late(case):
        cells = [replace(cell, **_wide(cell.arrays())) for cell in case.weights]
        config = replace(case.config, dtype="float64")
        arrays = _wide({"inputs": case.inputs, "h_0": case.h_0})
        wide = loop(replace(case, config=config, weights=tuple(cells), **arrays))
        return wide.sequence.astype(np.float32)

    limits = {"dtype": "float32", "num_layers": 1, "nonlinearity": "relu", "hidden_size": (1, 3)}
    verdicts = [judge(case, late) for case in sample_cases(60, 1, cell="rnn", **limits)]
    wrong = [one for one in verdicts if one.kind == "differs"]
    assert wrong
    for verdict in wrong:
        assert diagnose(verdict.case, late).sentence == ROUNDED_AT_END
    transposed = BY_NAME["U transposed"].plant()
    case = next(sample_cases(1, hidden_size=3, regimes="contracting", dtype="float32"))
    assert diagnose(case, transposed).sentence != ROUNDED_AT_END
    # A right sequence, whose final state alone is wrong.
    mistake = BY_NAME["final state of the last position"]
    limits = {"regimes": "ternary", "dtype": "float32", "num_layers": 1, "time": 6}
    case = next(case for case in sample_cases(60, 1, cell="rnn", **limits) if mistake.applies(case))
    assert mistake.name in diagnose(case, mistake.plant()).names


def _wide(arrays):
    return {name: array.astype(np.float64) for name, array in arrays.items()}
