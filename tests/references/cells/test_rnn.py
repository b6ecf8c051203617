"""The notebook's line and loop."""

import numpy as np

from references.cells.rnn import notebook_step, simple_rnn

W, U, b = np.array([[0.5, 0.25]]), np.array([[0.5]]), np.array([0.125])


def test_a_step_is_the_equation():
    assert notebook_step(W, U, b, np.array([1, 2]), np.array([4.0]), np.positive).item() == 3.125


def test_a_batch_in_columns_gives_the_same_as_row_by_row():
    inputs, states = np.array([[1, 2], [3, 4.0]]), np.array([[1, -1.0]])
    both = notebook_step(W, U, b[:, np.newaxis], inputs, states)
    for row in (0, 1):
        one = notebook_step(W, U, b, inputs[:, row], states[:, row])
        assert np.array_equal(both[:, row], one)


def test_the_loop_feeds_each_output_back():
    inputs = np.array([[1.0, 0], [0, 0]])
    first = np.tanh(0.625)
    assert simple_rnn(inputs, W, U, b).tolist() == [[first], [np.tanh(0.5 * first + 0.125)]]
