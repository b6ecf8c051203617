"""The form of a function of arrays: by its signature, and by one probe."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from references.cells.activations import ACTIVATIONS
from references.cells.rnn import simple_rnn
from references.form import PROBE, Form, form_of, probe


def four(inputs: Any, W: Any, U: Any, b: Any) -> Any: ...
def three(inputs: Any, W: Any, U: Any) -> Any: ...
def extra(inputs: Any, W: Any, U: Any, b: Any, h0: Any = None, *, verbose: bool = False) -> Any: ...
def default_bias(inputs: Any, W: Any, U: Any, bias: Any = None, h0: Any = None) -> Any: ...
def default_state(inputs: Any, W: Any, U: Any, h0: Any = None) -> Any: ...
def of_a_case(case: Any, a: Any, b: Any) -> Any: ...
def five(inputs: Any, W: Any, U: Any, b: Any, h0: Any) -> Any: ...
def two(inputs: Any, weights: Any) -> Any: ...
def keyword(inputs: Any, W: Any, U: Any, *, b: Any) -> Any: ...
def run(case: Any, a: int = 1, b: int = 2, c: int = 3) -> Any: ...


@functools.wraps(three)
def decorated(*given: Any, **options: Any) -> Any: ...


FORMS = {
    four: Form(),
    three: Form(bias=False),
    extra: Form(defaults=("h0",)),
    default_bias: Form(defaults=("h0",)),
    default_state: Form(bias=False, defaults=("h0",)),
    decorated: Form(bias=False),
    of_a_case: None,
    five: None,
    two: None,
    keyword: None,
    run: None,
    max: None,
}


@pytest.mark.parametrize(("function", "form"), FORMS.items())
def test_the_signature_gives_the_form(function: Any, form: Form | None) -> None:
    assert form_of(function) == form


def of(activation: Callable[[Any], Any], rows: bool = False) -> Callable[..., np.ndarray]:
    """A loop with this activation, in columns or in rows."""

    def loop(inputs: Any, W: Any, U: Any, b: Any) -> np.ndarray:
        h, outputs = np.zeros_like(b), []
        for x in inputs:
            h = activation(x @ W + h @ U + b if rows else W @ x + U @ h + b)
            outputs.append(h)
        return np.stack(outputs)

    return loop


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_probe_shows_rows_and_the_nonlinearity(name: str, rows: bool) -> None:
    form = probe(of(ACTIVATIONS[name], rows), Form())
    assert form == Form(rows=rows, nonlinearity=name)


def test_the_probe_names_a_nonlinearity_where_the_recurrence_is_wrong() -> None:
    def wrong(inputs: Any, W: Any, U: Any, b: Any) -> Any:
        return of(ACTIVATIONS["relu"])(inputs, W, U.T, b)

    assert probe(wrong, Form()).nonlinearity == "relu"


def test_no_two_activations_look_alike() -> None:
    inputs, W, _, b = PROBE
    for z in (W @ inputs[0] + b, W @ inputs[0]):
        values = [activation(z) for activation in ACTIVATIONS.values()]
        apart = [
            np.abs(one - other).max() for one in values for other in values if one is not other
        ]
        assert min(apart) > 0.1


def raises(error: BaseException) -> Callable[..., Any]:
    def function(*given: Any) -> Any:
        raise error

    return function


UNCLEAR: dict[str, Callable[..., Any]] = {
    "it crashes": raises(ZeroDivisionError()),
    "it exits": raises(SystemExit(1)),
    "another activation": of(np.sin),
    "a list": lambda *given: list(simple_rnn(*given)),
    "one step": lambda *given: simple_rnn(*given)[-1],
    "None": lambda *given: None,
    "text": lambda *given: np.full((3, 5), "x"),
    "NaN": lambda *given: np.full((3, 5), np.nan),
    "it writes into its inputs": lambda inputs, W, U, b: inputs.fill(0),
}


@pytest.mark.parametrize("function", UNCLEAR.values(), ids=UNCLEAR)
def test_whatever_else_a_function_does_leaves_the_form(function: Any) -> None:
    assert probe(function, Form()) == Form()


def test_a_function_that_is_not_written_is_noticed() -> None:
    assert not probe(raises(NotImplementedError()), Form()).written


def test_ctrl_c_passes_through_the_probe() -> None:
    with pytest.raises(KeyboardInterrupt):
        probe(raises(KeyboardInterrupt()), Form())


def test_a_call_has_the_arrays_that_the_form_takes() -> None:
    def arguments(*given: Any) -> list[Any]:
        return [item.shape for item in given]

    inputs, W, U, b = PROBE
    assert Form().call(arguments, inputs, W, U, b) == [(3, 2), (5, 2), (5, 5), (5,)]
    assert Form(bias=False, rows=True).call(arguments, inputs, W, U, b) == [(3, 2), (2, 5), (5, 5)]
    (_, _, transposed) = Form(bias=False, rows=True).call(lambda *given: given, inputs, W, U, b)
    assert np.array_equal(transposed, U.T)
