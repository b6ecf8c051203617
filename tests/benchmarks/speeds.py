"""The ways that are timed: the test that people write, the frameworks' own floor, and ours.

The peer is the ordinary Hypothesis test: random sizes, new layers, `assert_allclose`.
The floor is what any comparison pays: loading weights, a call of each framework, and the loop.
Each way takes cases and returns their number.
"""

import itertools
import time
import warnings
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import numpy as np

from harness import check, sample_cases, verify
from harness.mistakes.sight import BlindCase
from references import load

SIZES = {"batch": (1, 4), "time": (1, 40), "input_size": (1, 32), "hidden_size": (1, 64)}
# What the peer computes: one layer, one direction, tanh, float32, a bias, no mask.
PEER = {
    "num_layers": 1,
    "bidirectional": False,
    "nonlinearity": "tanh",
    "bias": True,
    "go_backwards": False,
    "masks": False,
    "dtype": "float32",
}
LIMITS = SIZES | PEER
BARE = ("torch", "keras/graph", "numpy")


def peer(count, seed=0):
    """Runs an ordinary Hypothesis test, which builds new layers for each example."""
    import keras
    import torch
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    shapes = [
        (case.batch, case.time, case.config.input_size, case.config.hidden_size)
        for case in sample_cases(count, seed, **LIMITS)
    ]

    quiet = {"database": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}

    @settings(max_examples=count, deadline=None, **quiet)
    @given(shape=st.sampled_from(shapes), seed=st.integers(0, 2**32 - 1))
    def test(shape, seed):
        batch, time, input_size, hidden_size = shape
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(batch, time, input_size)).astype("float32")
        W = (rng.normal(size=(hidden_size, input_size)) / np.sqrt(input_size)).astype("float32")
        U = (rng.normal(size=(hidden_size, hidden_size)) / np.sqrt(hidden_size)).astype("float32")
        b = rng.normal(size=hidden_size).astype("float32")
        compare(x, W, U, b, torch.nn.RNN, keras.layers.SimpleRNN)

    test()
    return count


def compare(x, W, U, b, RNN, SimpleRNN):
    """Compares both layers with the loop, as people do: with a tolerance that is chosen."""
    import torch

    state, outputs = np.zeros((len(x), len(U)), "float32"), []
    for step in range(x.shape[1]):
        state = np.tanh(x[:, step] @ W.T + state @ U.T + b)
        outputs.append(state)
    expected = np.stack(outputs, axis=1)
    rnn = RNN(W.shape[1], len(U), batch_first=True)
    with torch.no_grad():
        for parameter, value in zip(rnn.parameters(), (W, U, b, 0 * b), strict=True):
            parameter.copy_(torch.from_numpy(value))
        by_torch = rnn(torch.from_numpy(x))[0].numpy()
    layer = SimpleRNN(len(U), return_sequences=True)
    layer.build(x.shape)
    layer.set_weights([W.T, U.T, b])
    by_keras = np.asarray(layer(x))
    np.testing.assert_allclose(by_torch, expected, rtol=1e-2, atol=1e-2)
    np.testing.assert_allclose(by_keras, expected, rtol=1e-2, atol=1e-2)


def floor(cases):
    """The two framework calls alone, and the loop."""
    runs = [load(name) for name in BARE]
    for run in runs:
        for case in cases:
            run(case)
    return len(cases)


def by_verify(count, seed):
    """`verify` in one process, torch and Keras both: two verdicts, counted as one case."""
    report = verify("torch", "keras/graph", examples=count, seed=seed, **LIMITS)
    assert report.agrees, str(report)
    return count


def by_hand(cases):
    """The cases as if people had built them, each new: without an origin, so that `check` warns."""
    return [replace(case, origin="") for case in cases]


def by_check(cases):
    """`check` case by case, for both; each calls the implementation twice."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BlindCase)
        for case in cases:
            for name in ("torch", "keras/graph"):
                check(case, load(name))
    return len(cases)


def in_two_processes(count, seed):
    """`verify` on two workers, with what a command starts."""
    report = verify("torch", "keras/graph", examples=count, seed=seed, workers=2, **LIMITS)
    assert report.agrees, str(report)
    return count


def drawing(count, seed):
    """The cases alone."""
    return sum(1 for _ in sample_cases(count, seed, **LIMITS))


@contextmanager
def timed(seconds, clock=time.perf_counter):
    """Appends how long the block took, by the wall's clock."""
    start = clock()
    yield
    seconds.append(clock() - start)


# The same by the processor's clock, of all threads: other programs slow nothing down by waiting.
busy = partial(timed, clock=time.process_time)


def warm():
    """Imports and traces everything that is timed."""
    for case, name in itertools.product(sample_cases(3, 99, **LIMITS), BARE):
        load(name)(case)
