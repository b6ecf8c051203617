"""A number is inside, near or evidence by its enclosure alone, whatever is infinite or NaN."""

import numpy as np
import pytest

from harness import sample_cases
from harness.mistakes.causes.comparison import NARROW, inside, is_narrow, is_near, same
from references.case import Outputs
from references.numpy_rnn import run

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("actual", "centre", "radius", "expected"),
    [
        (1.5, 1, 0.5, True),
        (1.5, 1, 0.25, False),
        (1, 1, 0, True),
        (INF, INF, 0, True),
        (INF, 1, 2, False),
        (NAN, NAN, 0, True),
        (NAN, 1, 2, False),
        (1, NAN, 2, False),
        (NAN, 1, INF, True),
        (NAN, 1, NAN, True),
        (5, 1, NAN, True),
    ],
)
def test_a_number_is_inside_up_to_the_radius_or_where_that_says_nothing(
    actual, centre, radius, expected
):
    assert inside(np.array([actual], "float32"), np.array([complex(centre, radius)])) == [expected]


def test_an_enclosure_is_narrow_beside_its_centre_or_what_numbers_are_typical():
    actual = np.array([4.0, 4, 4, NAN, INF])
    radius = NARROW * np.array([4, 4, 8, 8, 4])
    centre = np.array([0, 1, 1, 8, 1])
    assert is_narrow(actual, centre + 1j * radius).tolist() == [True, True, False, True, True]
    assert not is_narrow(actual[:1], np.array([complex(4, INF)])).any()


def test_numbers_are_near_up_to_two_radii_of_a_narrow_enclosure():
    other = np.array([1.0, 1, NAN, 0])
    most = 2 * NARROW / (1 - NARROW)
    actual = np.array([1 + most * 0.99, 1 + most * 1.01, 3, NAN])
    assert is_near(actual, other).tolist() == [True, True, True, True]  # of a median above 1
    assert is_near(actual[:1], other[:1]).all()
    assert not is_near(np.array([1 + most * 1.1, 1, 1]), np.ones(3))[0]
    assert is_near(np.array([1 + most * 0.9, 1, 1]), np.ones(3)).all()


def test_equal_outputs_are_those_with_equal_final_states():
    (case,) = sample_cases(1, 2, time=3)
    one = run(case)
    assert same(one, Outputs(one.sequence))
    assert not same(one, Outputs(one.sequence, one.h_n + 1))
