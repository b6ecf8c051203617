"""Who wrote an implementation, and so which mistakes are possible and in which words they are
fixed.
"""

import sys
from types import ModuleType

import pytest

from harness.mistakes.catalogue import BY_NAME, MISTAKES
from harness.mistakes.causes.author import fix_for, is_mirror, is_notebook, is_possible
from references import from_notebook
from references.cells.rnn import simple_rnn
from references.form import Form
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


def gated(form):
    """A function whose form is known."""

    def run(case):
        raise NotImplementedError

    run.notebook_form = lambda: form
    return run


def test_a_function_of_two_biases_can_drop_one():
    assert is_possible(BY_NAME["b_U dropped"], gated(Form(biases="two")))
    assert is_possible(BY_NAME["b_hn dropped"], gated(Form(cell="gru", biases="rows")))
    assert not is_possible(BY_NAME["b_hn dropped"], gated(Form(cell="gru")))


def test_the_order_of_gates_is_the_functions_own():
    swapped, whole = (
        BY_NAME["lstm gates i and f swapped"],
        BY_NAME["lstm gates of U in ONNX's order"],
    )
    torch, onnx = (gated(Form(cell="lstm", gates=(*order,))) for order in ("ifgo", "iofg"))
    assert fix_for(swapped, torch) == "cut W, U and b in the order i, f, g, o"
    assert fix_for(swapped, onnx) == "cut W, U and b in the order i, o, f, g"
    assert is_possible(whole, torch)
    assert is_possible(whole, gated(Form(cell="lstm")))
    assert not is_possible(whole, onnx)
    inside = BY_NAME["both biases of n inside the reset"]
    assert fix_for(inside, gated(Form(cell="gru"))) == ("write n = tanh(W_n x + b_n + r * (U_n h))")
