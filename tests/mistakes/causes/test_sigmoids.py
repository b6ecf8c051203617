"""Other formulas of sigmoid: each is named where it shows, whatever the order of sums."""

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.causes.sigmoids import sigmoids
from harness.mistakes.mistake import run
from harness.mistakes.right_variants import edits_in_order, from_the_other_end
from references.cells import CELLS

LIMITS = {"num_layers": 1, "bidirectional": False, "go_backwards": False, "masks": False}
SMALL = {"time": (1, 4), "hidden_size": (1, 4), "input_size": (1, 4)}

CLIPPED = "sigmoid clipped at 30"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "name"),
    [*((cell, CLIPPED) for cell in CELLS), *((c, "sigmoid from tanh") for c in ("rnn", "lstm"))],
)
def test_it_is_named_where_it_differs(cell, name):
    mistake = next(one for one in sigmoids(cell) if one.name == name)
    limits = LIMITS | SMALL | ({"nonlinearity": "sigmoid"} if cell == "rnn" else {})
    edits = edits_in_order(mistake.edits, from_the_other_end)

    def implementation(case):
        return run(case, edits)

    verdicts = (
        judge(case, implementation, calls=1) for case in sample_cases(300, cell=cell, **limits)
    )
    verdict = next(one for one in verdicts if one.kind == "differs")
    diagnosis = diagnose(verdict.case, implementation)
    assert diagnosis.names[0] == name, diagnosis
    assert "use 1 / (1 + exp(-z))" in diagnosis.sentence
    assert all(len(part.split()) <= 25 for part in diagnosis.sentence.split(". ")), diagnosis


def test_they_are_not_planted():
    assert not {one.name for cell in CELLS for one in sigmoids(cell)} & BY_NAME.keys()


def test_each_is_sigmoid_where_no_gate_is_nearly_closed():
    (case,) = sample_cases(1, 2, cell="lstm", regimes="contracting", **LIMITS)
    right = run(case).sequence
    for mistake in sigmoids("lstm"):
        assert np.allclose(run(case, mistake.edits).sequence, right, rtol=1e-4)
