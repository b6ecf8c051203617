"""The probes: sizes that differ, exact arithmetic where there is any, and the case's own kind."""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.mistakes.causes.probes import first_steps, on_probe, probes, without_recurrent_bias
from harness.mistakes.mistake import NOTHING
from references.as_arrays import arrays_by_name
from references.numpy_rnn import run

CASES = list(sample_cases(60, seed=3))


def test_they_are_of_the_cases_kind_and_of_sizes_of_their_own():
    for case in CASES:
        for probe in probes(case):
            assert probe.config == replace(case.config, hidden_size=6, input_size=4)
            assert (probe.batch, probe.time) == (3, 7)
            assert (probe.mask is None) == (case.mask is None)
            assert probe.masked_output == case.masked_output
            assert probe.h_0.any()


def test_they_are_always_the_same_and_differ_from_each_other():
    one, other, *_ = probes(CASES[0])
    again, *_ = probes(CASES[0])
    assert np.array_equal(one.inputs, again.inputs)
    assert not np.array_equal(one.inputs, other.inputs)


def test_cases_of_one_kind_share_them_and_what_the_loop_gives_on_them():
    (case,) = sample_cases(1, cell="gru", time=4)
    other = replace(
        case, inputs=case.inputs[:, :3], mask=None if case.mask is None else case.mask[:, :3]
    )
    probe, *_ = probes(case)
    assert probes(other)[0] is probe
    assert on_probe(probe, NOTHING) is on_probe(probe, NOTHING)
    assert np.array_equal(on_probe(probe, NOTHING).sequence, run(probe).sequence)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "linear"])
def test_nothing_rounds_on_them_where_the_activation_is_exact(nonlinearity):
    (case,) = sample_cases(1, nonlinearity=nonlinearity, masks=False)
    *exact, rounded = (judge(probe, run, calls=1) for probe in probes(case))
    assert len(exact) == 2
    for verdict in exact:
        assert (verdict.kind, verdict.exact) == ("agrees", verdict.outputs)
    assert rounded.kind == "agrees"
    assert rounded.exact < rounded.outputs / 2


def test_one_without_a_recurrent_bias_is_else_the_same():
    (case,) = sample_cases(1, cell="gru", bias=True)
    other = without_recurrent_bias(case)
    assert not any(cell.b_U.any() for cell in other.weights)
    assert np.array_equal(other.weights[0].b_W, case.weights[0].b_W)
    assert np.array_equal(other.inputs, case.inputs)


def test_first_steps_have_one_kind_of_numbers_each():
    (case,) = sample_cases(1, cell="lstm", bias=True, masks=True, num_layers=2)
    probe, *_ = probes(case)
    inputs, states, biases = first_steps(probe)
    assert first_steps(probe)[0] is inputs
    for step, names in ((inputs, "inputs W"), (states, "h_0 c_0 U"), (biases, "b_W b_U")):
        arrays = arrays_by_name(step)
        assert {name.split(".")[-1] for name, array in arrays.items() if array.any()} == {
            *names.split(),
            *(["mask"] if step.mask is not None else []),
        }
        assert step.time == 1
        assert step.mask is None or step.mask.all()
