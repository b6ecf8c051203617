import numpy as np
import pytest

from harness.draw.example import notebook_case
from harness.lesson.experiments import chaotic, experiment, ternary
from references import from_notebook
from references.cells.rnn import simple_rnn


def test_differences_are_those_of_the_sequences(material):
    for one in (material.single, material.double, material.chaotic):
        (cell,) = one.case.weights
        loop = simple_rnn(one.case.inputs[0], cell.W, cell.U, cell.b_W + cell.b_U)
        for outcome in one.outcomes.values():
            rows = [
                list(zip(*row, strict=True)) for row in zip(outcome.sequence, loop, strict=True)
            ]
            assert outcome.difference.tolist() == [
                max(abs(float(a) - float(b)) for a, b in row) for row in rows
            ]
            assert outcome.equal == sum(a == b for row in rows for a, b in row)
            assert outcome.different == loop.size - outcome.equal


def test_everyone_agrees_and_stays_below_the_limit_in_each_step(material):
    for one in (material.single, material.double, material.chaotic, material.ternary):
        for outcome in one.outcomes.values():
            assert outcome.agrees
            assert outcome.share.max() <= 1
            assert outcome.worst_ratio == pytest.approx(outcome.share.max())
        largest = max(outcome.worst_ratio for outcome in one.outcomes.values())
        assert one.largest("worst_ratio") == largest


@pytest.mark.parametrize("case", [notebook_case(True, "float32", seed=0), ternary(), chaotic()])
def test_a_wrong_loop_does_not_agree(case):
    wrong = from_notebook(lambda x, W, U, b: simple_rnn(x, W, U.T, b))
    (outcome,) = experiment(case, {"wrong": wrong}).outcomes.values()
    assert not outcome.agrees
    assert outcome.share.max() > 1


def test_nothing_rounds_in_the_ternary_network(material):
    loop = material.ternary.loop
    assert set(loop.flat) == {-1, 0, 1}
    for outcome in material.ternary.outcomes.values():
        assert np.array_equal(outcome.sequence, loop)
        assert outcome.band.max() == 0


def test_the_chaotic_network_drifts_apart_from_the_last_bit_on(material):
    for outcome in material.chaotic.outcomes.values():
        assert outcome.difference[0] <= 1e-6
        assert outcome.difference[-10:].max() > 0.5
