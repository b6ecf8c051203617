"""Config, CellWeights and Case: a whole sentence for every bad input, and nothing that reaches a
case afterwards.
"""

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from references.arrays import frozen
from references.case import WEIGHTS, Case, CellWeights, Config, Outputs
from references.numpy_rnn import run

CONVERT = "; convert it with {0}.astype(...)"


def numbers(*shape: int, dtype: str = "float32") -> np.ndarray:
    """Different from one another and from 0."""
    return (np.arange(1, np.prod(shape) + 1).reshape(shape) / 8).astype(dtype)


def cell(H: int = 2, I: int = 3, dtype: str = "float32") -> CellWeights:
    return CellWeights(
        numbers(H, I, dtype=dtype),
        numbers(H, H, dtype=dtype),
        numbers(H, dtype=dtype),
        numbers(H, dtype=dtype),
    )


def arguments(**changed: Any) -> dict[str, Any]:
    """A good case, B = 2, T = 4, I = 3, H = 2, but for what is changed."""
    good = {
        "config": Config(3, 2),
        "weights": (cell(),),
        "inputs": numbers(2, 4, 3),
        "h_0": numbers(1, 2, 2),
        "mask": np.array([[True, True, False, True], [True, False, True, True]]),
    }
    return good | changed


def poisoned(value: float, *shape: int) -> np.ndarray:
    """Numbers whose last is `value`."""
    array = numbers(*shape)
    array.flat[-1] = value
    return array


# name, value, the error, the whole sentence
BAD_CONFIGS = [
    ("input_size", 0, ValueError, "input_size is 0, expected at least 1"),
    ("hidden_size", -3, ValueError, "hidden_size is -3, expected at least 1"),
    ("num_layers", 0, ValueError, "num_layers is 0, expected at least 1"),
    ("hidden_size", True, TypeError, "hidden_size is True, expected a whole number"),
    ("hidden_size", 2.0, TypeError, "hidden_size is 2.0, expected a whole number"),
    ("hidden_size", "2", TypeError, "hidden_size is '2', expected a whole number"),
    ("input_size", None, TypeError, "input_size is None, expected a whole number"),
    ("input_size", float("nan"), TypeError, "input_size is nan, expected a whole number"),
    ("input_size", np.array(3), TypeError, "input_size is array(3), expected a whole number"),
    ("bidirectional", 1, TypeError, "bidirectional is 1, expected True or False"),
    ("bias", None, TypeError, "bias is None, expected True or False"),
    ("go_backwards", "yes", TypeError, "go_backwards is 'yes', expected True or False"),
    (
        "nonlinearity",
        "TANH",
        ValueError,
        "nonlinearity is 'TANH', expected one of tanh, relu, linear, sigmoid, softsign",
    ),
    (
        "nonlinearity",
        None,
        ValueError,
        "nonlinearity is None, expected one of tanh, relu, linear, sigmoid, softsign",
    ),
    (
        "nonlinearity",
        ["tanh"],
        ValueError,
        "nonlinearity is ['tanh'], expected one of tanh, relu, linear, sigmoid, softsign",
    ),
    (
        "nonlinearity",
        np.array(["tanh", "relu"]),
        ValueError,
        (
            "nonlinearity is array(['tanh', 'relu'], dtype='<U4'), "
            "expected one of tanh, relu, linear, sigmoid, softsign"
        ),
    ),
    ("dtype", "float16", ValueError, "dtype is 'float16', expected one of float32, float64"),
    ("dtype", "complex64", ValueError, "dtype is 'complex64', expected one of float32, float64"),
    (
        "dtype",
        np.float32,
        ValueError,
        "dtype is <class 'numpy.float32'>, expected one of float32, float64",
    ),
    ("dtype", None, ValueError, "dtype is None, expected one of float32, float64"),
    ("cell", "LSTM", ValueError, "cell is 'LSTM', expected one of rnn, gru, lstm"),
    ("reset_after", 0, TypeError, "reset_after is 0, expected True or False"),
    (
        "reset_after",
        False,
        ValueError,
        "reset_after is False, but a cell rnn has no reset gate",
    ),
]


