"""The arrays of an HDF5 file by path: those of Keras' writers alone, which are plain numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from references.archives import LARGEST
from references.layer import Unreadable, readable

HEAP = b"GCOL\1\0\0\0"
DEEPEST, MOST = 30, 100_000  # groups in groups, and objects in a file: a cycle of links ends here


@contextmanager
def opened(source: Path | bytes, path: Path) -> Iterator[Any]:
    """The open file, or one in memory; `path` is its name in messages."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    _check_heaps(data, path)
    with readable(path), h5py.File(BytesIO(data)) as f:
        yield f


def _check_heaps(data: bytes, path: Path) -> None:
    """Looks through the heaps of texts, in one of which HDF5's library would walk without an end.

    HDF5 File Format Specification 3.0, III.E: objects of 16 bytes and their size, to the end of the
    heap; the one with the number 0 is what is free. Raises Unreadable where none has that form.
    """
    place = 13 if data[8:9] in (b"\0", b"\1") else 9
    if data[place : place + 2] != b"\x08\x08":
        raise Unreadable(f"{path} is no HDF5 file with addresses of 8 bytes")
    heap = data.find(HEAP)
    while heap >= 0:
        at, end = heap + 16, heap + _number(data, heap + 8, 8)
        if not at <= end <= len(data):
            raise Unreadable(f"{path} is damaged: a heap of texts has no right size")
        while end - at >= 16:
            size = _number(data, at + 8, 8)
            step = 16 + -(-size // 8) * 8 if _number(data, at, 2) else size
            if not 16 <= step <= end - at:
                raise Unreadable(f"{path} is damaged: a text in a heap has no right size")
            at += step
        heap = data.find(HEAP, heap + 8)


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")


def groups(file: Any, path: Path) -> dict[str, dict[str, Any]]:
    """The datasets of every group by the group's path and by their names."""
    datasets: dict[str, dict[str, Any]] = {}
    for count, (group, name, item) in enumerate(_objects(file, (), path)):
        if count == MOST:
            raise Unreadable(f"{path} has more than {MOST} groups and arrays, or groups in circles")
        if isinstance(item, h5py.Dataset):
            datasets.setdefault(group, {})[name] = item
    return datasets


def _objects(group: Any, parts: tuple[str, ...], path: Path) -> Iterator[tuple[str, str, Any]]:
    """Each object in the group and in those below it: the path of its group, its name, itself."""
    where = "/".join(parts)
    if len(parts) > DEEPEST:
        raise Unreadable(f"{path} has groups more than {DEEPEST} deep, or groups in circles")
    for name in group:
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            text = "is a link to elsewhere, which is not followed"
            raise Unreadable(f"{path}: {'/'.join((*parts, name))} {text}")
        item = group[name]
        yield where, name, item
        if isinstance(item, h5py.Group):
            yield from _objects(item, (*parts, name), path)


def array(dataset: Any, path: Path) -> np.ndarray:
    """The numbers of a dataset, once it is known that they all stand in this file."""
    plain = not dataset.is_virtual and not dataset.external and dataset.id.get_create_plist()
    if not plain or plain.get_nfilters():
        raise Unreadable(f"{path}: {dataset.name} is compressed or stands in another file")
    size = dataset.size * dataset.dtype.itemsize
    if dataset.dtype.kind != "f" or size > min(LARGEST, dataset.id.get_storage_size()):
        text = f"{dataset.name} says {dataset.shape} of {dataset.dtype}"
        raise Unreadable(f"{path}: {text}, which is not what stands there")
    return np.asarray(dataset[()])
