"""Two calls of an implementation, and what it writes into."""

import numpy as np

from harness.draw.generate import sample_cases
from harness.pytest_plugin.calls import difference_of_calls, overwrite
from references.numpy_rnn import run
from tests.pytest_plugin.outcomes import named


def test_one_that_writes_blindly_is_told_what_it_wrote_into(run_plugin):
    result = run_plugin(
        "-v",
        "--parity-implementation",
        "mine:writes_blindly",
        "--parity-examples",
        "2",
        "-k",
        "inputs or determinism",
    )
    assert named(result, "FAILED") == {"inputs_untouched", "determinism"}
    result.stdout.fnmatch_lines_random(
        [
            "mine:writes_blindly wrote into case.weights[[]0[]].U, which belongs to the caller: copy it first.",
            "mine:writes_blindly crashed: it raised ValueError: assignment destination is read-only",
        ]
    )


def test_nothing_is_said_of_a_right_one():
    for case in sample_cases(3):
        assert overwrite(case, run) == difference_of_calls(case, run) == ""


def test_a_zero_of_the_other_sign_is_a_difference_and_its_place_is_named():
    case = next(sample_cases(1))
    results = [np.zeros_like(run(case).sequence), np.zeros_like(run(case).sequence)]
    results[1][0, 0, 0] = -0.0
    difference = difference_of_calls(case, lambda case: results.pop())
    assert difference.startswith(f"1 of {run(case).sequence.size} numbers of sequence differ, ")
    assert "first sequence[0, 0, 0]: " in difference