@pytest.mark.parametrize(
    ("name", "value", "error", "sentence"), BAD_CONFIGS, ids=lambda item: repr(item)[:30]
)
def test_a_config_that_no_rnn_can_have_gets_a_sentence(
    name: str, value: Any, error: type[Exception], sentence: str
) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        Config(**{"input_size": 3, "hidden_size": 2, name: value})
    assert (raised.type, str(raised.value)) == (error, sentence)


@pytest.mark.parametrize(
    ("name", "value", "plain"),
    [
        ("hidden_size", np.int64(2), 2),
        ("bias", np.bool_(True), True),
        ("dtype", np.dtype("float32"), "float32"),
    ],
)
def test_a_config_of_numpy_scalars_is_the_config_of_plain_values_or_refused(
    name: str, value: Any, plain: object
) -> None:
    """`repr` is what a user copies, so np.int64(2) or dtype('float32') may not stay inside."""
    try:
        config = Config(**{"input_size": 3, "hidden_size": 2, name: value})
    except (TypeError, ValueError) as error:
        assert str(error).startswith(f"{name} is ")  # noqa: PT017
    else:
        assert repr(config) == repr(Config(**{"input_size": 3, "hidden_size": 2, name: plain}))


BAD_CELLS = [
    ({"W": [[1.0]]}, TypeError, "W is a list, expected a numpy.ndarray"),
    ({"W": None}, TypeError, "W is a NoneType, expected a numpy.ndarray"),
    ({"W": np.float32(1)}, TypeError, "W is a float32, expected a numpy.ndarray"),
    (
        {"W": np.ma.ones((2, 3), np.float32)},
        TypeError,
        "W is a MaskedArray, expected a numpy.ndarray",
    ),
    (
        {"W": np.ones((2, 3), int)},
        TypeError,
        "W has dtype int64, expected float32 or float64" + CONVERT.format("W"),
    ),
    (
        {"W": np.ones((2, 3), np.float16)},
        TypeError,
        "W has dtype float16, expected float32 or float64" + CONVERT.format("W"),
    ),
    (
        {"W": np.ones((2, 3), complex)},
        TypeError,
        "W has dtype complex128, expected float32 or float64" + CONVERT.format("W"),
    ),
    (
        {"W": np.ones((2, 3), object)},
        TypeError,
        "W has dtype object, expected float32 or float64" + CONVERT.format("W"),
    ),
    (
        {"W": np.ones(3, np.float32)},
        ValueError,
        "W has shape (3,), expected (gates * hidden_size, input_size), all at least 1",
    ),
    (
        {"W": np.ones((2, 3, 1), np.float32)},
        ValueError,
        "W has shape (2, 3, 1), expected (gates * hidden_size, input_size), all at least 1",
    ),
    (
        {"W": np.ones((2, 0), np.float32)},
        ValueError,
        "W has shape (2, 0), expected (gates * hidden_size, input_size), all at least 1",
    ),
    (
        {"W": np.ones((0, 3), np.float32)},
        ValueError,
        "W has shape (0, 3), expected (gates * hidden_size, input_size), all at least 1",
    ),
    ({"U": numbers(2, 3)}, ValueError, "U has shape (2, 3), but W (2, 3) asks for (2, 2 / gates)"),
    ({"U": numbers(3, 3)}, ValueError, "U has shape (3, 3), but W (2, 3) asks for (2, 2 / gates)"),
    (
        {"U": numbers(2, 2, dtype="float64")},
        TypeError,
        "U has dtype float64, expected float32" + CONVERT.format("U"),
    ),
    ({"b_W": numbers(3)}, ValueError, "b_W has shape (3,), but W (2, 3) asks for (2,)"),
    ({"b_W": numbers(2, 1)}, ValueError, "b_W has shape (2, 1), but W (2, 3) asks for (2,)"),
    ({"b_U": numbers(1)}, ValueError, "b_U has shape (1,), but W (2, 3) asks for (2,)"),
    ({"b_U": 0.5}, TypeError, "b_U is a float, expected a numpy.ndarray"),
    (
        {"b_U": numbers(2, dtype="float64")},
        TypeError,
        "b_U has dtype float64, expected float32" + CONVERT.format("b_U"),
    ),
    ({"W": poisoned(np.nan, 2, 3)}, ValueError, "W[1, 2] is nan, expected only finite numbers"),
    ({"U": poisoned(np.inf, 2, 2)}, ValueError, "U[1, 1] is inf, expected only finite numbers"),
    ({"b_W": poisoned(-np.inf, 2)}, ValueError, "b_W[1] is -inf, expected only finite numbers"),
    ({"b_U": poisoned(np.nan, 2)}, ValueError, "b_U[1] is nan, expected only finite numbers"),
]


