"""Layers of plain arrays: an .npz file, or a mapping. W, U and b, or b_W and b_U, in our order."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

import numpy as np

import references
from references import state_dict
from references.archives import entries
from references.case import CellWeights, Config
from references.layer import Layer, Unreadable, check_dtype, layer_of, readable
from references.options import Saying, config_of
from references.state_dict import sizes

# 0.W as we write it, or W, W0, W_0, W_l0, W_l0_reverse; b is b_W, and b_U is zeros.
NAME = re.compile(
    r"(?:(?P<first>\d{1,4})\.)?(?P<kind>W|U|b_W|b_U|b)(?:_?l?(?P<last>\d{1,4}))?(?P<way>_reverse)?"
)
KERAS = re.compile(r"(.*/)?recurrent_kernel(:0)?")
EXPECTED = (
    "; its arrays need the names W (gates * H, I), U (gates * H, H), and b, or b_W and b_U, for a "
    "bias; or torch's names, as weight_ih_l0, or Keras', as kernel"
)
LARGEST_CONFIG = 10_000  # letters
LARGEST_HEADER = 10_000  # bytes of an array's header, as NumPy has it
ORDERS = {
    "rnn": "",
    "gru": "The gates are assumed to stand in the order r, z, n.",
    "lstm": "The gates are assumed to stand in the order i, f, g, o.",
}
Source = Path | Mapping[str, Any]


def layers(source: Source, options: Mapping[str, Any]) -> dict[str, Callable[[], Layer]]:
    """The one layer of plain arrays, under an empty name; of torch's or Keras' names all layers."""
    shapes = _shapes(source)
    if any(map(state_dict.NAME.fullmatch, shapes)):
        return state_dict.layers(shapes, partial(_array, source), options)
    if any(map(KERAS.fullmatch, shapes)):
        keras: Any = references.module("keras").source.weights_file
        return dict(
            keras.layers_of_arrays(shapes, partial(_array, source), options, _title(source))
        )
    if not any(NAME.fullmatch(name) for name in shapes):
        return {}
    return {"": partial(_layer, source, shapes, options)}


def arrays_in(path: Path) -> dict[str, np.ndarray]:
    """Every array of a .npz file by name. Raises Unreadable."""
    return {name: _array(path, name) for name in _headers(path)}


def write(config: Config, weights: tuple[CellWeights, ...], path: Path) -> list[str]:
    """Writes a file that says all: the arrays as they are, and the Config as JSON."""
    arrays = {f"{i}.{name}": a for i, c in enumerate(weights) for name, a in c.arrays().items()}
    config_text = np.array(json.dumps(asdict(config)))
    with path.open("wb") as file:
        np.savez(file, config=config_text, **arrays)  # type: ignore[arg-type]
    return []


def _layer(
    source: Source, shapes: Mapping[str, tuple[int, ...]], options: Mapping[str, Any]
) -> Layer:
    where = _title(source)
    names = _names(where, shapes)
    cells = [{ours: _array(source, theirs) for ours, theirs in cell.items()} for cell in names]
    first, own = names[0], cells[0]
    check_dtype(first["W"], own["W"].dtype.name)
    if "config" in shapes:
        says, more = _config(source, where), []
    else:
        says = sizes(first["W"], own["W"].shape, first["U"], own["U"].shape)
        says |= {"dtype": own["W"].dtype.name, "bias": any("b_W" in cell for cell in cells)}
        says |= _levels(says, names, cells, options)
        more = [ORDERS[says["cell"]]] if ORDERS[says["cell"]] else []
    title = "a file of arrays" if isinstance(source, Path) else "a mapping of arrays"
    config, assumptions = config_of(Saying(title, says), options)
    return layer_of("", config, cells, "", names, (*assumptions, *more))


def _title(source: Source) -> str:
    return str(source) if isinstance(source, Path) else "the mapping"


def _names(where: str, shapes: Mapping[str, Any]) -> list[dict[str, str]]:
    """Of each cell the arrays' names by ours, in the order of their numbers."""
    cells: dict[tuple[int, str], dict[str, str]] = {}
    for name in shapes:
        if match := NAME.fullmatch(name):
            number = int(match["first"] or match["last"] or 0)
            kind = "b_W" if match["kind"] == "b" else match["kind"]
            cell = cells.setdefault((number, match["way"] or ""), {})
            if kind in cell:
                raise Unreadable(f"{where} has both {cell[kind]} and {name}")
            cell[kind] = name
    for cell in cells.values():
        for kind in ("W", "U"):
            if kind not in cell:
                raise Unreadable(f"{where} has {', '.join(cell.values())}, but no {kind} with it")
    numbers = sorted({number for number, _ in cells})
    for below, number in pairwise(numbers):
        if number != below + 1:
            names = (next(iter(cell.values())) for (own, _), cell in cells.items() if own == number)
            raise Unreadable(f"{where} has {next(names)}, but nothing of number {number - 1}")
    return [cells[key] for key in sorted(cells)]


