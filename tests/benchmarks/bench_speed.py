"""The same ways under pytest-benchmark, for a look at one of them or at its history; no part of the ordinary tests.

pytest tests/benchmarks/bench_speed.py
"""

import pytest

from harness import sample_cases
from harness.judge.certificate import certify
from references import load
from references.numpy_rnn import run as loop
from tests.benchmarks import speeds
from tests.benchmarks.speeds import LIMITS, PEER

pytest.importorskip("pytest_benchmark")
COUNT = 50


@pytest.fixture(scope="module", autouse=True)
def _warm():
    speeds.warm()


@pytest.fixture(scope="module")
def drawn():
    return list(sample_cases(COUNT, 1, **LIMITS))


def test_the_ordinary_hypothesis_test(benchmark):
    benchmark.pedantic(speeds.peer, args=(10,), rounds=3)


def test_the_floor(benchmark, drawn):
    benchmark(speeds.floor, drawn)


def test_verify(benchmark):
    benchmark.pedantic(speeds.by_verify, args=(1000, 1), rounds=3)


def test_check(benchmark, drawn):
    benchmark(speeds.by_check, drawn)


def test_drawing(benchmark):
    benchmark(speeds.drawing, COUNT, 1)


@pytest.mark.parametrize("name", ["numpy", "torch", "keras", "keras/graph"])
def test_one_implementation(benchmark, drawn, name):
    run = load(name)
    benchmark(lambda: [run(case) for case in drawn[:10]])


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("what", ["loop", "certificate"])
def test_a_large_case(benchmark, what, batch):
    (case,) = sample_cases(
        1, 1, batch=batch, time=200, hidden_size=128, input_size=64, regimes="chaotic", **PEER
    )
    outputs = loop(case)
    benchmark(loop, case) if what == "loop" else benchmark(certify, case, [outputs.sequence])
