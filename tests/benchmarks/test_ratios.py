"""Tests that every implementation has cases in every regime."""

import pytest

from harness.draw.limits import EXACT_REGIMES, REGIMES, limits
from references.case import NONLINEARITIES
from references.cells import CELLS
from tests.benchmarks.ratios import computable


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", ["torch", "keras/graph", "numpy"])
def test_each_regime_of_a_cell_has_limits(name, cell):
    names = {cell} if cell != "rnn" else {*NONLINEARITIES}
    regimes = [regime for regime in REGIMES if names & {*REGIMES[regime]}]
    assert {*EXACT_REGIMES} <= {*regimes}
    for regime in regimes:
        assert limits(regimes=regime, **computable(name, regime, cell)).regimes == (regime,)
