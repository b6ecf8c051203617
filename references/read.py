"""Reads a trained layer from a model or a file, calls it on its own weights, and writes one."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from references import sources
from references.case import CellWeights, Config
from references.layer import Layer, Unreadable
from references.layer_stack import Run, run_stack, stacked
from references.options import check_agreement

__all__ = ["Layer", "Unreadable", "layer_call", "read", "read_layer", "write_layer"]


def read(
    source: Any, layer: str | None = None, **options: Any
) -> tuple[Config, tuple[CellWeights, ...]]:
    """Reads (Config, weights) of a recurrent layer from a model or a file, bit for bit.

    `source` is a torch module or state_dict, a Keras layer or model, an ONNX model, or a path: .pt,
    .pth, .ckpt, .bin, .safetensors, .keras, .h5, .onnx, .npz. `layer` is its name there, or names
    with commas: a stack, lowest first. Options are fields of Config that a file cannot say, as
    `nonlinearity`.

    Raises Unreadable (a ValueError) or Unsupported, in one sentence; nothing is ever unpickled.
    """
    one = read_layer(source, layer, **options)
    return one.config, one.weights


def read_layer(source: Any, layer: str | None = None, **options: Any) -> Layer:
    """Reads a Layer, as `read` does: its arrays' names and what was assumed stand beside it."""
    return _whole(sources.parts(source, layer, options)[1], options)


def layer_call(source: Any, layer: str | None = None, **options: Any) -> Run:
    """An implementation that calls the very layer in the source, on its own weights.

    Arrays of a file are put into a layer of their framework. Raises Unsupported for a case whose
    Config is another than the layer's.
    """
    place, parts = sources.parts(source, layer, options)
    whole = _whole(parts, options)
    return partial(run_stack, whole.config, [(part, sources.call(place, part)) for part in parts])


def write_layer(config: Config, weights: Sequence[CellWeights], path: str | Path) -> list[str]:
    """Writes a file that `read` takes, of the kind that its suffix names.

    Returns sentences on what was rounded or is not said in it. Raises Unsupported, before it
    writes, for what the file's framework has no equivalent for.
    """
    path = Path(path)
    framework, suffix = sources.framework_of_file(path), sources.suffix_of(path)
    if not framework:
        from references import npz

        return npz.write(config, tuple(weights), path)
    return list(sources.own(framework).write(config, tuple(weights), path, suffix))


def _whole(parts: Sequence[Layer], options: Mapping[str, Any]) -> Layer:
    layer = stacked(parts)
    check_agreement(layer.config, options)
    return layer
