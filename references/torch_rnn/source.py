"""Layers of torch modules, state_dicts and .pt files: reads, calls and writes them."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import torch

from references.case import Case, CellWeights, Config
from references.layer import Layer, Unreadable
from references.safetensors_file import metadata_of
from references.torch_rnn import checkpoint, mirror
from references.torch_rnn.calls import call_layer

MODULES = (*mirror.LAYERS.values(), *mirror.CELLS.values())


def layers(source: Any, options: Mapping[str, Any]) -> dict[str, Callable[[], Layer]]:
    """The recurrent layers of a module, a state_dict or a .pt file, by their dotted names."""
    if isinstance(source, torch.nn.Module):
        modules = _modules(source)
        return {name: partial(_of_module, name, module) for name, module in modules.items()}
    state = checkpoint.load(source) if isinstance(source, Path) else source
    return checkpoint.layers(state, options)


def call(source: Any, layer: Layer) -> Callable[[Case], Any] | None:
    """Calls the very module of this name; None where the source holds arrays alone."""
    if not isinstance(source, torch.nn.Module):
        return None
    return partial(call_layer, _modules(source)[layer.name])


def write(config: Config, weights: tuple[CellWeights, ...], path: Path, suffix: str) -> list[str]:
    """Writes the state_dict of a layer as .pt or .safetensors, whose names are torch's."""
    mirror.refuse(config)
    case = Case(config, weights, np.zeros((1, 1, config.input_size), config.dtype))
    state = mirror.state_dict(case)
    if suffix == ".safetensors":
        arrays = {name: tensor.numpy() for name, tensor in state.items()}
        safetensors.numpy.save_file(arrays, path, metadata_of(config))
        return []
    torch.save(state, path)
    if config.nonlinearity == "tanh":
        return []
    words = f"A state_dict does not say nonlinearity={config.nonlinearity!r}"
    return [f"{words}: say so with the option nonlinearity where the file is read."]


def _modules(source: torch.nn.Module) -> dict[str, torch.nn.Module]:
    """Also modules of a class that extends torch's, so that `mirror.read` refuses them by name."""
    return {name: m for name, m in source.named_modules() if isinstance(m, MODULES)}


def _of_module(name: str, module: torch.nn.Module) -> Layer:
    devices = {parameter.device.type for parameter in module.parameters()}
    if devices - {"cpu"}:
        raise Unreadable(f"{name or 'the module'} is on {devices.pop()}; call its cpu() first")
    try:
        config, weights = mirror.read(module)
    except ValueError as error:
        raise Unreadable(f"{name or 'the module'}: {error}") from error
    dot = f"{name}." if name else ""
    names = tuple(
        {ours: f"{dot}{theirs}" for ours, theirs in cell.items()} for cell in mirror.names(module)
    )
    return Layer(name, config, weights, "torch", names)
