"""Archives are looked at before they are read: what is no plain archive of arrays is refused."""

import io
import struct
import zipfile

import pytest

from references.archives import check_size, entries, read_entry
from references.layer import Unreadable


def archive(path, *members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in members:
            file.writestr(name, data)
    return path


def test_entries_are_listed_and_read(tmp_path):
    path = archive(tmp_path / "a.zip", ("a", b"one"), ("b/c", b"two"))
    infos = entries(path)
    assert list(infos) == ["a", "b/c"]
    assert read_entry(path, infos["b/c"], 3) == b"two"
    with pytest.raises(Unreadable, match="holds b/c of 3 bytes, expected at most 2"):
        read_entry(path, infos["b/c"], 2)


def test_compression_is_taken_only_where_it_is_expected(tmp_path):
    path = archive(tmp_path / "a.zip", ("a", b"one" * 99), compression=zipfile.ZIP_DEFLATED)
    assert list(entries(path, compressed=True)) == ["a"]
    with pytest.raises(Unreadable, match="holds 'a' compressed, which its writer never does"):
        entries(path)


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "b/../../a", "..\\a", "\\\\host\\a"])
def test_paths_outside_are_refused(name, tmp_path):
    with pytest.raises(Unreadable, match="a path outside of it"):
        entries(archive(tmp_path / "a.zip", (name, b"one")))


@pytest.mark.slow
def test_a_bomb_is_refused_by_what_it_says(tmp_path):
    path = archive(tmp_path / "a.zip", ("a", bytes(64 << 20)), compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 100_000
    with pytest.raises(Unreadable, match="bytes and says that it holds 67108864: too many"):
        entries(path, compressed=True)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(tmp_path):
    with pytest.raises(Unreadable, match="holds 'a' twice"):
        entries(archive(tmp_path / "a.zip", ("a", b"one"), ("a", b"two")))


def test_an_encrypted_entry_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", ("a", b"one"))
    data = bytearray(path.read_bytes())
    data[data.find(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(Unreadable, match="holds 'a', which is encrypted"):
        entries(path)


def test_a_huge_directory_is_refused_before_it_is_parsed(tmp_path):
    path = archive(tmp_path / "a.zip", ("a", b"one"))
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, data.rfind(b"PK\5\6") + 12, 1 << 30)
    path.write_bytes(data)
    with pytest.raises(Unreadable, match="has a directory of 1073741824 bytes"):
        entries(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"abc", "is no zip archive, or is truncated"),
        (b"PK\5\6" + bytes(9), "is no zip archive, or is truncated"),
    ],
)
def test_other_files_are_refused(data, message, tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    with pytest.raises(Unreadable, match=message):
        entries(path)


def test_a_truncated_archive_is_refused_wherever_it_ends(tmp_path):
    whole = io.BytesIO()
    archive(whole, ("a", b"one"))
    path = tmp_path / "a.zip"
    for length in range(1, len(whole.getvalue())):
        path.write_bytes(whole.getvalue()[:length])
        with pytest.raises(Unreadable):
            entries(path)


def test_a_file_has_to_be_there_and_not_too_large(tmp_path):
    with pytest.raises(Unreadable, match="is no file"):
        check_size(tmp_path)
    with pytest.raises(Unreadable, match="nothing does not exist"):
        check_size(tmp_path / "nothing")
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(3 << 30)  # a hole: it takes no room
    with pytest.raises(Unreadable, match=r"more than 2147483648. Save the recurrent layer alone"):
        check_size(path)
