"""Messages between a process and one that runs a user's code: plain arrays with a JSON header.

A message is its length, eight bytes, and as many of a safetensors file, whose metadata hold the
header. Nothing is pickled.
"""

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

from references.as_arrays import pack, unpack

HEADER = "rnn-parity"
LENGTH = 8  # bytes
LARGEST = 1 << 32  # bytes of a message
PIECE = 1 << 20

Message = tuple[dict[str, Any], dict[str, np.ndarray]]


class Malformed(ValueError):
    """Says that what came is no message."""


def send(stream: BinaryIO, table: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Writes a message."""
    data = pack(arrays, {HEADER: json.dumps(table)})
    stream.write(len(data).to_bytes(LENGTH, "little") + data)
    stream.flush()


def receive(stream: BinaryIO) -> Message:
    """Reads a message. Raises EOFError at the end, and Malformed for anything else."""
    start = stream.read(LENGTH)
    if not start:
        raise EOFError
    length = int.from_bytes(start, "little")
    if len(start) < LENGTH or length > LARGEST:
        raise Malformed("its length cannot be")
    data = bytearray()
    while len(data) < length:  # piece by piece: who says a length need not send so much
        piece = stream.read(min(length - len(data), PIECE))
        if not piece:
            raise Malformed("it is cut off")
        data += piece
    try:
        arrays, texts = unpack(bytes(data))
        table = json.loads(texts[HEADER])
    except (ValueError, KeyError, TypeError, RecursionError, MemoryError) as error:
        raise Malformed(f"it cannot be read: {type(error).__name__}") from error
    if not isinstance(table, dict):
        raise Malformed("its header is no table")
    return table, arrays
