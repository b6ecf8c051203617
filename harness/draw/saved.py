"""A case in a file: arrays without pickle, facts as JSON, a checksum over both (safetensors format)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from harness.draw.limits import LARGEST
from references.case import Case, CellWeights, Config

FORMAT = 1
LARGEST_FILE = 8 * LARGEST + (1 << 20)


class Unreadable(ValueError):
    """A file is no saved case that this version reads; the text says why."""


def save_case(case: Case, path: Path, facts: Mapping[str, Any] | None = None) -> None:
    """Writes the case, with facts of the caller's (what was found, versions), to one file."""
    arrays = _arrays(case)
    about = json.dumps(
        {"format": FORMAT, "config": asdict(case.config), "masked_output": case.masked_output, "origin": case.origin, "facts": facts or {}}
    )
    path.write_bytes(save(arrays, {"rnn-parity": about, "sha256": _checksum(arrays, about)}))


def load_case(path: Path) -> tuple[Case, dict[str, Any]]:
    """The case and the facts. Raises Unreadable, in one sentence, for a file that is missing, too large, cut, altered or too new."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise Unreadable(f"{path} holds {size} bytes, more than the {LARGEST_FILE} that a saved case can have")
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error
    try:
        arrays = load(data)
        length = int.from_bytes(data[:8], "little")
        metadata = json.loads(data[8 : 8 + length])["__metadata__"]
        about_text, checksum = metadata["rnn-parity"], metadata["sha256"]
        about = json.loads(about_text)
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable(f"{path} is no saved case, or is cut off: {type(error).__name__}") from error
    if about.get("format") != FORMAT:
        raise Unreadable(f"{path} has format {about.get('format')!r}, this version reads {FORMAT}; a newer rnn-parity may have written it")
    if _checksum(arrays, about_text) != checksum:
        raise Unreadable(f"{path} was altered: its checksum does not fit its contents")
    return _case(path, arrays, about), about["facts"]


def _arrays(case: Case) -> dict[str, np.ndarray]:
    arrays = {"inputs": case.inputs, "initial_state": case.initial_state}
    for index, cell in enumerate(case.weights):
        arrays |= {f"{index}.{name}": getattr(cell, name) for name in ("W", "U", "b_W", "b_U")}
    return arrays if case.mask is None else arrays | {"mask": case.mask}


def _checksum(arrays: Mapping[str, np.ndarray], about: str) -> str:
    sha = hashlib.sha256(about.encode())
    for name in sorted(arrays):
        sha.update(repr((name, arrays[name].shape, str(arrays[name].dtype))).encode())
        sha.update(np.ascontiguousarray(arrays[name]).tobytes())
    return sha.hexdigest()


def _case(path: Path, arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> Case:
    try:
        config = Config(**about["config"])
        cells = tuple(
            CellWeights(*(arrays[f"{index}.{name}"] for name in ("W", "U", "b_W", "b_U")))
            for index in range(config.num_layers * config.num_directions)
        )
        return Case(
            config, cells, arrays["inputs"], arrays["initial_state"], arrays.get("mask"), about["masked_output"], str(about["origin"])
        )
    except (TypeError, ValueError, KeyError) as error:
        raise Unreadable(f"{path} does not hold a case that fits together: {error}") from error