def _levels(
    says: Mapping[str, Any],
    names: list[dict[str, str]],
    cells: list[dict[str, np.ndarray]],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """The numbers of layers and directions, which follow from what each W reads."""
    H = says["hidden_size"]
    widths = [cell["W"].shape[-1] if cell["W"].ndim else 0 for cell in cells]
    has_reverse = any(cell["W"].endswith("_reverse") for cell in names)
    fitting = []
    for D in (2,) if has_reverse else (1, 2):
        expected = [says["input_size"] if i < D else H * D for i in range(len(cells))]
        if len(cells) % D == 0 and widths == expected:
            fitting.append(D)
    if not fitting:
        raise Unreadable(f"the arrays W read {widths} values, which is no stack of H = {H}")
    ways: dict[Any, int] = {False: 1, True: 2}
    if (D := ways.get(options.get("bidirectional"), 0)) in fitting:
        fitting = [D]
    levels: dict[str, Any] = {"num_layers": len(cells) // fitting[0]}
    if len(fitting) == 1:
        levels["bidirectional"] = fitting[0] == 2
    return levels


def _config(source: Source, where: str) -> dict[str, Any]:
    text = _array(source, "config")
    if text.dtype.kind != "U" or text.shape != () or text.dtype.itemsize > 4 * LARGEST_CONFIG:
        raise Unreadable(f"{where} has a config of {text.dtype}, expected a text in JSON")
    with readable(where):
        config = json.loads(str(text))
    if not isinstance(config, dict):
        raise Unreadable(f"{where} has a config that is no table: {str(text)[:100]}")
    return config


def _shapes(source: Source) -> dict[str, tuple[int, ...]]:
    """The shapes by name: of a file by its headers, none of whose arrays is read."""
    if isinstance(source, Path):
        return {name: header[0] for name, header in _headers(source).items()}
    return {str(name): np.shape(array) for name, array in source.items()}


def _array(source: Source, name: str) -> np.ndarray:
    if not isinstance(source, Path):
        if not isinstance(source[name], np.ndarray):
            raise Unreadable(f"{name} is a {type(source[name]).__name__}, expected a numpy.ndarray")
        return np.asarray(source[name])
    with readable(source), np.load(source, allow_pickle=False) as file:
        return np.asarray(file[name])


def _headers(path: Path) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
    """Shape and dtype of each array. Raises Unreadable where they are not those of its bytes."""
    headers = {}
    infos = entries(path, compressed=True)
    with readable(path), ZipFile(path) as archive:
        for name, info in infos.items():
            if not name.endswith(".npy"):
                raise Unreadable(f"{path} holds {name!r}, which is no array")
            with archive.open(info) as file:
                shape, dtype = _header(path, name, file)
                claim = file.tell() + math.prod(shape) * dtype.itemsize
            if dtype.hasobject:
                raise Unreadable(f"{path} holds {name!r}, whose objects only unpickling would load")
            if claim != info.file_size:
                text = f"says {shape} of {dtype}, {claim} bytes"
                raise Unreadable(f"{path}: {name!r} {text}, and has {info.file_size}")
            headers[name.removesuffix(".npy")] = (shape, dtype)
    return headers


def _header(path: Path, name: str, file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    """What the header of an array says, which NumPy's own reader parses."""
    old = np.lib.format.read_magic(file) == (1, 0)
    length = int.from_bytes(file.read(2 if old else 4), "little")
    if length > LARGEST_HEADER:
        raise Unreadable(f"{path}: {name!r} has a header of {length} bytes")
    file.seek(np.lib.format.MAGIC_LEN)
    formats = np.lib.format
    read = formats.read_array_header_1_0 if old else formats.read_array_header_2_0
    shape, _, dtype = read(file)
    return shape, dtype
