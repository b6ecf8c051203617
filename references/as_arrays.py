"""A case as arrays by name and a table of plain values: the form in which it crosses to others."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from references.case import WEIGHTS, Case, CellWeights, Config, Outputs

LARGEST_HEADER = 1 << 23  # bytes: room for 20,000 layers, and never a gigabyte once it is parsed


def arrays_by_name(case: Case) -> dict[str, np.ndarray]:
    """`inputs`, `h_0`, the weights as `0.W`, and `mask` and `c_0` where the case has them."""
    arrays = {"inputs": case.inputs, "h_0": case.h_0}
    for index, cell in enumerate(case.weights):
        arrays |= {f"{index}.{name}": array for name, array in cell.arrays().items()}
    options = {"mask": case.mask, "c_0": case.c_0}
    return arrays | {name: array for name, array in options.items() if array is not None}


def table_of(case: Case) -> dict[str, Any]:
    """What is no array: `config`, `masked_output` and `origin`."""
    return {
        "config": asdict(case.config),
        "masked_output": case.masked_output,
        "origin": case.origin,
    }


def case_from(table: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Case:
    """The case again. Raises KeyError for what is missing, TypeError or ValueError as Case does."""
    config = Config(**table["config"])
    cells = tuple(
        CellWeights(**{name: arrays[f"{index}.{name}"] for name in WEIGHTS})
        for index in range(config.num_layers * config.num_directions)
    )
    inputs, h_0, mask = arrays["inputs"], arrays["h_0"], arrays.get("mask")
    options = table["masked_output"], table["origin"]
    return Case(config, cells, inputs, h_0, mask, *options, c_0=arrays.get("c_0"))


def output_arrays(outputs: Outputs) -> dict[str, np.ndarray]:
    """`sequence`, and `h_n`, `c_n` and every layer as `layers.0` where there are such."""
    arrays = {"sequence": outputs.sequence, "h_n": outputs.h_n, "c_n": outputs.c_n}
    arrays |= {f"layers.{index}": layer for index, layer in enumerate(outputs.layers or ())}
    return {name: array for name, array in arrays.items() if array is not None}


def outputs_from(arrays: Mapping[str, np.ndarray]) -> Outputs:
    """The outputs again. Raises KeyError where there is no sequence."""
    count = sum(name.startswith("layers.") for name in arrays)
    layers = tuple(arrays[f"layers.{index}"] for index in range(count)) or None
    return Outputs(arrays["sequence"], arrays.get("h_n"), layers, c_n=arrays.get("c_n"))


def pack(arrays: Mapping[str, np.ndarray], texts: Mapping[str, str]) -> bytes:
    """Arrays and texts by name as the bytes of a safetensors file."""
    ordered = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return save(ordered, dict(texts))


def unpack(data: bytes) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays and texts again. Raises ValueError for other bytes."""
    arrays = arrays_in(data)
    try:
        return arrays, json.loads(data[8 : 8 + _header_length(data)])["__metadata__"]
    except (ValueError, KeyError, RecursionError, MemoryError) as error:
        raise ValueError(type(error).__name__) from error


def arrays_in(data: bytes) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file; texts may be absent. Raises ValueError for other bytes."""
    if _header_length(data) > LARGEST_HEADER:
        raise ValueError("its header is too long")
    try:
        return load(data)
    except (SafetensorError, ValueError, KeyError, RecursionError, MemoryError) as error:
        raise ValueError(type(error).__name__) from error


def _header_length(data: bytes) -> int:
    return int.from_bytes(data[:8], "little")
