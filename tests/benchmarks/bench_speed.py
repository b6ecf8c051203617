"""Times single parts under pytest-benchmark; no part of the ordinary tests.

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
def fifty():
    return list(sample_cases(COUNT, 1, **LIMITS))


def test_the_ordinary_hypothesis_test(benchmark):
    benchmark.pedantic(speeds.peer, args=(10,), rounds=3)


def test_the_floor(benchmark, fifty):
    benchmark(speeds.floor, fifty)


def test_verify(benchmark):
    benchmark.pedantic(speeds.by_verify, args=(1000, 1), rounds=3)


def test_check(benchmark, fifty):
    benchmark.pedantic(speeds.by_check, setup=lambda: ((speeds.by_hand(fifty),), {}), rounds=5)


def test_drawing(benchmark):
    benchmark(speeds.drawing, COUNT, 1)


@pytest.mark.parametrize("name", ["numpy", "torch", "keras", "keras/graph"])
def test_one_implementation(benchmark, fifty, name):
    run = load(name)
    benchmark(lambda: [run(case) for case in fifty[:10]])


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("what", ["loop", "certificate"])
def test_a_large_case(benchmark, what, batch):
    sizes = {"batch": batch, "time": 200, "hidden_size": 128, "input_size": 64}
    (case,) = sample_cases(1, 1, regimes="chaotic", **sizes, **PEER)
    outputs = loop(case)
    benchmark(loop, case) if what == "loop" else benchmark(certify, case, [outputs.sequence])