@pytest.mark.parametrize(
    ("changed", "error", "sentence"), BAD_CELLS, ids=[row[2] for row in BAD_CELLS]
)
def test_weights_that_do_not_fit_get_a_sentence(
    changed: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        CellWeights(**{"W": numbers(2, 3), "U": numbers(2, 2), **changed})
    assert (raised.type, str(raised.value)) == (error, sentence)


INPUTS_SHAPE = "expected (batch, time, 3), batch and time at least 1"
BAD_CASES = [
    ({"config": None}, TypeError, "config is None, expected a Config"),
    ({"config": {"input_size": 3}}, TypeError, "config is {'input_size': 3}, expected a Config"),
    ({"weights": None}, TypeError, "weights is a NoneType, expected a tuple of CellWeights"),
    ({"weights": cell()}, TypeError, "weights is a CellWeights, expected a tuple of CellWeights"),
    ({"weights": (numbers(2, 3),)}, TypeError, "weights[0] is a ndarray, expected CellWeights"),
    (
        {"weights": ()},
        ValueError,
        "weights holds 0 CellWeights, but num_layers=1 and bidirectional=False ask for 1",
    ),
    (
        {"weights": (cell(), cell())},
        ValueError,
        "weights holds 2 CellWeights, but num_layers=1 and bidirectional=False ask for 1",
    ),
    (
        {"config": Config(3, 2, bidirectional=True)},
        ValueError,
        "weights holds 1 CellWeights, but num_layers=1 and bidirectional=True ask for 2",
    ),
    (
        {"weights": (cell(3, 2),)},
        ValueError,
        "weights[0].W has shape (3, 2), expected (hidden_size, layer's inputs) = (2, 3)",
    ),
    (
        {"config": Config(3, 2, num_layers=2), "weights": (cell(), cell())},
        ValueError,
        "weights[1].W has shape (2, 3), expected (hidden_size, layer's inputs) = (2, 2)",
    ),
    (
        {"weights": (cell(dtype="float64"),)},
        TypeError,
        "weights[0] has dtype float64, but config.dtype is float32",
    ),
    (
        {"config": Config(3, 2, bias=False)},
        ValueError,
        "weights[0] has a bias that is not zero, but config.bias is False",
    ),
    ({"inputs": [[[1.0]]]}, TypeError, "inputs is a list, expected a numpy.ndarray"),
    (
        {"inputs": np.ma.ones((2, 4, 3), np.float32)},
        TypeError,
        "inputs is a MaskedArray, expected a numpy.ndarray",
    ),
    (
        {"inputs": numbers(2, 4, 3, dtype="float64")},
        TypeError,
        "inputs has dtype float64, expected float32" + CONVERT.format("inputs"),
    ),
    (
        {"inputs": numbers(2, 4, 3).astype(object)},
        TypeError,
        "inputs has dtype object, expected float32" + CONVERT.format("inputs"),
    ),
    (
        {"inputs": numbers(2, 4, 3).astype(">f8")},
        TypeError,
        "inputs has dtype >f8, expected float32" + CONVERT.format("inputs"),
    ),
    (
        {"inputs": numbers(2, 4, 3).astype("S8")},
        TypeError,
        "inputs has dtype |S8, expected float32" + CONVERT.format("inputs"),
    ),
    ({"inputs": numbers(4, 3)}, ValueError, f"inputs has shape (4, 3), {INPUTS_SHAPE}"),
    ({"inputs": numbers(2, 4, 2)}, ValueError, f"inputs has shape (2, 4, 2), {INPUTS_SHAPE}"),
    (
        {"inputs": np.zeros((2, 0, 3), np.float32)},
        ValueError,
        f"inputs has shape (2, 0, 3), {INPUTS_SHAPE}",
    ),
    (
        {"inputs": np.zeros((0, 4, 3), np.float32)},
        ValueError,
        f"inputs has shape (0, 4, 3), {INPUTS_SHAPE}",
    ),
    ({"inputs": np.array(np.nan, np.float32)}, ValueError, f"inputs has shape (), {INPUTS_SHAPE}"),
    (
        {"inputs": poisoned(np.nan, 2, 4, 3)},
        ValueError,
        "inputs[1, 3, 2] is nan, expected only finite numbers",
    ),
    (
        {"inputs": poisoned(-np.inf, 2, 4, 3)},
        ValueError,
        "inputs[1, 3, 2] is -inf, expected only finite numbers",
    ),
    ({"h_0": 0.0}, TypeError, "h_0 is a float, expected a numpy.ndarray"),
    (
        {"h_0": numbers(2, 2)},
        ValueError,
        "h_0 has shape (2, 2), expected (1, 2, 2), layers * directions first",
    ),
    (
        {"h_0": numbers(2, 1, 2)},
        ValueError,
        "h_0 has shape (2, 1, 2), expected (1, 2, 2), layers * directions first",
    ),
    (
        {"h_0": numbers(1, 2, 2, dtype="float64")},
        TypeError,
        "h_0 has dtype float64, expected float32" + CONVERT.format("h_0"),
    ),
    (
        {"h_0": poisoned(np.inf, 1, 2, 2)},
        ValueError,
        "h_0[0, 1, 1] is inf, expected only finite numbers",
    ),
    ({"mask": [[True] * 4] * 2}, TypeError, "mask is a list, expected a numpy.ndarray"),
    (
        {"mask": np.ones((2, 4), int)},
        TypeError,
        "mask has dtype int64, expected bool" + CONVERT.format("mask"),
    ),
    (
        {"mask": np.ones((4, 2), bool)},
        ValueError,
        "mask has shape (4, 2), expected (batch, time), here (2, 4)",
    ),
    (
        {"mask": np.ones(4, bool)},
        ValueError,
        "mask has shape (4,), expected (batch, time), here (2, 4)",
    ),
    (
        {"masked_output": "zeros"},
        ValueError,
        "masked_output is 'zeros', expected one of repeat, zero",
    ),
    ({"masked_output": None}, ValueError, "masked_output is None, expected one of repeat, zero"),
    ({"origin": 5}, TypeError, "origin is 5, expected a str"),
]


@pytest.mark.parametrize(
    ("changed", "error", "sentence"), BAD_CASES, ids=[row[2] for row in BAD_CASES]
)
def test_a_case_whose_parts_do_not_fit_gets_a_sentence(
    changed: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        Case(**arguments(**changed))
    assert (raised.type, str(raised.value)) == (error, sentence)


def test_a_case_of_a_size_that_no_memory_holds_is_refused_for_its_shape_before_it_is_copied() -> (
    None
):
    endless = np.broadcast_to(np.float32(0), (1 << 22, 1 << 22, 5))
    with pytest.raises(ValueError, match="expected") as raised:
        Case(**arguments(inputs=endless))
    assert str(raised.value) == f"inputs has shape (4194304, 4194304, 5), {INPUTS_SHAPE}"


def spread(array: np.ndarray) -> np.ndarray:
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


def read_only(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array


def offset_by_one_byte(array: np.ndarray) -> np.ndarray:
    raw = bytearray(b"\0" + array.tobytes())
    return np.frombuffer(raw, array.dtype, offset=1).reshape(array.shape)


UNUSUAL = [
    spread,
    read_only,
    offset_by_one_byte,
    np.asfortranarray,
    lambda array: array.astype(array.dtype.newbyteorder(">")),
    lambda array: array[::-1].copy()[::-1],
    lambda array: array.view(np.recarray),
]


@pytest.mark.parametrize(
    "form",
    UNUSUAL,
    ids=[
        "strided",
        "read-only",
        "unaligned",
        "Fortran order",
        "big-endian",
        "negative stride",
        "subclass",
    ],
)
def test_arrays_of_unusual_form_are_accepted_with_equal_values(form: Any) -> None:
    plain = Case(**arguments())
    unusual = Case(
        **arguments(
            weights=(
                CellWeights(*(form(getattr(cell(), name)) for name in ("W", "U", "b_W", "b_U"))),
            ),
            inputs=form(numbers(2, 4, 3)),
            h_0=form(numbers(1, 2, 2)),
        )
    )
    for array, expected in zip(arrays_of(unusual), arrays_of(plain), strict=True):
        assert type(array) is np.ndarray
        assert array.dtype == expected.dtype
        assert array.dtype.isnative
        assert array.flags.c_contiguous
        assert array.flags.aligned
        assert np.array_equal(array, expected)


def arrays_of(case: Case) -> list[np.ndarray]:
    cells = [getattr(cell, name) for cell in case.weights for name in ("W", "U", "b_W", "b_U")]
    return [*cells, case.inputs, case.h_0, *([] if case.mask is None else [case.mask])]


def test_what_is_left_out_is_zero() -> None:
    case = Case(
        config=Config(3, 2),
        weights=(CellWeights(numbers(2, 3), numbers(2, 2)),),
        inputs=numbers(2, 4, 3),
    )
    assert not case.weights[0].b_W.any()
    assert not case.weights[0].b_U.any()
    assert case.h_0.shape == (1, 2, 2)
    assert not case.h_0.any()
    assert case.mask is None
    assert (case.batch, case.time) == (2, 4)


def test_every_array_of_a_case_is_read_only() -> None:
    for array in arrays_of(Case(**arguments())):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


@pytest.mark.parametrize("name", ["config", "inputs", "weights", "mask", "nothing_of_this_name"])
def test_no_field_of_a_case_can_be_set(name: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(Case(**arguments()), name, None)


def test_a_later_change_to_the_callers_array_does_not_reach_the_case() -> None:
    inputs = numbers(2, 4, 3)
    case = Case(**arguments(inputs=inputs))
    inputs[...] = 7
    assert np.array_equal(case.inputs, numbers(2, 4, 3))


def test_a_change_through_a_view_of_the_callers_read_only_array_does_not_reach_the_case() -> None:
    inputs = numbers(2, 4, 3)
    view = inputs[:]
    inputs.flags.writeable = False
    case = Case(**arguments(inputs=inputs))
    view[...] = 7
    assert np.array_equal(case.inputs, numbers(2, 4, 3))


def test_a_change_to_a_read_only_array_that_is_made_writeable_does_not_reach_the_case() -> None:
    inputs = read_only(numbers(2, 4, 3))
    case = Case(**arguments(inputs=inputs))
    inputs.flags.writeable = True
    inputs[...] = 7
    assert np.array_equal(case.inputs, numbers(2, 4, 3))


def test_a_later_change_to_the_list_of_weights_does_not_reach_the_case() -> None:
    weights = [cell()]
    case = Case(**arguments(weights=weights))
    weights.clear()
    assert len(case.weights) == 1


def pickled(case: Case) -> Case:
    return pickle.loads(pickle.dumps(case))  # type: ignore[no-any-return]


@pytest.mark.parametrize("through", [pickled, copy.deepcopy, copy.copy])
def test_a_case_comes_back_whole_and_read_only(through: Any) -> None:
    for case in [
        Case(**arguments(masked_output="zero", origin="somewhere")),
        *sample_cases(20, seed=4),
    ]:
        again = through(case)
        assert type(again) is Case
        assert (again.config, again.masked_output, again.origin) == (
            case.config,
            case.masked_output,
            case.origin,
        )
        assert (again.mask is None) == (case.mask is None)
        for array, expected in zip(arrays_of(again), arrays_of(case), strict=True):
            assert array.dtype == expected.dtype
            assert array.tobytes() == expected.tobytes()
            assert array.shape == expected.shape
            assert not array.flags.writeable


def test_the_repr_of_a_case_is_one_short_line_without_its_numbers() -> None:
    case = Case(**arguments(inputs=numbers(2, 4, 3)))
    assert repr(case) == (
        "Case(Config(input_size=3, hidden_size=2, num_layers=1, bidirectional=False, "
        "nonlinearity='tanh', bias=True, go_backwards=False, dtype='float32', cell='rnn', "
        "reset_after=True), batch=2, time=4, mask (repeat))"
    )
    assert repr(case.weights[0]) == "CellWeights(W (2, 3), U (2, 2), float32)"
    assert repr(Outputs(numbers(2, 4, 2))) == "Outputs(sequence (2, 4, 2), h_n None)"


def test_the_html_of_a_case_is_escaped() -> None:
    assert "<i>" not in replace(Case(**arguments()), origin="<i>")._repr_html_()


def test_first_layers_keeps_the_lowest_layers_and_all_else() -> None:
    case = next(sample_cases(1, seed=2, num_layers=3, bidirectional=True, time=5, batch=2))
    cut = case.first_layers(2)
    assert cut.config == replace(case.config, num_layers=2)
    assert cut.weights == case.weights[:4]
    assert np.array_equal(cut.h_0, case.h_0[:4])
    assert np.array_equal(cut.inputs, case.inputs)
    assert cut.origin == f"{case.origin}.first_layers(2)"


@pytest.mark.parametrize("backwards", [False, True])
def test_first_steps_cuts_inputs_and_mask_where_the_first_steps_are_taken(backwards: bool) -> None:
    mask = np.array([[True, False, True, True]])
    cut_mask = mask[:, -3:] if backwards else mask[:, :3]
    weights = (CellWeights(numbers(2, 3), numbers(2, 2)),)
    config = Config(3, 2, go_backwards=backwards)
    case = Case(config, weights, numbers(1, 4, 3), numbers(1, 1, 2), mask, origin="drawn")
    cut = case.first_steps(3)
    steps = case.inputs[:, 1:] if backwards else case.inputs[:, :3]
    assert np.array_equal(cut.inputs, steps)
    assert np.array_equal(cut.mask, cut_mask)
    assert (cut.weights, cut.h_0.tolist(), cut.origin) == (
        case.weights,
        case.h_0.tolist(),
        "drawn.first_steps(3)",
    )
    right = run(case)
    assert np.allclose(run(cut).sequence, right.sequence[:, :3], rtol=1e-6)
    assert case.first_steps(5).time == case.last_steps(5).time == 4
    rest = case.last_steps(1)
    step = case.inputs[:, :1] if backwards else case.inputs[:, 3:]
    assert np.array_equal(rest.inputs, step)
    assert rest.mask.tolist() == [[mask[0, 0 if backwards else 3]]]
    assert rest.origin == "drawn.last_steps(1)"
    going_on = replace(rest, h_0=run(cut).h_n)
    assert np.allclose(run(going_on).sequence, right.sequence[:, 3:], rtol=1e-6)


@pytest.mark.parametrize("count", [0, 4, -1])
def test_first_layers_of_a_count_that_the_case_has_not_gets_a_sentence(count: int) -> None:
    case = next(sample_cases(1, seed=2, num_layers=3))
    with pytest.raises(ValueError, match="num_layers"):
        case.first_layers(count)


def test_an_array_that_nobody_else_can_write_to_is_not_copied_again() -> None:
    once = frozen("inputs", numbers(2, 4, 3))
    assert np.shares_memory(frozen("inputs", once), once)


def test_the_kind_of_a_config_forgets_its_sizes_only():
    config = Config(3, 4, 2, True, "relu", False, True, "float64")
    assert config.kind == Config(1, 1, 1, True, "relu", False, True, "float64")
    assert config.kind == Config(5, 6, 3, True, "relu", False, True, "float64").kind
    assert config.kind != replace(config, go_backwards=False).kind


def test_old_names_are_refused_with_the_new_ones() -> None:
    case = Case(**arguments())
    with pytest.raises(AttributeError, match=r"^Case.initial_state is h_0 since 0.2.0$"):
        case.initial_state  # noqa: B018
    with pytest.raises(AttributeError, match=r"^Outputs.final_state is h_n since 0.2.0$"):
        Outputs(case.inputs).final_state  # noqa: B018
    with pytest.raises(TypeError, match=r"^Case\(initial_state=...\) is h_0=... since 0.2.0$"):
        Case(**arguments(), initial_state=case.h_0)
    with pytest.raises(TypeError, match=r"^Outputs\(final_state=...\) is h_n=... since 0.2.0$"):
        Outputs(case.inputs, final_state=case.h_0)
    with pytest.raises(TypeError, match=r"h_0=\.\.\. since 0.2.0"):
        replace(case, initial_state=case.h_0)
    with pytest.raises(AttributeError, match="'Case' object has no attribute 'start'"):
        case.start  # noqa: B018


def test_an_implementation_that_uses_an_old_name_is_told_so_by_the_judge() -> None:
    verdict = judge(Case(**arguments()), lambda case: case.initial_state, "it")
    sentence = "it raised AttributeError: Case.initial_state is h_0 since 0.2.0"
    assert (verdict.kind, verdict.reason) == ("crashed", sentence)


def test_weights_have_gates_and_yield_their_arrays_by_name() -> None:
    weights = CellWeights(numbers(6, 3), numbers(6, 2))
    assert weights.gates == 3
    assert tuple(weights.arrays()) == WEIGHTS == ("W", "U", "b_W", "b_U")
    assert weights.arrays()["b_U"].shape == (6,)


def test_an_rnn_has_no_cell_state() -> None:
    with pytest.raises(ValueError, match="c_0 is given, but a cell rnn has no such state"):
        Case(**arguments(), c_0=numbers(1, 2, 2))


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_gated_cell_has_activations_of_its_own(cell: str) -> None:
    sentence = f"nonlinearity is 'relu', but a cell {cell} has tanh and sigmoid of its own"
    with pytest.raises(ValueError, match=sentence):
        Config(3, 2, cell=cell, nonlinearity="relu")


def test_only_a_gru_resets_before_the_product() -> None:
    assert not Config(3, 2, cell="gru", reset_after=np.bool_(False)).reset_after
    with pytest.raises(
        ValueError, match=r"^reset_after is False, but a cell lstm has no reset gate$"
    ):
        Config(3, 2, cell="lstm", reset_after=False)


def gated(cell: str, **changed: Any) -> dict[str, Any]:
    """The arguments of a good case of a gated cell."""
    G = {"gru": 3, "lstm": 4}[cell]
    weights = CellWeights(numbers(2 * G, 3), numbers(2 * G, 2))
    return arguments(config=Config(3, 2, cell=cell), weights=(weights,)) | changed


@pytest.mark.parametrize(("cell", "gates"), [("gru", 3), ("lstm", 4)])
def test_weights_must_have_the_gates_of_their_cell(cell: str, gates: int) -> None:
    Case(**gated(cell))
    with pytest.raises(ValueError, match=r"^weights") as raised:
        Case(**gated(cell, weights=(CellWeights(numbers(2, 3), numbers(2, 2)),)))
    assert str(raised.value) == (
        f"weights[0].W has shape (2, 3), "
        f"expected ({gates} gates * hidden_size, layer's inputs) = ({2 * gates}, 3)"
    )
    with pytest.raises(ValueError, match=r"^weights") as raised:
        Case(**gated(cell, weights=(CellWeights(numbers(2 * gates, 3), numbers(2 * gates, 1)),)))
    assert str(raised.value) == (
        f"weights[0].U has shape ({2 * gates}, 1), "
        f"expected ({gates} gates * hidden_size, hidden_size) = ({2 * gates}, 2)"
    )


def test_an_lstm_starts_from_c_0_or_from_zeros() -> None:
    case = Case(**gated("lstm", c_0=numbers(1, 2, 2)))
    assert np.array_equal(case.c_0, numbers(1, 2, 2))
    assert not case.c_0.flags.writeable
    case = Case(**gated("lstm"))
    assert case.c_0.shape == (1, 2, 2)
    assert not case.c_0.any()
    assert Case(**gated("gru")).c_0 is None
    with pytest.raises(ValueError, match=r"^c_0 has shape \(2, 2\), expected \(1, 2, 2\), layers"):
        Case(**gated("lstm", c_0=numbers(2, 2)))
    with pytest.raises(TypeError, match=r"^c_0 has dtype float64, expected float32"):
        Case(**gated("lstm", c_0=numbers(1, 2, 2, dtype="float64")))
    with pytest.raises(ValueError, match=r"^c_0 is given, but a cell gru has no such state$"):
        Case(**gated("gru", c_0=numbers(1, 2, 2)))


def test_a_copy_and_a_cut_of_an_lstm_keep_c_0() -> None:
    case = Case(**gated("lstm", c_0=numbers(1, 2, 2)))
    assert np.array_equal(pickle.loads(pickle.dumps(case)).c_0, case.c_0)
    two = replace(
        case,
        config=Config(3, 2, num_layers=2, cell="lstm"),
        weights=(*case.weights, CellWeights(numbers(8, 2), numbers(8, 2))),
        h_0=numbers(2, 2, 2),
        c_0=numbers(2, 2, 2),
    )
    assert np.array_equal(two.first_layers(1).c_0, numbers(2, 2, 2)[:1])


def test_the_html_of_a_case_names_its_cell() -> None:
    assert "<b>Case</b> lstm, float32" in Case(**gated("lstm"))._repr_html_()
    before = Case(**gated("gru", config=Config(3, 2, cell="gru", reset_after=False)))
    assert "<b>Case</b> gru, reset before, float32" in before._repr_html_()


def test_outputs_show_the_cell_state_that_they_have() -> None:
    outputs = Outputs(numbers(2, 4, 2), numbers(1, 2, 2), c_n=numbers(1, 2, 2))
    assert repr(outputs) == "Outputs(sequence (2, 4, 2), h_n (1, 2, 2), c_n (1, 2, 2))"


def test_a_config_of_before_gates_opens() -> None:
    old = Config(3, 2)
    del old.__dict__["reset_after"]
    assert pickle.loads(pickle.dumps(old)).reset_after


def test_first_row_keeps_one_row_of_every_array() -> None:
    mask = np.array([[True, False], [True, True]])
    weights = (CellWeights(numbers(8, 3), numbers(8, 2)),)
    arrays = {"c_0": numbers(1, 2, 2), "origin": "drawn"}
    case = Case(
        Config(3, 2, cell="lstm"), weights, numbers(2, 2, 3), numbers(1, 2, 2), mask, **arrays
    )
    cut = case.first_row()
    assert (cut.batch, cut.time, cut.origin) == (1, 2, "drawn.first_row()")
    assert np.array_equal(cut.mask, mask[:1])
    assert np.array_equal(run(cut).sequence, run(case).sequence[:1])


@pytest.mark.parametrize("count", [0, 1, 2])
def test_outputs_have_as_many_final_states_as_there_are(count: int) -> None:
    states = [np.full((1, 1, 1), value) for value in (1.0, 2.0)][:count]
    outputs = Outputs.of(np.zeros((1, 1, 1)), states or None)
    assert [state.item() for state in outputs.states] == [1.0, 2.0][:count]
    assert (outputs.h_n is None, outputs.c_n is None) == (count < 1, count < 2)


def test_a_case_is_masked_where_some_step_is() -> None:
    case = replace(Case(**arguments()), mask=None)
    mask = np.ones((case.batch, case.time), bool)
    assert not case.is_masked
    assert not replace(case, mask=mask).is_masked
    mask[0, 0] = False
    assert replace(case, mask=mask).is_masked
