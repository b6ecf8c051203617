"""recorded: what came out of one case, in every form, and nothing about another case."""

from dataclasses import replace

import numpy as np
import pytest

from harness.draw.generate import sample_cases
from harness.judge.calls.observe import observe
from harness.judge.calls.recorded import called_once, is_recorded, recorded
from harness.judge.judge import judge
from references.case import Outputs
from references.numpy_rnn import run

(LSTM,) = sample_cases(1, cell="lstm", num_layers=2, bidirectional=True, time=5, batch=3)
(RNN,) = sample_cases(1, num_layers=2, bidirectional=True, time=5, batch=3)


class Tensor:
    """As torch's: an array only once it is detached."""

    def __init__(self, array, requires_grad=True):
        self.array, self.requires_grad = array, requires_grad
        self.ndim = array.ndim

    def __array__(self, dtype=None, copy=None):
        if self.requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self.array

    def detach(self):
        return Tensor(self.array, False)

    def cpu(self):
        return self

    def numpy(self):
        return self.__array__()


Tensor.__module__ = "torch"


class Eager:
    """As TensorFlow's."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


def by_keras(outputs):
    """The sequence, and both states of each layer and direction in turn."""
    states = zip(outputs.h_n, outputs.c_n, strict=True)
    return [outputs.sequence, *(state for pair in states for state in pair)]


FORMS = {
    "array": lambda out: out.sequence,
    "memmap": lambda out: out.sequence.view(np.memmap),
    "Outputs": lambda out: out,
    "Outputs of tensors": lambda out: Outputs(
        Tensor(out.sequence), Tensor(out.h_n), list(map(Tensor, out.layers)), c_n=Tensor(out.c_n)
    ),
    "torch": lambda out: (Tensor(out.sequence), (Tensor(out.h_n), Tensor(out.c_n))),
    "Keras": by_keras,
    "Keras, eager": lambda out: tuple(map(Eager, by_keras(out))),
    "three arrays": lambda out: (out.sequence, out.h_n, out.c_n),
    "tensor": lambda out: Tensor(out.sequence),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_each_form_gives_the_same_arrays(form):
    right = run(LSTM)
    outputs = observe(LSTM, recorded(LSTM, form(right))).outputs
    assert np.array_equal(outputs.sequence, right.sequence)
    for state in ("h_n", "c_n"):
        own = getattr(outputs, state)
        assert own is None or np.array_equal(own, getattr(right, state))
    assert (outputs.c_n is None) == (not isinstance(form(right), tuple | list | Outputs))


@pytest.mark.parametrize("form", [FORMS["torch"], FORMS["Keras"]])
def test_states_in_another_order_differ(form):
    right = run(LSTM)
    swapped = form(replace(right, h_n=right.h_n[::-1].copy(), c_n=right.c_n[::-1].copy()))
    verdict = judge(LSTM, recorded(LSTM, swapped), calls=1)
    whole = Outputs(right.sequence, right.h_n, right.layers, c_n=right.c_n)
    assert judge(LSTM, recorded(LSTM, whole), calls=1).kind == "agrees"
    assert verdict.kind != "agrees"


def test_states_of_an_rnn_come_in_both_forms():
    right = run(RNN)
    for item in ((right.sequence, right.h_n), [right.sequence, *right.h_n]):
        assert np.array_equal(observe(RNN, recorded(RNN, item)).outputs.h_n, right.h_n)


class PackedSequence(tuple):
    """As torch's, which is a tuple."""


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ([], r"^what came out holds NoneType, expected an array \(batch, time, units\), "),
        ((1, 2), r"^what came out holds int, expected an array"),
        (PackedSequence([1]), r"^what came out is a PackedSequence; unpack it with torch\.nn\."),
        (
            [np.zeros((3, 5, 4)), np.zeros((3, 4))],
            r"^its states have the shapes \(3, 4\), expected h_n and c_n \(layers \* directions, "
            r"batch, units\), or 8 states \(batch, units\) as Keras has them$",
        ),
        (
            [np.zeros((3, 5, 4)), *[np.zeros((3, 4))] * 7, np.zeros((3, 9))],
            r"^its states have the shapes \(3, 4\), .*, \(3, 9\), expected h_n and c_n",
        ),
    ],
)
def test_what_is_in_no_form_is_named(item, sentence):
    assert is_recorded(item)
    with pytest.raises(TypeError, match=sentence):
        recorded(LSTM, item)


def test_a_tensor_without_numbers_is_named():
    class Symbolic:
        def __array__(self, dtype=None, copy=None):
            raise ValueError("a symbolic tensor has no numbers")

    with pytest.raises(TypeError, match="Symbolic cannot be read as an array: a symbolic tensor"):
        recorded(LSTM, Symbolic())


@pytest.mark.parametrize("layers", [np.zeros((2, 3, 5, 4)), 3])
def test_layers_that_are_no_tuple_are_named(layers):
    verdict = judge(RNN, recorded(RNN, replace(run(RNN), layers=layers)), calls=1)
    assert verdict.reason == "Outputs.layers must be a tuple of 2 sequences"


def test_functions_and_words_are_not_what_came_out():
    assert not any(map(is_recorded, (run, "torch", None, 3, np.zeros)))


def test_of_another_case_it_knows_nothing():
    implementation = recorded(RNN, run(RNN))
    for other in (replace(RNN, inputs=RNN.inputs * 2), RNN.first_layers(1)):
        observation = observe(other, implementation)
        assert (observation.outputs, observation.kind) == (None, "inconclusive")


def test_a_function_is_called_once_unless_it_raises():
    calls = []

    def count(case):
        calls.append(case)
        if len(calls) == 1:
            raise ValueError
        return run(case)

    once = called_once(RNN, count)
    assert observe(RNN, once).kind == "crashed"
    for _ in range(3):
        assert observe(RNN, once).outputs is not None
    assert len(calls) == 2


def test_what_decides_how_it_is_judged_stays():
    def wide(case):
        return run(case).sequence.astype("float64")

    (case,) = sample_cases(1, dtype="float32", num_layers=1)
    assert judge(case, called_once(case, wide), calls=1).kind == "agrees"
    wide.exact_dtype, wide.notebook_form = True, list
    assert called_once(case, wide).notebook_form is list
    assert judge(case, called_once(case, wide), calls=1).kind == "differs"
