"""The versions of a user's files: each is read once, soon after it was loaded."""

import sys

import pytest

from harness.implementations import digests as module
from harness.implementations.digests import digests
from harness.implementations.find import find


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch):
    monkeypatch.setattr(module, "_digests", {})
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_a_file_and_what_it_loads_from_beside_have_digests(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "digest_kernel.py").write_text("def run(case): return 1\n")
    path = tmp_path / "mine.py"
    path.write_text("from digest_kernel import run\n")
    find(f"{path}:run")
    before = dict(digests(str(path)))
    assert sorted(before) == [str(path), f"{path}: digest_kernel.py"]
    assert all(value.startswith("sha256 ") for value in before.values())
    path.write_text("changed after it was loaded\n")
    assert digests(str(path)) == before


def test_what_is_not_loaded_has_none():
    assert digests("no_such_module") == {}
