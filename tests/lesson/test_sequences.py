import numpy as np
import pytest

from harness.lesson import sequences
from harness.lesson.contestants import REORDERED, contestants, frameworks, reordered
from harness.lesson.sequences import together
from references import from_notebook, installed
from references.cells.rnn import simple_rnn


@pytest.fixture(params=["plain", "full"])
def material(request):
    return request.getfixturevalue(request.param)


def test_differences_are_those_of_the_sequences(material):
    for shown in (material.single, material.double, material.chaotic):
        (cell,) = shown.case.weights
        loop = simple_rnn(shown.case.inputs[0], cell.W, cell.U, cell.b_W + cell.b_U)
        for other in shown.others.values():
            difference = [
                max(abs(float(a) - float(b)) for a, b in zip(*rows, strict=True))
                for rows in zip(other.sequence, loop, strict=True)
            ]
            assert other.difference.tolist() == difference
            assert other.equal == sum(
                a == b for a, b in zip(other.sequence.flat, loop.flat, strict=True)
            )


def test_everyone_agrees_and_stays_below_the_limit_in_each_step(material):
    for shown in (material.single, material.double, material.chaotic, material.ternary):
        for other in shown.others.values():
            assert other.agrees
            assert other.share.max() <= 1
            assert other.worst_ratio == pytest.approx(other.share.max())


def test_a_wrong_loop_would_not_agree():
    for case in (sequences.scaled("float32"), sequences.ternary()):
        (other,) = together(
            case, {"wrong": from_notebook(lambda x, W, U, b: simple_rnn(x, W, U.T, b))}
        ).others.values()
        assert not other.agrees
        assert other.share.max() > 1


def test_nothing_rounds_in_the_ternary_network(material):
    shown = material.ternary
    assert set(shown.loop.flat) == {-1, 0, 1}
    assert all(np.array_equal(other.sequence, shown.loop) for other in shown.others.values())
    assert all(other.band.max() == 0 for other in shown.others.values())


def test_the_chaotic_network_drifts_apart_from_the_last_bit_on(material):
    for other in material.chaotic.others.values():
        assert other.difference[0] <= 1e-6
        assert other.difference[-10:].max() > 0.5


def test_the_reordered_loop_rounds_otherwise(plain):
    (other,) = plain.single.others.values()
    assert 0 < other.equal < plain.single.loop.size


def test_who_stands_beside_the_loop():
    assert frameworks(numpy_only=True) == ()
    assert frameworks(numpy_only=False) == tuple(name for name in installed() if name != "numpy")
    assert list(contestants(())) == [REORDERED]
    assert reordered(np.ones((2, 1)), np.ones((3, 1)), np.zeros((3, 3)), np.zeros(3)).shape == (
        2,
        3,
    )
