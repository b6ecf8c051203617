"""The judge on cases that it must not be fooled by: the processor's mode, a second call, stacked
layers without their sequences.
"""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from harness import Mismatch, check, sample_cases
from harness.judge.calls.copies import arrays_of
from harness.judge.calls.second_calls import from_zeros, other_weights
from harness.judge.judge import ask, called_cases, judge
from references import installed
from references.case import Case, CellWeights, Config, Outputs
from references.numpy_rnn import run

STACKED = {"num_layers": 3, "hidden_size": (2, 8), "input_size": (2, 8)}


def without_layers(case):
    """The loop, giving the top layer's sequence and the final states only."""
    outputs = run(case)
    return Outputs(outputs.sequence, outputs.h_n)


@pytest.mark.slow
def test_layers_that_are_not_given_come_from_the_case_cut_to_its_lowest_layers():
    for case in sample_cases(20, **STACKED):
        assert check(case, without_layers).outputs == check(case, run).outputs


def test_a_wrong_lower_layer_is_placed_there():
    def wrong(case):
        cell = case.weights[0]
        changed = CellWeights(cell.W, cell.U, cell.b_W + 1, cell.b_U)
        return without_layers(
            Case(case.config, (changed, *case.weights[1:]), case.inputs, case.h_0)
        )

    (case,) = sample_cases(
        1, **STACKED, bias=True, masks=False, bidirectional=False, regimes="chaotic"
    )
    assert judge(case, wrong).first.layer == 0


def test_states_that_depend_on_how_many_layers_are_run_are_no_mistake():
    verdicts = [
        judge(case, _one_bit_more, calls=1)
        for case in sample_cases(5, **STACKED, regimes="chaotic", masks=False, bidirectional=False)
    ]
    assert {verdict.kind for verdict in verdicts} <= {"agrees", "inconclusive"}
    assert all("lower layers were bounded, not observed" in one.reason for one in verdicts)


def _one_bit_more(case):
    """A single layer ends in other bits than the same layer under others."""
    outputs = without_layers(case)
    if case.config.num_layers > 1:
        return outputs
    sequence = outputs.sequence.copy()
    sequence[:, -1] = np.nextafter(sequence[:, -1], np.asarray(2, sequence.dtype))
    return Outputs(sequence, sequence[np.newaxis, :, -1])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["W", "U", "b_W", "b_U"])
def test_each_array_that_is_kept_from_the_first_call_is_seen(name):
    kept = {}

    def cached(case):
        arrays = kept.setdefault(case.config, [getattr(cell, name) for cell in case.weights])
        cells = zip(case.weights, arrays, strict=True)
        return run(replace(case, weights=tuple(replace(c, **{name: a}) for c, a in cells)))

    (case,) = sample_cases(1, regimes="chaotic", bias=True)
    with pytest.raises(Mismatch, match="in a second call of the same shapes, with other weights"):
        check(case, cached)


def test_weights_that_are_kept_from_the_first_call_are_seen():
    kept = {}

    def cached(case):
        weights = kept.setdefault(case.config, case.weights)
        return run(Case(case.config, weights, case.inputs, case.h_0, case.mask, case.masked_output))

    (case,) = sample_cases(1, regimes="chaotic")
    with pytest.raises(
        Mismatch,
        match="in a second call of the same shapes, with other weights; the first call was right",
    ):
        check(case, cached)


@pytest.mark.framework
@pytest.mark.process
@pytest.mark.skipif(
    "torch" not in installed(),
    reason="torch is not installed: nothing else here sets the processor's mode",
)
def test_a_thread_that_flushes_subnormals_is_told_and_an_implementation_that_sets_it_has_crashed():
    program = """
import torch
from harness import check, sample_cases
from references.numpy_rnn import run
(case,) = sample_cases(1)
def sets(case):
    torch.set_flush_denormal(True)
    return run(case)
try: check(case, sets)
except AssertionError as error: print(error.verdict.kind, error.verdict.reason)
try: check(case, run)
except RuntimeError as error: print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    crashed, broken = done.stdout.splitlines()
    assert crashed == (
        "crashed it set the processor to read subnormal numbers as zero, for all that runs after it"
    )
    assert broken.startswith(
        "this thread reads subnormal numbers as zero, so that no bound can be trusted. "
        "Undo torch.set_flush_denormal"
    )


def test_a_case_that_is_no_case_and_a_function_that_is_none_are_told():
    with pytest.raises(TypeError, match=r"case is a int, expected a references\.case\.Case"):
        judge(3, run)
    (case,) = sample_cases(1)
    with pytest.raises(
        TypeError, match=r"implementation is 'torch', expected a function run\(case\) -> Outputs"
    ):
        judge(case, "torch")


def test_an_undecided_output_is_never_the_worst():
    zero = np.zeros((1, 1), "float32")
    cells = tuple(CellWeights(np.array([w], "float32"), zero) for w in ([1e30, 0.0], [0.0, 0.1]))
    inputs = np.array([[[1e30, 1.0]], [[0.0, 0.7]]], "float32")
    verdict = judge(
        Case(Config(2, 1, bidirectional=True, nonlinearity="linear"), cells, inputs), run, calls=1
    )
    assert verdict.undecided > 0
    assert 0 <= verdict.worst_ratio <= 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nonlinearity", "relu"),
        ("mask", np.zeros((2, 3), bool)),
        ("weights", ()),
        ("weights", None),
        ("config", None),
    ],
)
def test_an_implementation_that_changes_the_callers_own_case_gains_nothing(name, value):
    (case,) = sample_cases(
        1,
        batch=2,
        time=3,
        nonlinearity="tanh",
        masks=False,
        num_layers=1,
        hidden_size=4,
        regimes="chaotic",
    )

    def hostile(given):
        object.__setattr__(case.config if name == "nonlinearity" else case, name, value)
        return Outputs(np.maximum(run(given).sequence, 0) * (name != "mask"))

    assert judge(case, hostile).kind == "differs"


@pytest.mark.parametrize("again", [other_weights, from_zeros, None])
def test_the_calls_of_an_implementation_without_layers_are_known_before(again):
    (case,) = sample_cases(1, num_layers=3, seed=4)
    actual = []

    def noted(case):
        actual.append(case)
        return run(case).sequence

    ask(case, noted, **({"again": again} if again else {"calls": 1}))
    expected = list(called_cases(case, again))
    assert len(actual) == len(expected) == (6 if again else 3)
    for one, other in zip(actual, expected, strict=True):
        assert one.config == other.config
        assert [a.tobytes() for a in arrays_of(one).values()] == [
            a.tobytes() for a in arrays_of(other).values()
        ]
