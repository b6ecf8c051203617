"""from_notebook: a function of inputs, W, U, b as an implementation, and what it refuses."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness import Mismatch, check, sample_cases, verify
from harness.judge.judge import judge
from harness.mistakes.causes.diagnosis import diagnose
from references import Unsupported, from_notebook
from references.case import Case
from references.cells.activations import ACTIVATIONS, sigmoid
from references.cells.rnn import simple_rnn
from references.notebook import LIMITS


def drawn(**changed: Any) -> Case:
    sizes: dict[str, Any] = {
        "time": 5,
        "batch": 3,
        "input_size": 3,
        "hidden_size": 4,
    }
    others = {"regimes": "contracting", "dtype": "float32"}
    return next(sample_cases(1, 3, **sizes | LIMITS | others | changed))


CASE = drawn()
GOOD = tuple(sample_cases(50, 8, **LIMITS))


def test_the_notebooks_loop_agrees_on_every_case_within_its_limits() -> None:
    for case in GOOD:
        assert check(case, from_notebook(simple_rnn)).kind == "agrees"


def test_each_row_is_given_alone_with_the_two_biases_folded() -> None:
    given = []

    def recorded(inputs: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray) -> np.ndarray:
        given.append((inputs.copy(), W.copy(), U.copy(), b.copy()))
        return simple_rnn(inputs, W, U, b)

    sequence = from_notebook(recorded)(CASE)
    (cell,) = CASE.weights
    assert sequence.shape == (3, 5, 4)
    del given[0]  # the probe
    assert len(given) == 3
    for row, (inputs, W, U, b) in enumerate(given):
        assert np.array_equal(inputs, CASE.inputs[row])
        assert np.array_equal(W, cell.W)
        assert np.array_equal(U, cell.U)
        assert np.array_equal(b, cell.b_W + cell.b_U)


def test_it_keeps_the_functions_name() -> None:
    assert from_notebook(simple_rnn).__qualname__ == "simple_rnn"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"num_layers": 2}, "several layers"),
        ({"bidirectional": True}, "two directions"),
        ({"go_backwards": True}, "go_backwards"),
        ({"nonlinearity": "relu"}, "nonlinearity relu"),
        ({"nonlinearity": "sigmoid"}, "nonlinearity sigmoid"),
    ],
)
def test_it_refuses_what_a_notebook_function_has_no_argument_for(
    changed: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Unsupported) as raised:
        from_notebook(simple_rnn)(drawn(**changed))
    assert str(raised.value) == f"a notebook function has no argument for {reason}"


def test_it_refuses_a_mask() -> None:
    with pytest.raises(Unsupported) as raised:
        from_notebook(simple_rnn)(replace(CASE, mask=np.ones((3, 5), bool)))
    assert str(raised.value) == "a notebook function has no argument for a mask"


def test_it_refuses_an_initial_state_that_is_not_zero() -> None:
    with pytest.raises(Unsupported) as raised:
        from_notebook(simple_rnn)(replace(CASE, h_0=np.ones((1, 3, 4), np.float32)))
    assert str(raised.value) == "a notebook function has no argument for an initial state"


@pytest.mark.slow
def test_a_refusal_counts_as_none_of_its_cases() -> None:
    report = verify(from_notebook(simple_rnn), examples=20, num_layers=2)
    assert (report.exit_status, report.agrees) == (3, False)


def test_it_refuses_a_bias_that_the_function_does_not_take() -> None:
    def no_bias(inputs: Any, W: Any, U: Any) -> Any:
        return simple_rnn(inputs, W, U, np.zeros(len(W), W.dtype))

    run = from_notebook(no_bias)
    assert check(drawn(bias=False), run).kind == "agrees"
    with pytest.raises(Unsupported, match="a notebook function has no argument for a bias"):
        run(drawn(bias=True))
    assert run.limits == LIMITS | {"bias": False}  # type: ignore[attr-defined]


def test_a_function_of_rows_gets_both_matrices_transposed() -> None:
    def rows(inputs: Any, W: Any, U: Any, b: Any) -> Any:
        assert W.shape == (inputs.shape[1], len(b))
        return simple_rnn(inputs, W.T, U.T, b)

    for case in GOOD:
        assert check(case, from_notebook(rows)).kind == "agrees"


@pytest.mark.parametrize("name", ["relu", "linear", "sigmoid", "softsign"])
def test_it_computes_the_nonlinearity_that_it_claims(name: str) -> None:
    def rnn(inputs: Any, W: Any, U: Any, b: Any) -> Any:
        h, outputs = np.zeros_like(b), []
        for x in inputs:
            h = ACTIVATIONS[name](W @ x + U @ h + b)
            outputs.append(h)
        return np.stack(outputs)

    run = from_notebook(rnn, name)
    assert run.limits == LIMITS | {"nonlinearity": name}  # type: ignore[attr-defined]
    for case in sample_cases(10, 8, **LIMITS | {"nonlinearity": name}):
        assert check(case, run).kind == "agrees"
    with pytest.raises(Unsupported, match="no argument for nonlinearity tanh"):
        run(CASE)


def test_a_nonlinearity_that_there_is_not_gets_a_sentence() -> None:
    with pytest.raises(ValueError, match="nonlinearity is 'gelu', expected one of tanh, relu, "):
        from_notebook(simple_rnn, "gelu")


def test_a_function_of_other_arguments_gets_a_sentence() -> None:
    def five(inputs: Any, W: Any, U: Any, b: Any, h0: Any) -> Any: ...

    with pytest.raises(TypeError) as raised:
        from_notebook(five)
    expected = "expected a function fn(inputs, W, U, b)"
    assert str(raised.value) == f"fn takes inputs, W, U, b, h0, {expected}"


@pytest.mark.slow
def test_within_its_limits_verify_draws_nothing_that_it_refuses() -> None:
    report = verify(from_notebook(simple_rnn), examples=40)
    assert report.summaries[0].counts == {"agrees": 40}
    assert report.limits == LIMITS


WRONG = {
    "U transposed": lambda inputs, W, U, b: simple_rnn(inputs, W, U.T, b),
    "no state": lambda inputs, W, U, b: np.tanh(inputs @ W.T + b),
    "no bias": lambda inputs, W, U, b: simple_rnn(inputs, W, U, 0 * b),
    "time reversed": lambda inputs, W, U, b: simple_rnn(inputs[::-1], W, U, b),
    "state before output": lambda inputs, W, U, b: simple_rnn(inputs, W, U, b) @ U.T,
    "one buffer": lambda inputs, W, U, b: np.repeat(
        simple_rnn(inputs, W, U, b)[-1:], len(inputs), axis=0
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_notebook_function_differs(wrong: Any) -> None:
    with pytest.raises(Mismatch) as raised:
        check(CASE, from_notebook(wrong))
    assert raised.value.verdict.wrong > 0


MALFORMED = {
    "None": lambda *given: None,
    "a list of steps": lambda *given: list(simple_rnn(*given)),
    "a list of lists": lambda *given: simple_rnn(*given).tolist(),
    "a masked array": lambda *given: np.ma.array(simple_rnn(*given), mask=True),
    "float16": lambda *given: simple_rnn(*given).astype("float16"),
    "complex": lambda *given: simple_rnn(*given).astype("complex64"),
    "the first step": lambda *given: simple_rnn(*given)[0],
    "time last": lambda *given: simple_rnn(*given).T,
    "a batch of one": lambda *given: simple_rnn(*given)[np.newaxis],
    "a pair": lambda *given: (simple_rnn(*given), simple_rnn(*given)[-1]),
}


@pytest.mark.parametrize("malformed", MALFORMED.values(), ids=MALFORMED)
def test_a_function_that_returns_no_array_of_time_and_units_does_not_agree(malformed: Any) -> None:
    with pytest.raises(Mismatch) as raised:
        check(CASE, from_notebook(malformed))
    assert len(raised.value.verdict.reason.splitlines()) == 1


def test_a_function_that_returns_none_is_told_so() -> None:
    assert "None" in judge(CASE, from_notebook(lambda *given: None)).reason


def test_a_function_that_raises_has_crashed() -> None:
    def raises(inputs: Any, W: Any, U: Any, b: Any) -> Any:
        raise ZeroDivisionError("no units")

    verdict = judge(CASE, from_notebook(raises))
    assert (verdict.kind, verdict.reason) == ("crashed", "it raised ZeroDivisionError: no units")


@pytest.mark.parametrize("name", ["inputs", "W", "U", "b"])
def test_writing_into_any_of_the_four_arguments_does_not_agree(name: str) -> None:
    def writes(inputs: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray) -> np.ndarray:
        outputs = simple_rnn(inputs, W, U, b)
        {"inputs": inputs, "W": W, "U": U, "b": b}[name].fill(0)
        return outputs

    verdict = judge(CASE, from_notebook(writes))
    assert verdict.kind in ("crashed", "differs")


@pytest.mark.parametrize("batch", [1, 3])
def test_a_function_that_fills_its_result_again_in_the_next_call_differs(batch: int) -> None:
    """Each row's outputs are right when they are returned, and not what they were after that."""
    case = drawn(batch=batch, dtype="float64")
    buffer = np.empty((5, 4))

    def reuses(inputs: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray) -> np.ndarray:
        buffer[...] = simple_rnn(inputs, W, U, b)
        return buffer

    run = from_notebook(reuses)
    assert judge(case, run).kind == "differs"
    assert diagnose(case, run).names == ("one buffer for all calls",)


