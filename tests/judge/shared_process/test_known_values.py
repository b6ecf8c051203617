"""NumPy's functions on known values: all that the judge uses, and each test must fail for another
function.
"""

import ast
from pathlib import Path

import numpy as np
import pytest

import harness.judge
import references.case
from harness.judge.shared_process.known_values import TESTS, failures

FILES = [
    *Path(harness.judge.__file__).parent.rglob("*.py"),
    *Path(references.case.__file__).parent.glob("cells/*.py"),
    *(
        Path(references.case.__file__).with_name(f"{name}.py")
        for name in ("arrays", "case", "numpy_rnn")
    ),
]


def names_in(path):
    """What a file takes from `np`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "np"
        ):
            yield node.attr


def test_every_name_that_the_judge_takes_from_numpy_is_tested():
    used = {name for path in FILES for name in names_in(path)}
    assert used - TESTS.keys() == set()
    assert TESTS.keys() - used == set()


def test_numpy_gives_the_known_values():
    assert failures() == ()


@pytest.mark.parametrize("name", TESTS)
def test_another_function_fails(name, monkeypatch):
    original = getattr(np, name)
    monkeypatch.setattr(np, name, lambda *_, **__: "nothing of the kind")
    assert name in failures()
    monkeypatch.setattr(np, name, original)
    assert failures() == ()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("tanh", lambda z: np.asarray(z) * (27 + np.square(z)) / (27 + 9 * np.square(z))),
        ("exp", lambda z: np.power(2.718281828, z)),
        ("maximum", lambda a, b: np.asarray(a)),
        ("isnan", lambda z: np.zeros(np.shape(z), bool)),
        ("dot", lambda a, b: np.matmul(a, b) + 1e-9),
    ],
)
def test_a_function_that_is_nearly_right_fails(name, change, monkeypatch):
    monkeypatch.setattr(np, name, change)
    assert name in failures()
