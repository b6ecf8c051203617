"""The tensors of a state_dict, or of a .pt file, which is never unpickled: `weights_only=True`."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from references import state_dict
from references.archives import check_size, entries, read_entry
from references.layer import Layer, Unreadable, check_dtype, readable

BEFORE_1_6 = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # torch's magic number, pickled
LARGEST_PICKLE = 16 << 20  # bytes of data.pkl: names and shapes, never the numbers
CLASS = re.compile(r"GLOBAL ([\w.]{1,100})\b")  # in torch's own sentence
SAVE = "torch.save(model.state_dict(), path)"
HOW = f"save its state_dict instead: {SAVE}"
Layers = dict[str, Callable[[], Layer]]


def layers(state: Mapping[Any, Any], options: Mapping[str, Any]) -> Layers:
    """The layers of a state_dict, or of the one that a checkpoint holds."""
    groups = {name: tensors for name, tensors in _groups(state) if _layers(tensors, options)}
    if len(groups) < 2:
        return next((_layers(tensors, options) for tensors in groups.values()), {})
    return {
        f"{group}.{name}" if name else group: thunk
        for group, tensors in groups.items()
        for name, thunk in _layers(tensors, options).items()
    }


def _groups(state: Mapping[Any, Any]) -> list[tuple[str, dict[str, torch.Tensor]]]:
    """The tensors by name, and those of each mapping in it: a checkpoint's state_dict or model."""
    inner = [(str(k), v) for k, v in state.items() if isinstance(v, Mapping)]
    return [
        (name, {k: v for k, v in mapping.items() if isinstance(k, str) and _is_tensor(v)})
        for name, mapping in (("", state), *inner)
    ]


def _is_tensor(value: object) -> bool:
    return isinstance(value, torch.Tensor)


def _layers(tensors: Mapping[str, torch.Tensor], options: Mapping[str, Any]) -> Layers:
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    return state_dict.layers(shapes, partial(_array, tensors), options)


def _array(tensors: Mapping[str, torch.Tensor], name: str) -> np.ndarray:
    tensor = tensors[name]
    check_dtype(name, str(tensor.dtype).removeprefix("torch."))
    if tensor.layout is not torch.strided or tensor.device.type == "meta":
        raise Unreadable(f"{name} is no tensor of plain numbers: {tensor.layout}, {tensor.device}")
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise Unreadable(f"{name} has shape {tuple(tensor.shape)}, more than its numbers fill")
    return tensor.detach().cpu().resolve_neg().numpy()  # type: ignore[no-any-return]


def load(path: Path) -> Mapping[Any, Any]:
    """What the file holds, as tensors over the file's own memory."""
    check_size(path)
    with readable(path), path.open("rb") as file:
        if file.read(len(BEFORE_1_6)) == BEFORE_1_6:
            again = "load it in torch, and save its state_dict again by torch.save"
            raise Unreadable(f"{path} is in torch's format before 1.6: {again}")
    names = entries(path, compressed=True)
    if any(name.endswith("/constants.pkl") for name in names):
        raise Unreadable(f"{path} is a TorchScript module, which holds code; {HOW}")
    infos = entries(path)
    pickles = [info for name, info in infos.items() if name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise Unreadable(f"{path} is no file of torch.save: it holds {len(pickles)} data.pkl")
    if b"bytearray" in read_entry(path, pickles[0], LARGEST_PICKLE):
        # What torch would allow besides tensors: it may say any size, and it would be filled.
        raise Unreadable(f"{path} holds a bytearray, which no state_dict has")
    with readable(path):
        state = _load(path)
    if not isinstance(state, Mapping):
        raise Unreadable(f"{path} holds a {type(state).__name__}, expected a state_dict; {HOW}")
    sizes = {info.file_size for name, info in infos.items() if "/data/" in name}
    for _, tensors in _groups(state):
        for name, tensor in tensors.items():
            ours = state_dict.NAME.fullmatch(name) and tensor.layout is torch.strided
            if ours and tensor.untyped_storage().nbytes() not in sizes:
                raise Unreadable(f"{path}: {name} says that it has other numbers than are there")
    return state


def _load(path: Path) -> Any:
    """The one call of torch.load. Mapped, no tensor can reach beyond the end of the file."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:
        if "Weights only load failed" in str(error):  # a text that also says how to run the code
            raise Unreadable(f"{path} holds {_objects(str(error))}") from error
        raise


def _objects(reason: str) -> str:
    """What torch does not load, by the class that it names, and what to do."""
    name = CLASS.search(reason)
    if name and name[1] == "torch.ScriptObject":
        return f"weights of a quantized layer; before it is quantized, {SAVE}"
    own = f" ({name[1]})" if name else ""
    what = f"a whole module or other objects{own}, which only unpickling would load"
    return f"{what}, and that can run any code; {HOW}"