@pytest.mark.parametrize("value", [None, "my_rnn", 3])
def test_what_is_no_function_gets_a_sentence(value: Any) -> None:
    with pytest.raises(TypeError) as raised:
        from_notebook(value)
    assert str(raised.value) == f"fn is {value!r}, expected a function fn(inputs, W, U, b)"


def split(inputs: Any, W: Any, U: Any, b: Any) -> Any:
    """An LSTM, its gates in ONNX's order."""
    h = c = np.zeros(U.shape[1])
    outputs = []
    for x in inputs:
        i, o, f, g = np.split(W @ x + U @ h + b, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs)


def one_b(inputs: Any, W: Any, U: Any, b: Any) -> Any:
    """A GRU that resets after U h, its gates in torch's order."""
    h, outputs = np.zeros(U.shape[1]), []
    for x in inputs:
        (w_r, w_z, w_n), (u_r, u_z, u_n) = np.split(W @ x + b, 3), np.split(U @ h, 3)
        z = sigmoid(w_z + u_z)
        h = (1 - z) * np.tanh(w_n + sigmoid(w_r + u_r) * u_n) + z * h
        outputs.append(h)
    return np.stack(outputs)


def gated(cell: str, **changed: Any) -> Case:
    return drawn(**{"dtype": "float64", "cell": cell} | changed)


