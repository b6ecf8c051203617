"""Judges single large cases: the verdict's time beside torch's own call, and its memory."""

import tracemalloc
from typing import NamedTuple

import numpy as np

from harness.judge.judge import judge
from references import load, numpy_rnn
from references.case import Case, CellWeights, Config
from tests.benchmarks.speeds import busy


class Size(NamedTuple):
    """The sizes of a case of one layer."""

    hidden_size: int
    input_size: int
    batch: int
    time: int = 200
    one_hot: bool = False  # one feature in each step is 1, the others are 0


SIZES = {  # each with the goal: at most so many times torch's call
    "H = 256, I = 128, B = 8": (Size(256, 128, 8), 2.5),
    "H = 1024, I = 512, B = 8": (Size(1024, 512, 8), 2.5),
    "one-hot, I = 8,000, H = 256, B = 8": (Size(256, 8000, 8, one_hot=True), 1.0),
    "T = 10,000, H = 64, B = 1": (Size(64, 32, 1, time=10_000), 0.3),
}


def large_case(size, seed=1):
    """A case of this size in float32, with weights as frameworks draw them."""
    rng = np.random.default_rng(seed)
    H, I, B, T, one_hot = size

    def uniform(*shape):
        return rng.uniform(-1, 1, shape).astype("float32")

    scale = np.float32(H**-0.5)
    W, U, *biases = (scale * uniform(*shape) for shape in ((H, I), (H, H), (H,), (H,)))
    inputs = np.eye(I, dtype="float32")[rng.integers(0, I, (B, T))] if one_hot else uniform(B, T, I)
    return Case(Config(I, H), (CellWeights(W, U, *biases),), inputs)


def over_torch(size, turns=7):
    """The processor's time of a verdict, without the call, as a multiple of torch's call.

    Both take turns, and of the turns' times the least counts.
    """
    case, run = large_case(size), load("torch")
    outputs = run(case)
    ours, theirs = [], []
    for _ in range(turns):
        with busy(theirs):
            run(case)
        with busy(ours):
            verdict = judge(case, lambda _: outputs, calls=1)
        assert verdict.kind == "agrees", str(verdict)
    return min(ours) / min(theirs)


def memory(size):
    """The peak of one verdict's memory as a multiple of the case's: weights, inputs and outputs."""
    case = large_case(size)
    outputs = numpy_rnn.run(case)
    arrays = [case.inputs, outputs.sequence, *case.weights[0].arrays().values()]
    judge(case, lambda _: outputs, calls=1)
    tracemalloc.start()
    judge(case, lambda _: outputs, calls=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / sum(array.nbytes for array in arrays)
