"""Layers of a .safetensors file, by torch's names. It needs no torch."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open

from references import state_dict
from references.archives import check_size
from references.as_arrays import LARGEST_HEADER
from references.case import Config
from references.layer import Layer, Unreadable, check_dtype, readable

DTYPES = {"F32": "float32", "F64": "float64", "F16": "float16", "BF16": "bfloat16"}
EXPECTED = state_dict.EXPECTED
CONFIG = "rnn_parity.config"  # in the file's metadata: what torch's names do not say, as JSON


def layers(path: Path, options: Mapping[str, Any]) -> dict[str, Callable[[], Layer]]:
    """The layers of the file by their dotted names."""
    check_size(path)
    with readable(path), path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
    if length > LARGEST_HEADER:
        raise Unreadable(
            f"{path} has a header of {length} bytes, expected at most {LARGEST_HEADER}"
        )
    with readable(path), safe_open(path, framework="numpy") as file:
        slices = {name: file.get_slice(name) for name in list(file.keys())}
        dtypes = {name: each.get_dtype() for name, each in slices.items()}
        shapes = {name: tuple(each.get_shape()) for name, each in slices.items()}
        metadata = file.metadata() or {}

    def read(name: str) -> np.ndarray:
        check_dtype(name, DTYPES.get(dtypes[name], dtypes[name]))
        with readable(path), safe_open(path, framework="numpy") as file:
            return np.asarray(file.get_tensor(name))

    return state_dict.layers(shapes, read, {**_config(path, metadata), **options})


def metadata_of(config: Config) -> dict[str, str]:
    """The metadata of a file of one layer: its format, and what the names do not say."""
    own = {} if config.nonlinearity == "tanh" else {"nonlinearity": config.nonlinearity}
    return {"format": "pt"} | ({CONFIG: json.dumps(own)} if own else {})


def _config(path: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    """What `write_layer` noted of the one layer in the file."""
    with readable(path):
        config = json.loads(metadata.get(CONFIG, "{}"))
    if not isinstance(config, dict) or not all(isinstance(value, str) for value in config.values()):
        raise Unreadable(f"{path} has {CONFIG} {config!r} in its metadata, expected names")
    return {name: value for name, value in config.items() if name == "nonlinearity"}
