"""Bidirectional with merged outputs is taken apart into its two halves."""

import pytest

from harness import check, sample_cases

pytest.importorskip("keras")
from references.keras_rnn.merged import compute_merged
from references.keras_rnn.options import Options

pytestmark = pytest.mark.framework


@pytest.mark.parametrize("merge", ["sum", "ave", "mul"])
def test_both_halves_come_back(merge):
    limits = {"bidirectional": True, "masks": False, "nonlinearity": "tanh", "time": (2, 4)}
    case = next(sample_cases(1, **limits, go_backwards=False, num_layers=1, regimes="ternary"))
    verdict = check(case, lambda case: compute_merged(case, Options(merge=merge)))
    assert verdict.exact == verdict.outputs
