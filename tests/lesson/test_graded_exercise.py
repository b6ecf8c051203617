"""The graded exercise as an autograder runs it: an exit status, words, and a file of JSON."""

import json
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.process

RIGHT = """
import numpy as np

def rnn(inputs, W, U, b):
    successive_outputs = []
    state_t = np.zeros_like(b)
    for input_t in inputs:
        output_t = np.tanh(np.dot(W, input_t) + np.dot(U, state_t) + b)
        successive_outputs.append(output_t)
        state_t = output_t
    return np.stack(successive_outputs)
"""


def graded(folder, text, *options):
    """`rnn-parity verify my_rnn.py:rnn` in a folder of its own."""
    (folder / "my_rnn.py").write_text(text)
    words = [
        sys.executable,
        "-m",
        "harness",
        "verify",
        "my_rnn.py:rnn",
        "--examples",
        "12",
        *options,
    ]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("old", "new", "diagnosis"),
    [
        ("        state_t = output_t\n", "", "state not carried"),
        ("append(output_t)", "append(state_t)", "state for output"),
    ],
)
def test_a_wrong_one_is_told_what_it_looks_like(tmp_path, old, new, diagnosis):
    done = graded(tmp_path, RIGHT.replace(old, new))
    assert done.returncode == 1, done.stdout
    assert diagnosis in " ".join(done.stdout.split())
    assert "To fix it:" in done.stdout


def test_an_autograder_finds_the_result_in_a_file(tmp_path):
    for text, status, mistakes in (
        (RIGHT, 0, []),
        (RIGHT.replace("U, state_t", "U.T, state_t"), 1, [["U transposed"]]),
    ):
        done = graded(tmp_path, text, "--json", "result.json")
        result = json.loads((tmp_path / "result.json").read_text())
        (one,) = result["implementations"]
        assert done.returncode == result["exit"] == one["exit"] == status
        assert [found["diagnosis"]["mistakes"] for found in one["findings"]] == mistakes
        right = "my_rnn.py:rnn computes what the hand-written loop computes"
        sentence = "Matches with U transposed" if status else right
        assert sentence in " ".join(done.stdout.split())


def test_a_function_that_never_returns_is_given_up_after_its_first_network(tmp_path):
    text = "def rnn(inputs, W, U, b):\n    while True: pass\n"
    start = time.monotonic()
    done = graded(tmp_path, text, "--workers", "1", "--time-limit", "1")
    assert time.monotonic() - start < 30  # 30 networks of a second each, and the start
    assert done.returncode == 1
    words = " ".join(done.stdout.split())
    assert "it took longer than 1 second" in words
    assert "on a first small case" in words
