"""Variants are found by name, in the order in which frameworks may be imported."""

import pytest

from harness.implementations.find import NotFound
from harness.implementations.names import expanded, in_import_order
from harness.implementations.resolve import resolve
from references import Unknown, load, variants


def test_names_are_sorted_by_their_framework():
    assert in_import_order(["my.py:run", "keras/unroll", "torch/packed", "numpy", "torch"]) == [
        "numpy", "torch/packed", "torch", "keras/unroll", "my.py:run",
    ]  # fmt: skip


@pytest.mark.framework
def test_a_variant_is_loaded_by_name_and_all_of_them_at_once():
    pytest.importorskip("torch")
    assert resolve("torch/packed") == ("torch/packed", load("torch/packed"))
    assert expanded(["torch/all", "x.py:f"]) == ["torch", *variants("torch"), "x.py:f"]
    assert expanded(["numpy/all"]) == ["numpy"]


@pytest.mark.framework
@pytest.mark.parametrize("name", ["torch/pakced", "numpy/fast", "torch/"])
def test_an_unknown_variant_is_told_in_a_sentence(name):
    pytest.importorskip("torch")
    with pytest.raises(
        Unknown,
        match=r"(torch|numpy) has no variant '\w*'; it has (time_major, unbatched, packed|none)",
    ):
        load(name)
    with pytest.raises(NotFound, match="has no variant"):
        resolve(name)


def test_a_file_in_a_folder_of_a_frameworks_name_is_no_variant():
    with pytest.raises(NotFound, match=r"there is no file torch/my\.py"):
        resolve("torch/my.py:run")
