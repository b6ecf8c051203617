"""The law of the mirror, `read(write(case)) == (config, weights)`, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import cases
from references import Unsupported
from references.case import Case, CellWeights, Config
from tests.references.gated import gated_case, gated_cases
from tests.references.layer_files import without_zero_signs
from tests.references.same import assert_same

pytestmark = pytest.mark.framework
torch = pytest.importorskip("torch")

from references.torch_rnn.mirror import CELLS, arrays, read, tensors, write  # noqa: E402

SMALL = {"time": 1, "batch": 1, "input_size": (1, 4), "hidden_size": (1, 4)}


@given(case=cases(**SMALL, nonlinearity=("tanh", "relu"), go_backwards=False, masks=False))
def test_read_gives_back_what_write_put_in(case):
    assert_same(read(write(case)), (case.config, without_zero_signs(case)))


gated = gated_cases(time=st.just(1))


@given(case=gated)
def test_read_gives_back_the_gates_that_write_put_in(case):
    assert_same(read(write(case)), (case.config, without_zero_signs(case)))


@given(case=gated)
def test_the_arrays_of_a_gated_cell_stand_in_torch_as_they_are(case):
    module = arrays(write(case))
    assert np.array_equal(module["weight_ih_l0"], case.weights[0].W)
    assert np.array_equal(module["weight_hh_l0"], case.weights[0].U)


plain = cases(**SMALL, nonlinearity=("tanh", "relu"), num_layers=1, bidirectional=False)


@given(case=plain | gated.map(lambda case: case.first_layers(1)))
def test_a_cell_is_read_as_one_layer(case):
    config, weights = case.config, case.weights[0]
    nonlinearity = [config.nonlinearity] if config.cell == "rnn" else []
    cell = CELLS[config.cell](config.input_size, config.hidden_size, config.bias, *nonlinearity).to(
        getattr(torch, config.dtype)
    )
    cell.load_state_dict(tensors(weights, config.bias))
    forwards = replace(config, bidirectional=False, go_backwards=False)
    assert_same(read(cell), (forwards, without_zero_signs(case)[:1]))


def test_the_law_would_notice_a_transposed_array():
    case = Case(Config(2, 2), (CellWeights(*np.eye(4, 2, dtype="float32").reshape(2, 2, 2)),),
                np.zeros((1, 1, 2), "float32"))  # fmt: skip
    rnn = write(case)
    rnn.weight_ih_l0.data[0, 1] = 5
    with pytest.raises(AssertionError, match="W"):
        assert_same(read(rnn), (case.config, case.weights))


def test_arrays_have_the_names_of_torch():
    rnn = torch.nn.RNN(2, 3, bidirectional=True)
    assert arrays(rnn).keys() == rnn.state_dict().keys()
    assert arrays(rnn)["weight_ih_l0_reverse"].shape == (3, 2)


def in_training():
    return torch.nn.RNN(2, 3, 2, dropout=0.5)


def half_converted():
    rnn = torch.nn.RNN(2, 3)
    rnn.weight_hh_l0.data = rnn.weight_hh_l0.data.double()
    return rnn


def with_weight_norm():
    return torch.nn.utils.parametrizations.weight_norm(torch.nn.RNN(2, 3), "weight_hh_l0")


class OwnRNN(torch.nn.RNN):
    """A user's own class, whatever it computes."""


def with_a_parameter():
    rnn = torch.nn.RNN(2, 3)
    rnn.register_parameter("gain", torch.nn.Parameter(torch.ones(1)))
    return rnn


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: torch.nn.Linear(2, 3), "torch.nn.Linear is none of torch.nn.RNN, GRU, LSTM and"),
        (
            lambda: torch.nn.LSTM(2, 3, proj_size=2),
            "torch.nn.LSTM has proj_size, which projects h to 2 of 3 units; no Config says that",
        ),
        (lambda: torch.nn.GRU(2, 3, 2, dropout=0.5), "torch.nn.GRU drops outputs in training"),
        (lambda: torch.nn.LSTMCell(2, 3).half(), "torch.nn.LSTMCell has dtype float16, not"),
        (lambda: torch.nn.RNN(2, 3).bfloat16(), "torch.nn.RNN has dtype bfloat16, not float32 or"),
        (half_converted, "torch.nn.RNN has dtype float32 and float64, not float32 or float64"),
        (in_training, r"torch.nn.RNN drops outputs in training; call its eval\(\) first"),
        (with_weight_norm, "torch.nn.ParametrizedRNN computes its parameters of others; call"),
        (lambda: OwnRNN(2, 3), f"^{__name__}.OwnRNN is none of torch.nn.RNN, GRU, LSTM and"),
        (with_a_parameter, "torch.nn.RNN has not just its own parameters: gain"),
    ],
)
def test_what_no_config_says_is_refused_by_name(make, reason):
    with pytest.raises(Unsupported, match=reason):
        read(make())


def test_what_was_parametrized_is_read_once_it_is_so_no_more():
    rnn = with_weight_norm()
    torch.nn.utils.parametrize.remove_parametrizations(rnn, "weight_hh_l0")
    assert read(rnn)[0] == Config(2, 3)


def test_a_module_in_eval_mode_is_read_whatever_its_dropout():
    config, weights = read(in_training().eval())
    assert (config, len(weights)) == (Config(2, 3, 2), 2)


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"nonlinearity": "sigmoid"}, "nonlinearity sigmoid"), ({"go_backwards": True}, "go_backwa")],
)
def test_what_torch_has_not_is_not_written(options, reason):
    weights = (CellWeights(np.ones((3, 2), "float32"), np.ones((3, 3), "float32")),)
    with pytest.raises(Unsupported, match=f"torch.nn.RNN has no {reason}"):
        write(Case(Config(2, 3, **options), weights, np.ones((1, 1, 2), "float32")))


@pytest.mark.parametrize(
    ("cell", "fields", "reason"),
    [
        ("gru", {"reset_after": False}, "torch.nn.GRU resets after the product U h, the case be"),
        ("gru", {"go_backwards": True}, "torch.nn.GRU has no go_backwards"),
        ("lstm", {"go_backwards": True}, "torch.nn.LSTM has no go_backwards"),
    ],
)
def test_what_torch_has_not_of_a_gated_cell_is_not_written(cell, fields, reason):
    with pytest.raises(Unsupported, match=reason):
        write(gated_case(cell, **fields))
