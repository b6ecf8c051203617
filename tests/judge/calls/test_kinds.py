"""What is no implementation gets a sentence and code to start from, which works when pasted."""

import functools
from typing import Any

import numpy as np
import pytest

from harness import check, sample_cases, verify
from harness.judge.calls.kinds import WrongKind, adapt, is_blank
from references import from_notebook, installed
from references.cells.rnn import simple_rnn
from references.notebook import LIMITS

SMALL = {"time": (2, 4), "batch": (1, 2), "input_size": (2, 3), "hidden_size": (2, 3)}


class Model:
    """As a student writes it."""

    def __init__(self, inputs: int, units: int) -> None:
        self.sizes = inputs, units
        self.W = self.U = self.b = np.zeros(0)

    def forward(self, inputs: np.ndarray) -> np.ndarray:
        return simple_rnn(inputs, self.W, self.U, self.b)


def five(inputs: Any, W: Any, U: Any, b: Any, h0: Any) -> Any:
    return simple_rnn(inputs, W, U, b + h0)


def six(inputs: Any, W: Any, U: Any, b_W: Any, b_U: Any, h0: Any) -> Any:
    return simple_rnn(inputs, W, U, b_W + b_U + h0)


def inputs_last(W: Any, U: Any, b: Any, inputs: Any) -> Any:
    return simple_rnn(inputs, W, U, b)


def all_by_name(*, inputs: Any, W: Any, U: Any, b: Any) -> Any:
    return simple_rnn(inputs, W, U, b)


def of_an_activation(inputs: Any, W: Any, U: Any, b: Any, activation: Any) -> Any: ...
def of_each_gate(x: Any, W_r: Any, W_z: Any, W_n: Any, U_r: Any, U_z: Any, U_n: Any) -> Any: ...
def two(inputs: Any, params: Any) -> Any: ...
def none() -> Any: ...
def keyword(case: Any, *, mode: str) -> Any: ...
def three_of_a_case(case: Any, a: Any, b: Any) -> Any: ...


def wraps_itself(case):
    raise ValueError


wraps_itself.__wrapped__ = wraps_itself


def test_a_function_that_wraps_itself_is_not_blank():
    assert not is_blank(wraps_itself)


def blank(inputs: Any, W: Any, U: Any, b: Any) -> Any:
    """To be written."""
    raise NotImplementedError("write me")


def blank_case(case: Any) -> Any:
    raise NotImplementedError


EXPECTED = "expected run(case) or rnn(inputs, W, U, b)"
SENTENCES = {
    Model: f"it is a class; {EXPECTED}",
    five: f"it takes 5 arguments (inputs, W, U, b, h0); {EXPECTED}",
    two: f"it takes 2 arguments (inputs, params); {EXPECTED}",
    none: f"it takes no argument; {EXPECTED}",
    keyword: f"it takes 2 arguments (case, *, mode); {EXPECTED}",
    inputs_last: f"it takes 4 arguments (W, U, b, inputs); {EXPECTED}",
    all_by_name: f"it takes 4 arguments (*, inputs, W, U, b); {EXPECTED}",
    three_of_a_case: f"it takes 3 arguments (case, a, b); {EXPECTED}",
    blank: "it raises NotImplementedError: it is not written yet",
    blank_case: "it raises NotImplementedError: it is not written yet",
}


def error(item: Any) -> WrongKind:
    with pytest.raises(WrongKind) as raised:
        adapt(item, "it")
    assert len(raised.value.paste.splitlines()) <= 8
    return raised.value


@pytest.mark.parametrize(("item", "sentence"), SENTENCES.items())
def test_what_is_no_implementation_gets_a_sentence(item: Any, sentence: str) -> None:
    assert error(item).sentence == sentence
    assert all(len(part.split()) <= 25 for part in sentence.split(". "))


def pasted(text: str, name: str, **names: Any) -> Any:
    """The function that the code makes."""
    exec(compile(text, "pasted", "exec"), names)
    return names[name]


def test_what_is_pasted_for_a_class_agrees() -> None:
    assert verify(pasted(error(Model).paste, "rnn", Model=Model), examples=10).agrees


