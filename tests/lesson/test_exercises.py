import numpy as np

from harness.lesson.loop import numbers


def test_a_wrong_start_fades(plain):
    inputs, W, U, b = numbers()
    right, wrong = np.zeros(64), np.ones(64)
    for input_t, difference in zip(inputs, plain.fading.difference, strict=True):
        right, wrong = (
            np.tanh(np.dot(W, input_t) + np.dot(U, state) + b) for state in (right, wrong)
        )
        assert abs(difference - np.abs(wrong - right).max()) < 1e-12
    assert plain.fading.close_at_last
    assert not plain.fading.close_everywhere
    assert plain.fading.difference[0] > 0.1 > 1e-6 > plain.fading.difference[-1] > 0
