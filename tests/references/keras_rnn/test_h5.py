"""Arrays of HDF5 files are read where they stand in the file itself, as plain numbers."""

import numpy as np
import pytest

from references.layer import Unreadable

pytestmark = pytest.mark.framework
h5py = pytest.importorskip("h5py")
pytest.importorskip("keras")

from references.keras_rnn.h5 import array, groups, opened  # noqa: E402


def read(path):
    with opened(path, path) as file:
        return {
            f"{group}/{name}": array(dataset, path)
            for group, datasets in groups(file, path).items()
            for name, dataset in datasets.items()
        }


def test_arrays_are_read_by_their_paths(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["a/b/0"] = np.arange(6.0).reshape(2, 3)
        file["a/1"] = np.float32(3)
    arrays = read(path)
    assert arrays.keys() == {"a/b/0", "a/1"}
    assert np.array_equal(arrays["a/b/0"], np.arange(6.0).reshape(2, 3))
    with opened(path.read_bytes(), path) as file:
        assert list(groups(file, path)) == ["a", "a/b"]


def external(file, folder):
    (folder / "secret").write_bytes(bytes(32))
    file.create_dataset("a", (4,), "float64", external=[(str(folder / "secret"), 0, 32)])


def virtual(file, folder):
    layout = h5py.VirtualLayout((4,), "float64")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "a", (4,))
    file.create_virtual_dataset("a", layout)


def link(file, folder):
    with h5py.File(folder / "other.h5", "w") as other:
        other["a"] = np.ones(3)
    file["a"] = h5py.ExternalLink(str(folder / "other.h5"), "a")


def soft(file, _):
    file["a"] = h5py.SoftLink("/b")


def circle(file, _):
    file.create_group("a")["again"] = file["/"]


def bomb(file, _):
    file.create_dataset("a", (1 << 40,), "float32", chunks=(1 << 20,))


def compressed(file, _):
    file.create_dataset("a", data=np.zeros(1 << 20), compression="gzip")


def text(file, _):
    file["a"] = b"text"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (external, "a is compressed or stands in another file"),
        (virtual, "a is compressed or stands in another file"),
        (compressed, "a is compressed or stands in another file"),
        (link, "a is a link to elsewhere, which is not followed"),
        (soft, "a is a link to elsewhere, which is not followed"),
        (circle, "has groups more than 30 deep, or groups in circles"),
        (bomb, r"a says \(1099511627776,\) of float32, which is not what stands there"),
        (text, r"a says \(\) of .*which is not what stands there"),
    ],
)
def test_what_is_no_plain_array_in_this_file_is_refused(make, message, tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        make(file, tmp_path)
    with pytest.raises(Unreadable, match=message):
        read(path)


def test_a_file_of_too_many_objects_is_refused(monkeypatch, tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for name in "abc":
            file[f"group/{name}"] = np.ones(2)
    monkeypatch.setattr("references.keras_rnn.h5.MOST", 4)  # the group and its three arrays
    assert len(read(path)) == 4 - 1
    monkeypatch.setattr("references.keras_rnn.h5.MOST", 3)
    with pytest.raises(Unreadable, match="has more than 3 groups and arrays, or groups in circles"):
        read(path)


def test_a_heap_in_which_the_library_would_walk_without_an_end_is_refused(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["a"] = np.ones(2)
        file["a"].attrs["name"] = "text"
    data = path.read_bytes()
    heap = data.find(b"GCOL")
    assert read(path)["/a"].tolist() == [1, 1]
    for place, value, message in (
        (heap + 8, bytes(8), "a heap of texts has no right size"),
        (heap + 8, b"\xff" * 8, "a heap of texts has no right size"),
        (heap + 16, bytes(16), "a text in a heap has no right size"),
        (heap + 24, b"\xff" * 8, "a text in a heap has no right size"),
        (13, b"\4", "is no HDF5 file with addresses of 8 bytes"),
    ):
        changed = bytearray(data)
        changed[place : place + len(value)] = value
        path.write_bytes(changed)
        with pytest.raises(Unreadable, match=message):
            read(path)


def test_other_bytes_are_refused(tmp_path):
    path = tmp_path / "a.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(99))
    with pytest.raises(Unreadable, match="is no HDF5 file with addresses"):
        read(path)