def state_first(x: Any, h_prev: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    return simple_rnn(x, Wx, Wh, b + h_prev)


@pytest.mark.parametrize("function", [five, six, state_first, inputs_last, all_by_name])
def test_what_is_pasted_for_other_arguments_agrees(function: Any) -> None:
    names = {function.__name__: function}
    assert verify(pasted(error(function).paste, "rnn_of_four", **names), examples=10).agrees


@pytest.mark.parametrize("item", [two, none, blank, of_an_activation, of_each_gate])
def test_what_is_pasted_for_all_others_compiles(item: Any) -> None:
    pasted(error(item).paste, "rnn")


@pytest.mark.framework
def test_a_torch_module_gets_code_that_agrees() -> None:
    torch = pytest.importorskip("torch")
    for item in (torch.nn.RNN(3, 4), torch.nn.Sequential(torch.nn.RNN(3, 4))):
        own = "references.read gives its config and weights for a case: check(case, outputs) then "
        own += "judges what it puts out"
        expected = f"{EXPECTED}. {own}"
        assert error(item).sentence == f"it is a torch module with weights of its own; {expected}"
    assert verify(pasted(error(item).paste, "rnn"), examples=10, **SMALL).agrees
    assert error(type(item)).paste == error(item).paste


@pytest.mark.slow
@pytest.mark.framework
@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
def test_a_layer_with_gates_gets_code_that_agrees(kind: str) -> None:
    torch, keras = map(pytest.importorskip, ("torch", "keras"))
    for item in (getattr(torch.nn, kind)(3, 4), getattr(keras.layers, kind)(4)):
        paste = error(item).paste
        assert f".{kind}(" in paste
        assert verify(pasted(paste, "rnn"), examples=5, **SMALL).agrees


@pytest.mark.framework
def test_a_torch_module_that_takes_a_case_is_an_implementation() -> None:
    torch = pytest.importorskip("torch")

    class Wrapped(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, case: Any) -> Any: ...

    wrapped = Wrapped()
    assert adapt(wrapped, "it") is wrapped


@pytest.mark.framework
def test_a_keras_layer_or_model_gets_code_that_agrees() -> None:
    if "keras" not in installed():
        pytest.skip("keras is not installed")
    import keras

    layer = keras.layers.SimpleRNN(4)
    for item in (layer, keras.Sequential([layer])):
        assert error(item).sentence.startswith("it is a Keras layer or model with weights of ")
    assert verify(pasted(error(item).paste, "rnn"), examples=5, **SMALL).agrees


@functools.wraps(simple_rnn)
def decorated(*given: Any) -> Any:
    return simple_rnn(*given)


class Bound:
    def rnn(self, inputs: Any, W: Any, U: Any, b: Any) -> Any:
        return simple_rnn(inputs, W, U, b)

    __call__ = rnn


@pytest.mark.parametrize("function", [simple_rnn, decorated, Bound().rnn, Bound()])
def test_a_notebooks_function_is_wrapped(function: Any) -> None:
    assert adapt(function, "it").limits == LIMITS  # type: ignore[attr-defined]


def test_what_takes_a_case_stays_as_it_is() -> None:
    def options(case: Any, a: int = 1, b: int = 2) -> None: ...
    def anything(*given: Any) -> None: ...

    for run in (options, anything, from_notebook(simple_rnn), len):
        assert adapt(run, "it") is run


def test_check_takes_a_notebooks_function_and_refuses_other_objects() -> None:
    case = next(sample_cases(1, **LIMITS))
    assert check(case, simple_rnn).kind == "agrees"
    text = r"test_kinds:Model is a class; expected run\(case\).*\nStart from this:\n    def rnn\("
    with pytest.raises(TypeError, match=text):
        check(case, Model)


def test_check_takes_the_cases_nonlinearity_for_the_functions_claim() -> None:
    def relu(inputs: Any, W: Any, U: Any, b: Any) -> Any:
        h, outputs = np.zeros_like(b), []
        for x in inputs:
            h = np.maximum(W @ x + U @ h + b, 0)
            outputs.append(h)
        return np.stack(outputs)

    case = next(sample_cases(1, **LIMITS | {"nonlinearity": "relu"}))
    assert check(case, relu).kind == "agrees"


def test_a_float32_case_runs_in_float32() -> None:
    dtypes = set()

    def rnn(inputs: Any, W: Any, U: Any, b: Any) -> Any:
        dtypes.add(inputs.dtype.name)
        return simple_rnn(inputs, W, U, b)

    verdict = check(next(sample_cases(1, **LIMITS | {"dtype": "float32"})), rnn)
    assert not verdict.wider
    assert dtypes == {"float32", "float64"}  # float64 in the probe
