import numpy as np
import pytest

from harness.lesson.implementations import REORDERED, frameworks, implementations, reordered
from references import installed
from references.cells.rnn import simple_rnn


def test_the_installed_frameworks_are_beside_the_loop_or_none():
    assert frameworks(numpy_only=True) == ()
    assert frameworks(numpy_only=False) == tuple(name for name in installed() if name != "numpy")


def test_without_frameworks_the_reordered_loop_is():
    assert list(implementations(())) == [REORDERED]


@pytest.mark.framework
def test_frameworks_have_their_titles(full):
    assert list(implementations(full.frameworks)) == ["PyTorch", "Keras"]


def test_the_reordered_loop_is_as_right_and_rounded_differently(plain):
    rng = np.random.default_rng(0)
    numbers = [rng.normal(size=shape) for shape in ((5, 3), (4, 3), (4, 4), (4,))]
    assert np.abs(reordered(*numbers) - simple_rnn(*numbers)).max() < 1e-13
    (outcome,) = plain.single.outcomes.values()
    assert 0 < outcome.equal < plain.single.loop.size