def test_a_cell_with_gates_is_recognised_or_claimed() -> None:
    for run in (from_notebook(split), from_notebook(split, cell="lstm")):
        assert check(gated("lstm"), run).kind == "agrees"
        assert run.notebook_form().limits == {"cell": "lstm"}  # type: ignore[attr-defined]
        with pytest.raises(Unsupported, match="no argument for a cell rnn"):
            run(CASE)
    claimed = from_notebook(split, cell="lstm")
    assert claimed.limits == LIMITS | {"cell": "lstm"}  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="cell is 'elman', expected one of rnn, gru, lstm"):
        from_notebook(split, cell="elman")


def test_a_functions_own_limits_are_its_claims() -> None:
    def claims(*given: Any) -> Any:
        return split(*given)

    claims.limits = {"cell": "gru", "time": (1, 3)}  # type: ignore[attr-defined]
    run = from_notebook(claims)
    assert run.limits == LIMITS | {"cell": "gru", "time": (1, 3)}  # type: ignore[attr-defined]
    assert judge(gated("gru"), run).kind == "crashed"
    assert judge(gated("lstm"), run).kind == "refused"
    assert check(gated("lstm"), run.with_claim("", "lstm"))  # type: ignore[attr-defined]


@pytest.mark.parametrize("cell", ["gru", ""])
def test_its_limits_are_those_within_which_it_refuses_nothing(cell: str) -> None:
    def before(inputs: Any, W: Any, U: Any, b: Any) -> np.ndarray:
        h, outputs = np.zeros(U.shape[1]), []
        for x in inputs:
            (w_r, w_z, w_n), (U_r, U_z, U_n) = np.split(W @ x + b, 3), np.split(U, 3)
            r, z = sigmoid(w_r + U_r @ h), sigmoid(w_z + U_z @ h)
            h = (1 - z) * np.tanh(w_n + U_n @ (r * h)) + z * h
            outputs.append(h)
        return np.stack(outputs)

    for function in (one_b, before):
        run: Any = from_notebook(function, cell=cell)
        assert run.limits["cell"] == "gru"
        for case in sample_cases(10, **run.limits):
            assert check(case, run).kind == "agrees"


def test_a_gru_of_one_b_refuses_what_that_cannot_say() -> None:
    run = from_notebook(one_b)
    plain = {"reset_after": True, "recurrent_biases": False}
    assert check(gated("gru", **plain), run).kind == "agrees"
    with pytest.raises(Unsupported, match="no argument for a recurrent bias"):
        run(gated("gru", reset_after=True, bias=True))
    with pytest.raises(Unsupported, match="no argument for reset_after=False"):
        run(gated("gru", reset_after=False))


def test_a_claim_keeps_what_it_does_not_name() -> None:
    run = from_notebook(simple_rnn, "relu").with_claim("", "rnn")  # type: ignore[attr-defined]
    assert (run.limits["nonlinearity"], run.limits["cell"]) == ("relu", "rnn")
