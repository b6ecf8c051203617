import numpy as np

from harness.lesson.loop import numbers


def test_a_wrong_start_fades(plain):
    inputs, W, U, b = numbers()
    states = np.zeros(64), np.ones(64)
    for input_t, difference in zip(inputs, plain.fading.difference, strict=True):
        states = [np.tanh(np.dot(W, input_t) + np.dot(U, state) + b) for state in states]
        assert abs(difference - np.abs(states[1] - states[0]).max()) < 1e-12
    assert plain.fading.close_at_last
    assert not plain.fading.close_everywhere
    assert plain.fading.difference[0] > 0.1 > 1e-6 > plain.fading.difference[-1] > 0
