"""Recurrent layers of arrays under Keras' names, whose shapes say the cell.

They stand in .weights.h5, in .h5 of Keras 2, and in an .npz file of `variable.path` and numbers.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from references.archives import check_size
from references.keras_rnn import h5
from references.keras_rnn.cells import KINDS, Shapes, gates_of, names_of, weights_of
from references.keras_rnn.legacy import said
from references.layer import Layer, Unreadable, check_dtype, layer_of
from references.options import Saying, config_of

HALVES = ("forward", "backward")
# Parts of a variable's path below its layer.
CELL, STACK = (re.compile(rf"{name}(_\d+)?") for name in ("(.+_)?cell", "stacked_rnn_cells"))
BOUNDARIES = ("layers", "vars", "model_weights", "cell", "cells", "forward_layer", "backward_layer")
ACTIVATIONS = "Weights alone do not say activations: a {}'s are assumed to be tanh and sigmoid."
MERGED = "Weights alone do not say merge_mode: 'concat' is assumed."
ORDER = "Arrays do not say the order of a stack's cells: that in which they stand is assumed."


def layers(path: Path, options: Mapping[str, Any]) -> dict[str, Callable[[], Layer]]:
    """The layers of the file by the names that it has for them."""
    check_size(path)
    cells: dict[str, list[tuple[str, Shapes]]] = {}
    with h5.opened(path, path) as file:
        for group, datasets in sorted(h5.groups(file, path).items(), key=_in_order):
            if shapes := _recurrent(group, {name: one.shape for name, one in datasets.items()}):
                cells.setdefault(_name(file, group), []).append((group, shapes))
    return {name: partial(_layer, path, name, own, options) for name, own in cells.items()}


def _in_order(item: tuple[str, Any]) -> list[Any]:
    """A group's place among others: HDF5 puts cell_10 before cell_2."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", item[0])]


def layers_of_arrays(
    every: Shapes, read: Callable[[str], np.ndarray], options: Mapping[str, Any], where: str
) -> dict[str, Callable[[], Layer]]:
    """The layers of arrays that are called kernel, or lstm/lstm_cell/kernel, as `variable.path` is.

    `every` has the shapes of all arrays by name, and `read` gives one of them.
    """
    groups: dict[str, dict[str, tuple[int, ...]]] = {}
    for variable, shape in every.items():
        group, _, name = variable.rpartition("/")
        groups.setdefault(group, {})[name] = shape
    recurrent = {tuple(g.split("/")): s for g in groups if (s := _recurrent(g, groups[g]))}
    if not recurrent:
        _check_turned(groups)
    cells_by_path: dict[tuple[str, ...], list[tuple[str, Shapes]]] = {}
    for parts, shapes in recurrent.items():
        path = _of_layer(parts, recurrent)
        cells_by_path.setdefault(path, []).append(("/".join(parts[len(path) :]), shapes))
    paths = list(cells_by_path)
    # All variables of a model have its name before their own.
    skip = len({path[0] for path in paths}) == 1 and all(len(path) > 1 for path in paths)

    def layer(name: str, cells: list[tuple[str, Shapes]]) -> Layer:
        arrays = {variable: read(variable) for _, shapes in cells for variable in shapes}
        for variable, array in arrays.items():
            check_dtype(variable, array.dtype.name)
        whole = _from_arrays(where, name, cells, arrays, {}, options)
        order = (ORDER,) if whole.config.num_layers > 1 else ()
        return whole._replace(assumptions=whole.assumptions + order)

    names = {".".join(path[skip:]): cells for path, cells in cells_by_path.items()}
    return {name: partial(layer, name, cells) for name, cells in names.items()}


