"""A .pt file is read with weights_only, bounded by what the archive has; nothing is unpickled."""

import io
import os
import zipfile

import numpy as np
import pytest

from references import read
from references.read import Unreadable, read_layer
from tests.references.same import assert_same

pytestmark = pytest.mark.framework
torch = pytest.importorskip("torch")


@pytest.fixture
def lstm():
    torch.manual_seed(2)
    return torch.nn.LSTM(3, 4, 2)


def save(value, path, **options):
    torch.save(value, path, **options)
    return path


def test_a_state_dict_and_a_checkpoint_are_read(lstm, tmp_path):
    state = lstm.state_dict()
    for name, value in {
        "plain": state,
        "lightning": {"state_dict": state, "epoch": 3, "hparams": {"lr": 0.1}},
        "optimizer": {"model": state, "optimizer": {"state": {0: {"exp_avg": torch.ones(2)}}}},
    }.items():
        assert_same(read(save(value, tmp_path / f"{name}.pt")), read(lstm))
    for suffix in (".pth", ".ckpt", ".bin"):
        assert_same(read(save(state, tmp_path / f"name{suffix}")), read(lstm))


def test_layers_of_several_state_dicts_are_named_by_their_keys(lstm, tmp_path):
    value = {"model": {"rnn": 1} | {f"rnn.{k}": v for k, v in lstm.state_dict().items()},
             "ema": lstm.state_dict()}  # fmt: skip
    path = save(value, tmp_path / "a.pt")
    with pytest.raises(Unreadable, match=r"holds 2 recurrent layers: model.rnn, ema"):
        read(path)
    assert_same(read(path, "model.rnn"), read(lstm))
    assert_same(read(path, "ema"), read(lstm))


def test_a_whole_module_is_refused_with_what_to_do(lstm, tmp_path):
    message = r"which only unpickling would load, and that can run any code; save its state_dict"
    with pytest.raises(Unreadable, match=message):
        read(save(lstm, tmp_path / "a.pt"))


class Evil:
    """Runs a command where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("nested", [False, True])
def test_no_code_is_run(nested, tmp_path):
    trap = tmp_path / "trap"
    value = {"weight_ih_l0": Evil(trap), "x": torch.ones(1)} if nested else Evil(trap)
    with pytest.raises(
        Unreadable, match=r"holds a whole module or other objects \(posix.system\),"
    ):
        read(save(value, tmp_path / "a.pt"))
    assert not trap.exists()


@pytest.mark.filterwarnings("ignore")  # torch's own, of a way that it will drop
def test_the_weights_of_a_quantized_layer_are_said_to_be_such(tmp_path):
    model = torch.nn.Sequential(torch.nn.LSTM(3, 4))
    quantized = torch.ao.quantization.quantize_dynamic(model, {torch.nn.LSTM})
    with pytest.raises(Unreadable, match="of a quantized layer; before it is quantized, torch"):
        read(save(quantized.state_dict(), tmp_path / "a.pt"))


def test_an_older_format_and_torchscript_are_refused(lstm, tmp_path):
    old = save(lstm.state_dict(), tmp_path / "a.pt", _use_new_zipfile_serialization=False)
    with pytest.raises(Unreadable, match=r"format before 1\.6: load it in torch"):
        read(old)
    with zipfile.ZipFile(save(lstm.state_dict(), tmp_path / "b.pt"), "a") as file:
        file.writestr("b/constants.pkl", b"")
        file.writestr("b/code/a.py", b"pass" * 9, zipfile.ZIP_DEFLATED)
    with pytest.raises(Unreadable, match="is a TorchScript module, which holds code"):
        read(tmp_path / "b.pt")
    with zipfile.ZipFile(tmp_path / "c.pt", "w") as file:
        file.writestr("a", b"")
    with pytest.raises(Unreadable, match=r"is no file of torch.save: it holds 0 data.pkl"):
        read(tmp_path / "c.pt")


def rewritten(path, change):
    """The archive with other bytes of its entries."""
    with zipfile.ZipFile(path) as file:
        members = {info.filename: file.read(info) for info in file.infolist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members.items():
            file.writestr(name, change(name, data))
    path.write_bytes(out.getvalue())


def test_a_storage_that_says_more_numbers_than_there_are_is_refused(lstm, tmp_path):
    path = save(lstm.state_dict(), tmp_path / "a.pt")
    rewritten(path, lambda name, data: data[: len(data) // 2] if name.endswith("/data/0") else data)
    with pytest.raises(Unreadable, match="weight_ih_l0 says that it has other numbers than are"):
        read(path)


def test_a_tensor_that_repeats_its_numbers_is_refused(lstm, tmp_path):
    state = dict(lstm.state_dict())
    state["weight_ih_l0"] = torch.ones(1, 1).expand(16, 3)
    with pytest.raises(Unreadable, match=r"weight_ih_l0 has shape \(16, 3\), more than its numb"):
        read(save(state, tmp_path / "a.pt"))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1, 2], "holds a list, expected a state_dict"),
        (torch.ones(2), "holds a Tensor, expected a state_dict"),
        ({"a": torch.ones(2)}, "holds no recurrent layer that can be read"),
    ],
)
def test_other_values_are_refused(value, message, tmp_path):
    with pytest.raises(Unreadable, match=message):
        read(save(value, tmp_path / "a.pt"))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_named(dtype, lstm, tmp_path):
    lstm.to(getattr(torch, dtype))
    with pytest.raises(Unreadable, match=f"weight_ih_l0 has dtype {dtype}, expected float32 or"):
        read(save(lstm.state_dict(), tmp_path / "a.pt"))


def test_a_tensor_without_plain_numbers_is_refused(lstm, tmp_path):
    state = dict(lstm.state_dict())
    state["weight_ih_l0"] = torch.eye(16, 3).to_sparse()
    with pytest.raises(Unreadable, match="weight_ih_l0 is no tensor of plain numbers"):
        read(state)


def test_views_and_other_layouts_are_read_as_they_are(lstm, tmp_path):
    state = {name: value.t().contiguous().t() for name, value in lstm.state_dict().items()}
    assert_same(read(save(state, tmp_path / "a.pt")), read(lstm))
    layer = read_layer(tmp_path / "a.pt")
    assert np.array_equal(layer.weights[0].W, lstm.weight_ih_l0.detach().numpy())
