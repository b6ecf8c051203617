"""The estimate of the work: it grows with what takes time, and is near the time that it takes."""

import time
from dataclasses import replace

import numpy as np
import pytest

from harness.judge.judge import judge
from harness.runs.effort import diagnose_soon, diagnosis_seconds, judging_seconds, steps_of
from references.case import Case, CellWeights, Config
from references.numpy_rnn import run


def case(batch=1, steps=1, inputs=1, units=1, layers=1):
    cells = tuple(
        CellWeights(
            np.full((units, units if layer else inputs), 0.01), np.full((units, units), 0.01)
        )
        for layer in range(layers)
    )
    config = Config(inputs, units, num_layers=layers, dtype="float64")
    return Case(config, cells, np.full((batch, steps, inputs), 0.5))


@pytest.mark.parametrize("size", ["batch", "steps", "inputs", "units", "layers"])
def test_it_grows_with_every_size(size):
    small, large = case(), case(**{size: 50})
    assert judging_seconds(small) < judging_seconds(large) < 1
    assert diagnosis_seconds(large) > judging_seconds(large)


def test_steps_are_those_that_are_taken_one_after_the_other():
    assert steps_of(case(batch=7, steps=5, layers=3)) == 15


@pytest.mark.slow
@pytest.mark.parametrize(
    "sizes", [{"steps": 60_000}, {"layers": 800}, {"batch": 64, "steps": 64, "units": 256}]
)
def test_it_is_near_the_time_that_a_verdict_takes(sizes):
    one = case(**sizes)
    start = time.process_time()
    assert judge(one, run, "numpy").kind == "agrees"
    seconds = time.process_time() - start
    assert 0.1 < judging_seconds(one) / seconds < 10, (judging_seconds(one), seconds)


def late(case):
    """Wrong where there are many steps."""
    outputs = run(case)
    return outputs if case.time < 50 else replace(outputs, sequence=outputs.sequence + 1)


def always(case):
    outputs = run(case)
    return replace(outputs, sequence=outputs.sequence + 1, h_n=None)


@pytest.mark.slow
def test_a_large_failure_is_diagnosed_on_a_smaller_one_or_not_at_all():
    verdict = judge(case(steps=60), always, "always")
    small, diagnosis = diagnose_soon(verdict, always, 0.5 * diagnosis_seconds(verdict.case))
    assert small is not None
    assert small.case.time < 10
    assert not diagnosis.sentence.startswith("Not looked for")
    small, _ = diagnose_soon(verdict, always, 10.0)
    assert small is None
    verdict = judge(case(steps=60), late, "late")
    small, diagnosis = diagnose_soon(verdict, late, 0.5 * diagnosis_seconds(verdict.case))
    assert small is None
    assert diagnosis.sentence.startswith("Not looked for: it takes about 1 s. To look: --force.")
