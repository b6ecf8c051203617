"""What is timed against what: the test that people write, the frameworks' own floor, and ours. Each takes cases and counts them.

The peer is the ordinary Hypothesis test of equivalence: random sizes and a seed, weights copied into new layers, `assert_allclose`.
The floor is what any comparison has to pay: weights loaded, the two framework calls (Keras traced once), and the loop.
"""

import itertools
import time
from contextlib import contextmanager

import numpy as np

from harness import check, sample_cases, verify
from harness.runs.verify import by_default
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


def peer(count, seed=0):
    """An ordinary Hypothesis test, over the shapes that `sample_cases` draws; a new layer is built for each example."""
    import keras
    import torch
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    shapes = [
        (case.batch, case.time, case.config.input_size, case.config.hidden_size)
        for case in sample_cases(count, seed, **LIMITS)
    ]

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(shape=st.sampled_from(shapes), seed=st.integers(0, 2**32 - 1))
    def test(shape, seed):
        batch, time, input_size, hidden_size = shape
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(batch, time, input_size)).astype("float32")
        W = (rng.normal(size=(hidden_size, input_size)) / np.sqrt(input_size)).astype("float32")
        U = (rng.normal(size=(hidden_size, hidden_size)) / np.sqrt(hidden_size)).astype("float32")
        b = rng.normal(size=hidden_size).astype("float32")
        state, outputs = np.zeros((batch, hidden_size), "float32"), []
        for step in range(time):
            state = np.tanh(x[:, step] @ W.T + state @ U.T + b)
            outputs.append(state)
        expected = np.stack(outputs, axis=1)
        rnn = torch.nn.RNN(input_size, hidden_size, batch_first=True)
        with torch.no_grad():
            for parameter, value in zip(rnn.parameters(), (W, U, b, 0 * b), strict=True):
                parameter.copy_(torch.from_numpy(value))
            by_torch = rnn(torch.from_numpy(x))[0].numpy()
        layer = keras.layers.SimpleRNN(hidden_size, return_sequences=True)
        layer.build(x.shape)
        layer.set_weights([W.T, U.T, b])
        by_keras = np.asarray(layer(x))
        # The tolerance of a test that people write: chosen.
        np.testing.assert_allclose(by_torch, expected, rtol=1e-2, atol=1e-2)
        np.testing.assert_allclose(by_keras, expected, rtol=1e-2, atol=1e-2)

    test()
    return count


def floor(drawn):
    """The two framework calls alone, and the loop."""
    runs = [load(name) for name in ("torch", "keras/graph", "numpy")]
    for run in runs:
        for case in drawn:
            run(case)
    return len(drawn)


def by_verify(count, seed):
    """`verify` in one process, torch and Keras both: two implementations on each case, counted as one."""
    report = verify("torch", "keras/graph", examples=count, seed=seed, **LIMITS)
    assert report.agrees, str(report)
    return count


def by_check(drawn):
    """`check` case by case, for both; each calls the implementation twice."""
    for case in drawn:
        for name in ("torch", "keras/graph"):
            check(case, load(name))
    return len(drawn)


def in_two_processes(count, seed):
    """`verify` on two workers, with what a command starts; timed without the imports by the difference of two counts."""
    report = verify("torch", "keras/graph", examples=count, seed=seed, workers=2, **LIMITS)
    assert report.agrees, str(report)
    return count


def drawing(count, seed):
    """The cases alone."""
    return sum(1 for _ in sample_cases(count, seed, **LIMITS))


@contextmanager
def timed(seconds):
    """Appends how long the block took."""
    start = time.perf_counter()
    yield
    seconds.append(time.perf_counter() - start)


def warm():
    """Everything imported and traced."""
    names, _ = by_default()
    for case, name in itertools.product(sample_cases(3, 99, **LIMITS), names):
        load(name)(case)
