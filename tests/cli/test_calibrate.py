"""`rnn-parity calibrate` prints and writes what was measured, and fails where K is too small."""

import json
from pathlib import Path

import pytest

from harness.judge.bounds.activation import FUNCTIONS
from harness.runs.calibrate import Worst
from tests.cli.commands import complaint, invoke


def measured(k):
    return Worst("tanh", "float32", "torch", "loop", "2.0", 1234, k, 1.5, 0.5, 9.0)


@pytest.mark.parametrize(
    ("k", "status"), [(FUNCTIONS["tanh"].k, 0), (FUNCTIONS["tanh"].k * 1.01, 1)]
)
def test_a_row_is_printed_and_written_and_fails_above_the_k_of_the_judge(monkeypatch, k, status):
    monkeypatch.setattr("harness.runs.calibrate.calibrate", lambda names: iter([measured(k)]))
    result = invoke("calibrate", "torch", "-o", "rows.json")
    assert result.return_value == status
    assert "1,234 values: needs K = " in result.stdout
    assert result.stdout.endswith("1.50 ulp at z = 0.5, not 1 up to 9\n")
    assert json.loads(Path("rows.json").read_text()) == [measured(k)._asdict()]


def test_names_are_passed_on(monkeypatch):
    names = []
    monkeypatch.setattr("harness.runs.calibrate.calibrate", lambda given: names.append(given) or ())
    assert invoke("calibrate", "torch", "keras").return_value == 0
    assert names == [("torch", "keras")]


@pytest.mark.parametrize("name", ["nope.py:run", "mine.py:run", "torhc", "torch/packed"])
def test_what_cannot_be_measured_is_a_usage_error_that_names_what_can(name):
    sentence = complaint("calibrate", name)
    assert name in sentence
    assert "numpy, torch" in sentence
