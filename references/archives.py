"""Looks at a zip archive before it is read: sizes, names and compression, all bounded."""

import os
import struct
from pathlib import Path, PurePosixPath
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from references.layer import Unreadable, readable

LARGEST = 2 << 30  # bytes of arrays that are read from one file
LARGEST_DIRECTORY = 1 << 20  # bytes: about 10,000 entries
_END = struct.Struct("<4s4H2LH")  # PKWARE's APPNOTE 4.3.16: end of central directory record
GROWTH = 100  # times the file's size that a compressed file may become, beyond 16 MiB


def entries(path: Path, compressed: bool = False) -> dict[str, ZipInfo]:
    """The entries of an archive by name, without reading them.

    Raises Unreadable for what is no archive, for a huge one, a bomb, a name outside of it or twice,
    and for compression, where it is not expected.
    """
    size = check_size(path)
    _check_directory(path, size)
    with readable(path), ZipFile(path) as archive:
        infos = archive.infolist()
    by_name = {info.filename: info for info in infos}
    for info in infos:
        _check_entry(path, info, by_name, compressed)
    total = sum(info.file_size for info in infos)
    if total > min(LARGEST, GROWTH * size + (16 << 20)):
        raise Unreadable(f"{path} has {size} bytes and says that it holds {total}: too many")
    return by_name


def read_entry(path: Path, info: ZipInfo, largest: int) -> bytes:
    """The bytes of an entry, which may say that it has at most `largest`."""
    if info.file_size > largest:
        text = f"{info.filename} of {info.file_size} bytes"
        raise Unreadable(f"{path} holds {text}, expected at most {largest}")
    with readable(path), ZipFile(path) as archive:
        return archive.read(info)


def check_size(path: Path) -> int:
    """The size of a file. Raises Unreadable where it is no file, is empty, or too large."""
    if not path.is_file():
        kind = "is no file" if path.exists() else "does not exist"
        raise Unreadable(f"{path} {kind}")
    size = path.stat().st_size
    if not size:
        raise Unreadable(f"{path} is empty")
    if size > LARGEST:
        raise Unreadable(
            f"{path} has {size} bytes, more than {LARGEST}. "
            "Save the recurrent layer alone, and read that."
        )
    return size


def _check_directory(path: Path, size: int) -> None:
    """The archive's last record says how large its directory is, before anything parses that."""
    with readable(path), path.open("rb") as file:
        file.seek(max(0, size - (1 << 16) - _END.size))
        tail = file.read()
    start = tail.rfind(b"PK\5\6")
    if start < 0 or len(tail) - start < _END.size:
        raise Unreadable(f"{path} is no zip archive, or is truncated")
    length = _END.unpack_from(tail, start)[5]
    if length > LARGEST_DIRECTORY:
        raise Unreadable(f"{path} has a directory of {length} bytes, more than one of arrays needs")


def _check_entry(path: Path, info: ZipInfo, by_name: dict[str, ZipInfo], compressed: bool) -> None:
    name = PurePosixPath(info.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or os.path.splitdrive(info.filename)[0]:
        raise Unreadable(f"{path} holds {info.filename!r}, a path outside of it")
    if by_name[info.filename] is not info:
        raise Unreadable(f"{path} holds {info.filename!r} twice")
    if info.flag_bits & 1:
        raise Unreadable(f"{path} holds {info.filename!r}, which is encrypted")
    if not compressed and (
        info.compress_type != ZIP_STORED or info.compress_size != info.file_size
    ):
        raise Unreadable(f"{path} holds {info.filename!r} compressed, which its writer never does")
