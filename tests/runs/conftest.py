"""What tests of a user's files share."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder of its own, and no trace of it in sys.path and sys.modules afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    loaded = set(sys.modules)
    importlib.invalidate_caches()
    yield
    for name in set(sys.modules) - loaded:
        if name.startswith(("_implementation_", "mine")):
            del sys.modules[name]
