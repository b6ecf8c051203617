"""Layers of torch modules: by name, called as they are, and written."""

import numpy as np
import pytest

from harness import check
from references import Unsupported, read
from references.case import Case, Config
from references.read import Unreadable, layer_call, read_layer
from tests.references.layer_files import drawn
from tests.references.same import assert_same

pytestmark = pytest.mark.framework
torch = pytest.importorskip("torch")

from references.torch_rnn.mirror import CELLS, LAYERS, write  # noqa: E402


class Model(torch.nn.Module):
    """A model as people have it: several recurrent layers among others."""

    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(10, 3)
        self.encoder = torch.nn.ModuleDict({"rnn": torch.nn.LSTM(3, 4, 2, bidirectional=True)})
        self.lower = torch.nn.GRU(3, 4, batch_first=True)
        self.upper = torch.nn.GRU(4, 4)
        self.head = torch.nn.Linear(4, 2)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(1)
    return Model()


def test_a_layer_is_read_by_its_dotted_name(model):
    layer = read_layer(model, "encoder.rnn")
    assert layer.config == Config(3, 4, 2, True, cell="lstm")
    assert layer.names[3]["b_U"] == "encoder.rnn.bias_hh_l1_reverse"
    assert layer.framework == "torch"
    state = model.state_dict()
    for cell, names in zip(layer.weights, layer.names, strict=True):
        for name, array in cell.arrays().items():
            assert np.array_equal(array, state[names[name]].numpy())


def test_several_layers_are_listed(model):
    listing = "encoder.rnn, lower, upper"
    with pytest.raises(
        Unreadable, match=f"the Model holds 3 recurrent layers: {listing}. Name one"
    ):
        read(model)
    with pytest.raises(Unreadable, match=f"has no recurrent layer 'head'; it has {listing}"):
        read(model, "head")


def test_a_module_that_holds_exactly_one_layer_needs_no_name():
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.RNN(3, 4, nonlinearity="relu"))
    layer = read_layer(module)
    assert (layer.name, layer.config.nonlinearity) == ("1", "relu")


def test_names_with_commas_are_a_stack_that_is_called_layer_by_layer(model):
    layer = read_layer(model, "lower, upper")
    assert layer.config == Config(3, 4, 2, cell="gru")
    assert layer.name == "lower,upper"
    case = case_of(layer)
    outputs = layer_call(model, "lower,upper")(case)
    inputs = torch.tensor(case.inputs.copy())
    lower, h = model.lower(inputs, torch.tensor(case.h_0[:1].copy()))
    upper, g = model.upper(lower.transpose(0, 1), torch.tensor(case.h_0[1:].copy()))
    assert np.array_equal(outputs.layers[0], lower.detach().numpy())
    assert np.array_equal(outputs.sequence, upper.transpose(0, 1).detach().numpy())
    assert np.array_equal(outputs.h_n, torch.cat([h, g]).detach().numpy())


def case_of(layer, mask=None):
    rng = np.random.default_rng(0)
    config = layer.config
    inputs = rng.standard_normal((2, 5, config.input_size)).astype(config.dtype)
    states = rng.standard_normal((len(layer.weights), 2, config.hidden_size)).astype(config.dtype)
    c_0 = states[::-1].copy() if config.cell == "lstm" else None
    return Case(config, layer.weights, inputs, states, mask, "zero", c_0=c_0)


@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_the_very_module_is_called_in_its_own_layout(cell, batch_first, masked):
    module = LAYERS[cell](3, 4, bidirectional=True, batch_first=batch_first)
    layer = read_layer(module)
    mask = np.arange(5) < np.array([[5], [3]]) if masked else None
    case = case_of(layer, mask)
    run = layer_call(module)
    check(case, run(case))
    with torch.no_grad():
        module.weight_ih_l0 *= -1  # it is the module that is called, not what was read of it
    with pytest.raises(AssertionError):
        check(case, run(case))


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_read_and_called_as_a_layer(cell):
    module = CELLS[cell](3, 4)
    layer = read_layer(module)
    assert layer.names[0]["W"] == "weight_ih"
    case = case_of(layer)
    check(case, layer_call(module)(case))


def test_a_mask_that_torch_has_not_is_refused():
    module = torch.nn.GRU(3, 4)
    case = case_of(read_layer(module), np.arange(5) > np.array([[1], [0]]))
    with pytest.raises(Unsupported, match="masked on the right alone"):
        layer_call(module)(case)


def test_a_state_dict_in_memory_is_read_as_its_module(model):
    assert_same(read(model.state_dict(), "lower"), read(model, "lower"))
    checkpoint = {"epoch": 3, "model": model.state_dict()}
    assert_same(read(checkpoint, "lower"), read(model, "lower"))
    case = case_of(read_layer(model, "lower"))
    check(case, layer_call(model.state_dict(), "lower")(case))


class Own(torch.nn.LSTM):
    """A subclass may compute anything."""


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (torch.nn.Linear(2, 3), "the Linear holds no recurrent layer that can be read"),
        (torch.nn.Sequential(Own(2, 3)), "Own is none of torch.nn.RNN, GRU, LSTM and their cells"),
        (torch.nn.GRU(3, 4, device="meta"), r"the module is on meta; call its cpu\(\) first"),
        (torch.nn.LSTM(3, 4, proj_size=2), "proj_size, which projects h to 2 of 4 units"),
        (torch.nn.GRU(3, 4, dtype=torch.bfloat16), "has dtype bfloat16, not float32 or float64"),
        (torch.nn.LSTM(3, 4, 2, dropout=0.5), "call its eval"),
    ],
)
def test_what_cannot_be_read_is_refused(module, message):
    with pytest.raises((Unreadable, Unsupported), match=message):
        read(module)


def test_a_number_that_is_not_finite_is_named():
    module = torch.nn.GRU(3, 4)
    with torch.no_grad():
        module.weight_hh_l0[2, 1] = torch.nan
    with pytest.raises(Unreadable, match=r"U\[2, 1\] is nan"):
        read(module)


def test_a_written_layer_loads_into_torch(tmp_path):
    from references.read import write_layer

    for case in drawn(9, cell="lstm", num_layers=2):
        if case.config.go_backwards:
            continue
        write_layer(case.config, case.weights, tmp_path / "a.pt")
        module = write(case)
        module.load_state_dict(torch.load(tmp_path / "a.pt", weights_only=True), strict=True)


def test_relu_is_not_said_by_a_state_dict(tmp_path):
    from references.read import write_layer

    (case,) = drawn(1, cell="rnn", nonlinearity="relu", go_backwards=False)
    (sentence,) = write_layer(case.config, case.weights, tmp_path / "a.pt")
    assert sentence.startswith("A state_dict does not say nonlinearity='relu'")
    assert read_layer(tmp_path / "a.pt").assumptions
    assert write_layer(case.config, case.weights, tmp_path / "a.safetensors") == []
    assert not read_layer(tmp_path / "a.safetensors").assumptions
