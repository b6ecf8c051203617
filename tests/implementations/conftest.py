"""What tests of a user's files share."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

MINE = """
import numpy as np
from references import Unsupported
from references.numpy_rnn import run
buffer = {}
def right(case): return run(case)
def refuses(case): raise Unsupported("not today")
def raises(case): return 1 / 0
def shared(case):
    out = run(case).sequence
    own = buffer.setdefault(out.shape, out.copy())
    own[:] = out
    return own
def writes(case):
    case.inputs.flags.writeable = True
    case.inputs[:] = 7
    return run(case)
def wide(case): return run(case).sequence.astype(np.float64)
def narrow(case): return run(case).sequence.astype(np.float16)
def exits(case): import os; os._exit(5)
def transposed(inputs, W, U, b, scale=1.0):
    h, outputs = np.zeros_like(b), []
    for x in inputs:
        h = np.tanh(W @ x + U.T @ h + b)
        outputs.append(h)
    return np.stack(outputs)
transposed.limits = {"time": (1, 4), "dtype": "float64"}
def check(run_):
    from harness import sample_cases
    for case in sample_cases(3):
        assert np.array_equal(run_(case).sequence, run(case).sequence), "unequal"
def keeps(run_):
    from harness import sample_cases
    sizes = {"hidden_size": 3, "time": 4, "batch": 1, "bidirectional": False}
    one, two = sample_cases(2, 1, **sizes)
    first = run_(one).sequence
    before = first.copy()
    run_(two)
    assert np.array_equal(first, before), "an earlier output has changed"
"""


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


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own with a user's file, mine.py, which processes import."""
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(MINE)
