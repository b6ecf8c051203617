"""Right variants: they agree with the loop on every kind of case, and round differently."""

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.mistakes.right_variants import RIGHT, right_variants
from references import default_frameworks
from references.numpy_rnn import run as loop


@pytest.mark.parametrize("name", RIGHT)
def test_it_is_right_on_every_kind_of_case_and_rounds_differently(name):
    differ = 0
    for case in sample_cases(30, seed=5, time=(1, 20), hidden_size=(1, 33)):
        verdict = judge(case, RIGHT[name], name, calls=1)
        assert verdict.kind == "agrees", str(verdict)
        differ += not np.array_equal(RIGHT[name](case).sequence, loop(case).sequence)
    assert differ > 5


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("name", RIGHT)
def test_it_is_right_for_gated_cells_too_and_rounds_differently(name, cell):
    differ = 0
    for case in sample_cases(13, seed=5, cell=cell, time=(1, 14), hidden_size=(1, 33)):
        verdict = judge(case, RIGHT[name], name, calls=1)
        assert verdict.kind == "agrees", str(verdict)
        differ += not np.array_equal(RIGHT[name](case).sequence, loop(case).sequence)
    assert differ > 2


def test_without_frameworks_there_are_the_loops_own():
    assert right_variants(()) == RIGHT


@pytest.mark.framework
def test_each_installed_framework_is_a_variant_in_its_fast_way():
    assert [*right_variants()] == [*RIGHT, *default_frameworks()]
