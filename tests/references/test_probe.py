"""One probe: rows, the nonlinearity, the cell, the order of its gates, its reset and its biases."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from references.cells.activations import ACTIVATIONS, sigmoid
from references.cells.rnn import simple_rnn
from references.form import Form
from references.probe import NEAR, ORDERS, equations, probe, probe_case

Loop = Callable[..., Any]
TORCH, KERAS, ONNX = ("i", "f", "g", "o"), ("z", "r", "n"), ("i", "o", "f", "g")


def of(activation: Callable[[Any], Any], rows: bool = False) -> Loop:
    """A loop with this activation, in columns or in rows."""

    def loop(inputs: Any, W: Any, U: Any, b: Any) -> np.ndarray:
        h, outputs = np.zeros_like(b), []
        for x in inputs:
            h = activation(x @ W + h @ U + b if rows else W @ x + U @ h + b)
            outputs.append(h)
        return np.stack(outputs)

    return loop


def lstm(order: tuple[str, ...], sigmoid: Callable[[Any], Any] = sigmoid) -> Loop:
    """A loop in columns whose gates stand in this order."""

    def loop(inputs: Any, W: Any, U: Any, b: Any) -> np.ndarray:
        h = c = np.zeros(U.shape[1])
        outputs = []
        for x in inputs:
            z = dict(zip(order, np.split(W @ x + U @ h + b, 4), strict=True))
            c = sigmoid(z["f"]) * c + sigmoid(z["i"]) * np.tanh(z["g"])
            h = sigmoid(z["o"]) * np.tanh(c)
            outputs.append(h)
        return np.stack(outputs)

    return loop


def gru(
    order: tuple[str, ...], after: bool = True, biases: str = "sum", rows: bool = False
) -> Loop:
    """A loop whose b is (3H,), of two rows, or two arguments."""

    def loop(inputs: Any, W: Any, U: Any, *b: Any) -> np.ndarray:
        W, U = (W.T, U.T) if rows else (W, U)
        b_W, b_U = {"sum": lambda: (*b, 0 * b[0]), "rows": lambda: b[0], "two": lambda: b}[biases]()
        h, outputs = np.zeros(U.shape[1]), []
        for x in inputs:
            of_x = dict(zip(order, np.split(W @ x + b_W, 3), strict=True))
            of_h = dict(zip(order, np.split(U @ h + b_U, 3), strict=True))
            r, z = (sigmoid(of_x[gate] + of_h[gate]) for gate in "rz")
            n = of_x["n"] + r * of_h["n"]
            if not after:
                n = of_x["n"] + dict(zip(order, np.split(U @ (r * h) + b_U, 3), strict=True))["n"]
            h = (1 - z) * np.tanh(n) + z * h
            outputs.append(h)
        return np.stack(outputs)

    return loop


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_probe_shows_rows_and_the_nonlinearity(name: str, rows: bool) -> None:
    form = probe(of(ACTIVATIONS[name], rows), Form())
    assert form == Form(rows=rows, nonlinearity=name, cell="rnn")


@pytest.mark.parametrize(
    "loop", [of(np.tanh), of(ACTIVATIONS["relu"], rows=True), lstm(ONNX), gru(KERAS)]
)
def test_the_probe_shows_as_much_of_what_gives_its_last_output_alone(loop: Loop) -> None:
    def last(inputs: Any, W: Any, U: Any, b: Any) -> np.ndarray:
        return loop(inputs, W, U, b)[-1]

    assert probe(last, Form()) == probe(loop, Form())


def test_the_probe_names_a_nonlinearity_where_the_recurrence_is_wrong() -> None:
    def wrong(inputs: Any, W: Any, U: Any, b: Any) -> Any:
        return of(ACTIVATIONS["relu"])(inputs, W, U.T, b)

    assert probe(wrong, Form()).nonlinearity == "relu"


@pytest.mark.parametrize("order", ORDERS["lstm"])
def test_the_probe_shows_an_lstm_and_the_order_of_its_gates(order: tuple[str, ...]) -> None:
    assert probe(lstm(order), Form()) == Form(cell="lstm", gates=order)


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("biases", ["sum", "rows", "two"])
@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("order", ORDERS["gru"])
def test_the_probe_shows_a_gru_its_order_its_reset_and_its_biases(
    order: tuple[str, ...], after: bool, biases: str, rows: bool
) -> None:
    form = probe(gru(order, after, biases, rows), Form(biases="two" if biases == "two" else "sum"))
    assert form == Form(rows=rows, cell="gru", gates=order, reset_after=after, biases=biases)


def test_a_wrong_recurrence_leaves_the_order_that_the_first_step_shows() -> None:
    def wrong(inputs: Any, W: Any, U: Any, b: Any) -> Any:
        return lstm(ONNX)(inputs, W, -U, b)

    def wrong_gru(inputs: Any, W: Any, U: Any, b: Any) -> Any:
        return gru(KERAS)(inputs, W, -U, b)

    assert probe(wrong, Form()).gates == ONNX
    form = probe(wrong_gru, Form())
    assert (form.gates, form.reset_after) == (KERAS, None)


def test_a_first_step_shows_where_b_hn_stands_and_not_where_the_reset_does() -> None:
    """From zeros r acts on b_hn alone: one that stands outside of it is no other convention."""

    def b_hn_outside(inputs: Any, W: Any, U: Any, b_W: Any, b_U: Any) -> Any:
        moved = np.concatenate([np.zeros_like(b_U[: -len(b_U) // 3]), b_U[-len(b_U) // 3 :]])
        return gru(("r", "z", "n"), biases="two")(inputs, W, U, b_W + moved, b_U - moved)

    form = probe(b_hn_outside, Form(biases="two"))
    assert (form.gates, form.reset_after) == (("r", "z", "n"), None)


UNCERTAIN = {
    "two gates swapped": lstm(("f", "i", "g", "o")),
    "another sigmoid": lstm(TORCH, lambda z: np.clip(z / 6 + 0.5, 0, 1)),
    "whole numbers": lambda *given: lstm(TORCH)(*given).astype(int),
    "NaN": lambda *given: lstm(TORCH)(*given) * np.nan,
    "one step as a sequence": lambda *given: lstm(TORCH)(*given)[-1:],
    "a list": lambda *given: list(lstm(TORCH)(*given)),
}


@pytest.mark.parametrize("function", UNCERTAIN.values(), ids=UNCERTAIN)
def test_what_the_probe_does_not_show_stays_open(function: Any) -> None:
    assert probe(function, Form()) == Form(cell="lstm")


def test_a_cell_that_is_claimed_is_the_only_one_that_is_tried() -> None:
    assert probe(lstm(TORCH), Form(), ["gru"]) == Form()
    assert probe(lstm(TORCH), Form(), ["lstm"]).gates == TORCH


def test_a_b_that_is_read_by_its_first_numbers_is_no_b_of_two_rows() -> None:
    def flat(inputs: Any, W: Any, U: Any, b: Any) -> Any:
        return gru(KERAS)(inputs, W, U, b.ravel()[: len(W)])

    assert probe(flat, Form()).biases == "sum"


def test_no_two_equations_look_alike() -> None:
    for cell in ORDERS:
        for bias, biases in ((True, "sum"), (True, "rows"), (True, "two"), (False, "sum")):
            pairs = combinations(equations(cell, bias, biases).values(), 2)
            assert min(np.abs(one - other).max() for one, other in pairs) > 40 * NEAR
    for bias in (True, False):
        case = probe_case("rnn", bias, "sum")
        z = case.weights[0].W @ case.inputs[0, 0] + case.weights[0].b_W
        pairs = combinations([activation(z) for activation in ACTIVATIONS.values()], 2)
        assert min(np.abs(one - other).max() for one, other in pairs) > 0.1


def raises(error: BaseException) -> Callable[..., Any]:
    def function(*given: Any) -> Any:
        raise error

    return function


UNCLEAR: dict[str, tuple[Callable[..., Any], str]] = {
    "it crashes": (raises(ZeroDivisionError()), ""),
    "it exits": (raises(SystemExit(1)), ""),
    "another activation": (of(np.sin), "rnn"),
    "a list": (lambda *given: list(simple_rnn(*given)), "rnn"),
    "one step as a sequence": (lambda *given: simple_rnn(*given)[-1:], "rnn"),
    "None": (lambda *given: None, "rnn"),
    "text": (lambda *given: np.full((3, 5), "x"), "rnn"),
    "NaN": (lambda *given: np.full((3, 5), np.nan), "rnn"),
    "it writes into its inputs": (lambda inputs, W, U, b: inputs.fill(0), ""),
}


@pytest.mark.parametrize(("function", "cell"), UNCLEAR.values(), ids=UNCLEAR)
def test_whatever_else_a_function_does_leaves_the_form(function: Any, cell: str) -> None:
    assert probe(function, Form()) == Form(cell=cell)


def test_a_function_that_is_not_written_is_noticed() -> None:
    assert not probe(raises(NotImplementedError()), Form()).written


def test_ctrl_c_passes_through_the_probe() -> None:
    with pytest.raises(KeyboardInterrupt):
        probe(raises(KeyboardInterrupt()), Form())
