import numpy as np
import pytest

from harness import sample_cases
from harness.draw.inputs import MOST, cases_with


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_cases_have_the_weights_and_half_of_them_initial_states(cell):
    model = next(sample_cases(1, 1, cell=cell, num_layers=2, bidirectional=True))
    cases = list(cases_with(model.config, model.weights, 20, 0))
    assert len(cases) == 20
    assert all(case.weights == model.weights and case.config == model.config for case in cases)
    assert sum(case.starts_from_zeros for case in cases) == 10
    assert {case.batch for case in cases} == {1, 2, 3, 4}
    assert 20 < max(case.time for case in cases) <= MOST["time"]


def test_they_are_the_same_for_a_seed_and_others_for_another():
    model = next(sample_cases(1, 1))
    one, same, other = (
        list(cases_with(model.config, model.weights, 3, seed)) for seed in (0, 0, 1)
    )
    assert all(map(np.array_equal, [c.inputs for c in one], [c.inputs for c in same]))
    assert one[0].inputs.shape != other[0].inputs.shape or (one[0].inputs != other[0].inputs).any()


def test_steps_bound_the_rows_of_all_products():
    model = next(sample_cases(1, 1))
    cases = list(cases_with(model.config, model.weights, 20, 0, steps=3))
    assert max(case.batch * case.time for case in cases) <= 3
