"""The form of a function of arrays: by its signature, and what it is called with."""

import functools
from typing import Any

import numpy as np
import pytest

from references.cells.gates import reordered
from references.form import Form, form_of
from references.probe import probe_case


def four(inputs: Any, W: Any, U: Any, b: Any) -> Any: ...
def three(inputs: Any, W: Any, U: Any) -> Any: ...
def extra(inputs: Any, W: Any, U: Any, b: Any, h0: Any = None, *, verbose: bool = False) -> Any: ...
def default_bias(inputs: Any, W: Any, U: Any, bias: Any = None, h0: Any = None) -> Any: ...
def default_state(inputs: Any, W: Any, U: Any, h0: Any = None) -> Any: ...
def of_a_case(case: Any, a: Any, b: Any) -> Any: ...
def five(inputs: Any, W: Any, U: Any, b: Any, h0: Any) -> Any: ...
def biases(x: Any, w_ih: Any, w_hh: Any, b_ih: Any, B_hh: Any, h0: Any = None) -> Any: ...
def two(inputs: Any, weights: Any) -> Any: ...
def keyword(inputs: Any, W: Any, U: Any, *, b: Any) -> Any: ...
def inputs_last(W: Any, U: Any, b: Any, inputs: Any) -> Any: ...
def textbook(x: Any, U: Any, W: Any, b: Any) -> Any: ...
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
    biases: Form(defaults=("h0",), biases="two"),
    two: None,
    keyword: None,
    inputs_last: None,
    textbook: Form(),  # Goodfellow's names: U reads the input
    run: None,
    max: None,
}


@pytest.mark.parametrize(("function", "form"), FORMS.items())
def test_the_signature_gives_the_form(function: Any, form: Form | None) -> None:
    assert form_of(function) == form


def test_the_arguments_are_the_arrays_that_the_form_takes() -> None:
    def shapes(form: Form, cell: str = "rnn") -> list[Any]:
        (weights,) = probe_case(cell, form.bias, "two").weights
        return [array.shape for array in form.arguments(weights)]

    assert shapes(Form()) == [(5, 2), (5, 5), (5,)]
    assert shapes(Form(bias=False, rows=True)) == [(2, 5), (5, 5)]
    assert shapes(Form(biases="two"), "gru") == [(15, 2), (15, 5), (15,), (15,)]
    assert shapes(Form(biases="rows", rows=True), "lstm") == [(2, 20), (5, 20), (2, 20)]


def test_the_arguments_hold_the_cases_numbers_in_the_forms_order() -> None:
    (weights,) = probe_case("lstm", True, "two").weights
    gates, order = ("i", "f", "g", "o"), ("i", "o", "f", "g")
    form = Form(cell="lstm", gates=order, biases="rows")
    W, U, b = form.arguments(weights)
    assert np.array_equal(W, reordered(weights.W, gates, order))
    assert not np.array_equal(W, weights.W)
    assert np.array_equal(U, reordered(weights.U, gates, order))
    assert np.array_equal(b[1], reordered(weights.b_U, gates, order))
    *_, b = Form().arguments(weights)
    assert np.array_equal(b, weights.b_W + weights.b_U)
    for array in (*form.arguments(weights), *Form(rows=True).arguments(weights)):
        assert not array.flags.writeable


@pytest.mark.parametrize(
    ("form", "limits"),
    [
        (Form(), {}),
        (Form(cell="rnn"), {}),
        (Form(cell="lstm"), {"cell": "lstm"}),
        (Form(cell="gru"), {"cell": "gru", "reset_after": True, "recurrent_biases": False}),
        (Form(cell="gru", reset_after=False, bias=False), {"cell": "gru", "reset_after": False}),
        (Form(cell="gru", biases="rows"), {"cell": "gru", "reset_after": True}),
    ],
)
def test_limits_follow_from_the_cell_and_its_biases(form: Form, limits: Any) -> None:
    assert form.limits == limits
