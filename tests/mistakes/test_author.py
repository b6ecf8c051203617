"""Who wrote an implementation, and so which mistakes are possible and in which words they are fixed."""

import sys
from types import ModuleType

import pytest

from harness.mistakes.author import fix_for, is_mirror, is_notebook, is_possible
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from references import from_notebook
from references.cells.rnn import simple_rnn
from references.numpy_rnn import run as loop


@pytest.fixture
def mirror(monkeypatch):
    """A function in a module that uses a framework."""
    module = ModuleType("a_mirror")
    module.torch = ModuleType("torch")
    monkeypatch.setitem(sys.modules, "a_mirror", module)

    def run(case):
        raise NotImplementedError

    run.__module__ = "a_mirror"
    return run


def test_a_function_beside_a_framework_is_a_mirror_and_a_loop_is_none(mirror):
    assert is_mirror(mirror)
    assert not is_mirror(loop)
    assert not is_mirror(from_notebook(simple_rnn))


def test_each_author_is_told_in_words_of_their_own(mirror):
    transposed = BY_NAME["U transposed"]
    assert "np.dot(U, state_t)" in fix_for(transposed, loop)
    assert "recurrent_kernel" in fix_for(transposed, mirror)
    assert fix_for(BY_NAME["W reshaped"], loop) == fix_for(BY_NAME["W reshaped"], mirror)


def test_no_fix_for_a_loop_speaks_of_a_framework():
    for mistake in MISTAKES:
        words = mistake.fix.replace(",", " ").replace(":", " ").split()
        if mistake.mirror_fix:
            assert not {"torch", "Keras", "Keras'"} & set(words), mistake.name


def test_a_function_of_one_bias_drops_no_other():
    notebook = from_notebook(simple_rnn)
    assert is_notebook(notebook)
    assert not is_notebook(loop)
    assert not is_possible(BY_NAME["b_U dropped"], notebook)
    assert is_possible(BY_NAME["b_U dropped"], loop)
    assert is_possible(BY_NAME["bias dropped"], notebook)
