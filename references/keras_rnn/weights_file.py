"""Recurrent layers of .weights.h5, and of .h5 of Keras 2: arrays, whose shapes say the cell."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from references.archives import check_size
from references.keras_rnn import h5
from references.keras_rnn.cells import KINDS, Shapes, gates_of, names_of, weights_of
from references.keras_rnn.legacy import said
from references.layer import Layer, Unreadable, check_dtype, layer_of
from references.options import Saying, config_of

HALVES = ("forward", "backward")
BOUNDARIES = ("layers", "vars", "model_weights", "cell", "cells", "forward_layer", "backward_layer")
ACTIVATIONS = "Weights alone do not say activations: a {}'s are assumed to be tanh and sigmoid."
MERGED = "Weights alone do not say merge_mode: 'concat' is assumed."


def layers(path: Path, options: Mapping[str, Any]) -> dict[str, Callable[[], Layer]]:
    """The layers of the file by the names that it has for them."""
    check_size(path)
    cells: dict[str, list[tuple[str, Shapes]]] = {}
    with h5.opened(path, path) as file:
        for group, datasets in h5.groups(file, path).items():
            if shapes := _recurrent(group, datasets):
                cells.setdefault(_name(file, group), []).append((group, shapes))
    return {name: partial(_layer, path, name, own, options) for name, own in cells.items()}


def _recurrent(group: str, datasets: Mapping[str, Any]) -> Shapes:
    """The arrays of a cell in this group, or none: kernel, recurrent_kernel and perhaps bias."""
    by_name = {name.removesuffix(":0"): name for name in datasets}
    for names in (("0", "1", "2"), ("kernel", "recurrent_kernel", "bias")):
        own = [by_name[name] for name in names if name in by_name]
        if len(own) != len(datasets) or len(own) < 2:
            continue
        shapes = [datasets[name].shape for name in own]
        kernel, recurrent = shapes[:2]
        if len(kernel) != 2 or len(recurrent) != 2 or 0 in (*kernel, *recurrent):
            continue
        rows = recurrent[1]
        gates = {len(gates_of(cell)) * recurrent[0] for cell in KINDS}
        if rows in gates and kernel[1] == rows and (*shapes, (rows,))[2] in ((rows,), (2, rows)):
            return dict(zip((f"{group}/{name}" for name in own), shapes, strict=True))
    return {}


def _name(file: Any, group: str) -> str:
    """The layer's own name where the file has it, else that of its group."""
    parts = group.split("/")
    if parts[0] == "model_weights" or "vars" not in parts:
        return parts[1] if parts[0] == "model_weights" else parts[0]
    end = next(i for i in range(len(parts)) if parts[i] in BOUNDARIES[1:])
    names = []
    for index in range(end):
        if parts[index] != "layers":
            own = "/".join([*parts[: index + 1], "vars"])
            name = file[own].attrs.get("name") if own in file else None
            names.append(name if isinstance(name, str) else parts[index])
    return ".".join(names)


def _layer(
    path: Path, name: str, cells: list[tuple[str, Shapes]], options: Mapping[str, Any]
) -> Layer:
    levels = list(_levels(path, name, cells))
    flat = [shapes for level in levels for shapes in level]
    kernel, recurrent, *bias = flat[0].values()
    gates = recurrent[1] // recurrent[0]
    cell = next(own for own in KINDS if len(gates_of(own)) == gates)
    with h5.opened(path, path) as file:
        for shapes in flat:
            for dataset in shapes:
                check_dtype(dataset, str(file[dataset].dtype))
        arrays = [[h5.array(file[dataset], path) for dataset in shapes] for shapes in flat]
        more = said(file, name, cell)
    says = {
        "cell": cell,
        "input_size": kernel[0],
        "hidden_size": recurrent[0],
        "num_layers": len(levels),
        "bidirectional": len(levels[0]) == 2,
        "bias": bool(bias),
        "dtype": arrays[0][0].dtype.name,
        **more,
    }
    if bias or cell != "gru":
        says["reset_after"] = cell != "gru" or len(bias[0]) == 2
    config, assumptions = config_of(Saying("a file of weights", says), options)
    if not more:
        assumptions += (ACTIVATIONS.format(cell),) if cell != "rnn" else ()
        assumptions += (MERGED,) if config.bidirectional else ()
    for one, shapes in zip(arrays, flat, strict=True):
        if len(one) != len(arrays[0]) or [a.ndim for a in one] != [a.ndim for a in arrays[0]]:
            raise Unreadable(f"{path}: {', '.join(shapes)} are not as those of the first cell")
    names = [names_of(shapes) for shapes in flat]
    weights = [
        {name: array for name, array in weights_of(one, config).arrays().items() if name in own}
        for one, own in zip(arrays, names, strict=True)
    ]
    return layer_of(name, config, weights, "keras", names, assumptions)


def _levels(path: Path, name: str, cells: list[tuple[str, Shapes]]) -> Iterator[list[Shapes]]:
    """Of each layer its directions, the forward one first."""
    halves = [[shapes for group, shapes in cells if _half(group, name) == half] for half in HALVES]
    if any(halves):
        forward, backward = halves
        if len(forward) != len(backward) or len(forward) + len(backward) != len(cells):
            raise Unreadable(f"{path}: {name} has {len(forward)} forward, {len(backward)} backward")
        yield from map(list, zip(forward, backward, strict=True))
    else:
        yield from ([shapes] for _, shapes in cells)


def _half(group: str, name: str) -> str:
    """The direction that a group says: forward_layer, or of Keras 2 forward_lstm below the name."""
    parts = group.split("/")
    below = parts[len(parts) - parts[::-1].index(name) :] if name in parts else parts
    return next((half for half in HALVES for part in below if part.startswith(f"{half}_")), "")
