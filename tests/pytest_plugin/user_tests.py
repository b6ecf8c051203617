"""Tests of a user, as text for the runs inside these."""

TESTS = """
import pytest
from hypothesis import given, settings
from harness import cases, check
from references.numpy_rnn import run
import mine

LIMITS = {"time": (2, 6), "input_size": (2, 4), "hidden_size": (2, 4)}
NOTEBOOK = dict(nonlinearity="tanh", num_layers=1, bidirectional=False, go_backwards=False,
                masks=False, initial_states=False)

def test_right(parity):
    for case in parity.cases(8, **LIMITS):
        parity.check(case, mine.right)

@settings(max_examples=20, deadline=None)
@given(case=cases(**LIMITS))
def test_given(case):
    check(case, mine.right)

def test_nothing():
    pass
"""


WRONG = """
from hypothesis import given, settings
from harness import cases, check, sample_cases
import mine

@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(case=cases(nonlinearity="relu", bias=True))
def test_given(case):
    check(case, mine.no_bias)

def test_wrong(parity):
    for case in parity.cases(3, nonlinearity="relu", bias=True, time=30, hidden_size=20):
        parity.check(case, mine.no_bias)
"""