def _of_layer(group: tuple[str, ...], every: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """A group's path without what stands below its layer: a direction, a stack, a cell."""
    below = [part for part in group[1:] if STACK.fullmatch(part)] or group[-1:]
    if len(group) > 1 and (STACK.fullmatch(below[0]) or CELL.fullmatch(below[0])):
        group = group[: group.index(below[0], 1)]
    above, depth = group[:-1], len(group) - 1
    beside = [one[depth] for one in every if len(one) > depth and one[:depth] == above]
    halves = {half for half in HALVES for name in beside if name.startswith(f"{half}_")}
    is_half = above and len(halves) == 2 and group[-1].partition("_")[0] in halves
    return above if is_half else group


def _check_turned(groups: Mapping[str, Mapping[str, tuple[int, ...]]]) -> None:
    """Raises Unreadable for kernels that are a cell's, but for a transpose, as torch has them."""
    for group, every in groups.items():
        kernels = [name for name in every if name.removesuffix(":0").endswith("kernel")]
        if _recurrent(group, {**every, **{name: every[name][::-1] for name in kernels}}):
            shapes = " and ".join(f"{name} {every[name]}" for name in kernels)
            text = f"{shapes} stand as in torch: transpose both, to (inputs, gates * units)"
            raise Unreadable(f"{text} and (units, gates * units)")


def _recurrent(group: str, every: Mapping[str, tuple[int, ...]]) -> Shapes:
    """The arrays of a cell in this group, or none: kernel, recurrent_kernel and perhaps bias."""
    by_name = {name.removesuffix(":0"): name for name in every}
    for names in (("0", "1", "2"), ("kernel", "recurrent_kernel", "bias")):
        own = [by_name[name] for name in names if name in by_name]
        if len(own) != len(every) or len(own) < 2:
            continue
        shapes = [every[name] for name in own]
        kernel, recurrent = shapes[:2]
        if len(kernel) != 2 or len(recurrent) != 2 or 0 in (*kernel, *recurrent):
            continue
        rows = recurrent[1]
        gates = {len(gates_of(cell)) * recurrent[0] for cell in KINDS}
        if rows in gates and kernel[1] == rows and (*shapes, (rows,))[2] in ((rows,), (2, rows)):
            paths = (f"{group}/{name}" if group else name for name in own)
            return dict(zip(paths, shapes, strict=True))
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
    paths = [dataset for _, shapes in cells for dataset in shapes]
    with h5.opened(path, path) as file:
        for dataset in paths:
            check_dtype(dataset, str(file[dataset].dtype))
        arrays = {dataset: h5.array(file[dataset], path) for dataset in paths}
        more = said(file, name, _cell(cells[0][1]))
    return _from_arrays(str(path), name, cells, arrays, more, options)


def _cell(shapes: Shapes) -> str:
    """The cell whose number of gates the shapes have."""
    _, (H, rows), *_ = shapes.values()
    return next(cell for cell in KINDS if len(gates_of(cell)) * H == rows)


def _from_arrays(
    where: str,
    name: str,
    cells: list[tuple[str, Shapes]],
    every: Mapping[str, np.ndarray],
    more: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Layer:
    """The layer of these arrays, of which a file may say `more`."""
    levels = list(_levels(where, name, cells))
    flat = [shapes for level in levels for shapes in level]
    kernel, recurrent, *bias = flat[0].values()
    cell = _cell(flat[0])
    arrays = [[every[path] for path in shapes] for shapes in flat]
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
            raise Unreadable(f"{where}: {', '.join(shapes)} are not as those of the first cell")
    names = [names_of(shapes) for shapes in flat]
    weights = [
        {name: array for name, array in weights_of(one, config).arrays().items() if name in own}
        for one, own in zip(arrays, names, strict=True)
    ]
    return layer_of(name, config, weights, "keras", names, assumptions)


def _levels(where: str, name: str, cells: list[tuple[str, Shapes]]) -> Iterator[list[Shapes]]:
    """Of each layer its directions, the forward one first."""
    halves = [[shapes for group, shapes in cells if _half(group, name) == half] for half in HALVES]
    if any(halves):
        forward, backward = halves
        if len(forward) != len(backward) or len(forward) + len(backward) != len(cells):
            text = f"{name} has {len(forward)} forward, {len(backward)} backward"
            raise Unreadable(f"{where}: {text}")
        yield from map(list, zip(forward, backward, strict=True))
    else:
        yield from ([shapes] for _, shapes in cells)


def _half(group: str, name: str) -> str:
    """The direction that a group says: forward_layer, or of Keras 2 forward_lstm below the name."""
    parts = group.split("/")
    below = parts[len(parts) - parts[::-1].index(name) :] if name in parts else parts
    return next((half for half in HALVES for part in below if part.startswith(f"{half}_")), "")
