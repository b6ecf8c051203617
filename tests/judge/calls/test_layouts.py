"""layouts: each layout is named by its shape, and no other."""

import numpy as np
import pytest

from harness.judge.calls.layouts import looks_like
from references.case import Config

SHAPE = (2, 5, 4)
OUTPUTS = np.zeros(SHAPE)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda y: y.transpose(1, 0, 2), "time-major, (time, batch, units): use transpose(1, 0"),
        (lambda y: y.swapaxes(1, 2), "units before time: use swapaxes(-1, -2)"),
        (lambda y: y.transpose(1, 2, 0), "time first and the batch last: use transpose(2, 0, 1)"),
        (lambda y: y.reshape(2, -1), "time and units in one axis: use reshape(2, 5, 4)"),
        (lambda y: y.reshape(10, 4), "batch and time in one axis: keep them apart"),
        (lambda y: np.concatenate([y, y], 2), "two directions, where the case has one"),
        (lambda y: y[:, :-1], ""),
        (lambda y: y[0], ""),
        (lambda y: y, ""),
    ],
)
def test_a_layout_is_named_by_its_shape(change, text):
    name = looks_like(change(OUTPUTS).shape, SHAPE, Config(3, 4))
    assert name.startswith(text)
    assert bool(name) == bool(text)


def test_half_of_the_units_is_one_direction_where_there_are_two():
    assert "one direction" in looks_like((2, 5, 2), SHAPE, Config(3, 2, bidirectional=True))
    assert looks_like((2, 5, 2), SHAPE, Config(3, 4)) == ""


def test_a_row_without_its_batch_axis_is_one_only_in_a_batch_of_one():
    assert "batch axis" in looks_like((5, 4), (1, 5, 4), Config(3, 4))


def test_the_way_back_that_it_names_leads_back():
    assert OUTPUTS.transpose(1, 2, 0).transpose(2, 0, 1).shape == SHAPE
    assert OUTPUTS.transpose(1, 0, 2).transpose(1, 0, 2).shape == SHAPE
