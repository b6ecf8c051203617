import pytest

from harness.lesson.implementations import REORDERED, frameworks, implementations
from references import default_frameworks


def test_the_installed_frameworks_are_beside_the_loop_or_none():
    assert frameworks(numpy_only=True) == ()
    assert frameworks(numpy_only=False) == default_frameworks()


def test_without_frameworks_the_reordered_loop_is():
    assert list(implementations(())) == [REORDERED]


@pytest.mark.framework
def test_frameworks_have_their_titles(full):
    assert list(implementations(full.frameworks)) == ["PyTorch", "Keras"]


def test_the_reordered_loop_is_as_right_and_rounded_differently(plain):
    (outcome,) = plain.single.outcomes.values()
    assert outcome.agrees
    assert 0 < outcome.equal < plain.single.loop.size
