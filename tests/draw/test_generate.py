"""Sampled cases: the same on every machine, over the whole space, each rebuilt from its origin."""

import hashlib

import numpy as np
import pytest

from harness import sample_cases

DIGEST = "7505588a61a59ee6544e142987bb96a68a0bfc9f19ef47eae7913477d168963a"
FIELDS = (
    "input_size",
    "hidden_size",
    "num_layers",
    "bidirectional",
    "nonlinearity",
    "bias",
    "go_backwards",
    "dtype",
)


def digest(cases):
    """SHA-256 over every number and the facts by name, in little-endian bytes."""
    sha = hashlib.sha256()
    for case in cases:
        facts = [(name, getattr(case.config, name)) for name in FIELDS]
        sha.update(repr((facts, case.masked_output)).encode())
        arrays = [
            case.inputs,
            case.h_0,
            *(a for cell in case.weights for a in (cell.W, cell.U, cell.b_W, cell.b_U)),
        ]
        arrays += [] if case.mask is None else [case.mask]
        for array in arrays:
            sha.update(repr((array.shape, str(array.dtype))).encode())
            sha.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return sha.hexdigest()


def test_the_first_two_hundred_cases_never_change():
    assert digest(sample_cases(200)) == DIGEST


def test_a_case_depends_on_its_index_and_the_seed_alone():
    whole = list(sample_cases(20, seed=7))
    assert digest(whole[12:15]) == digest(sample_cases(3, seed=7, start=12))
    assert digest(whole) != digest(sample_cases(20, seed=8))


def test_a_case_is_built_again_from_its_origin():
    for case in sample_cases(10, seed=3, time=(2, 5), dtype="float64"):
        again = eval(case.origin, {"sample_cases": sample_cases})
        assert digest([again]) == digest([case])


def test_numpys_numbers_count_as_pythons():
    limits = {"hidden_size": (2, 5), "num_layers": [1, 2], "bidirectional": True}
    theirs = {"hidden_size": tuple(np.array([2, 5])), "num_layers": list(np.array([1, 2]))}
    own = list(sample_cases(3, 1, 2, **limits))
    other = sample_cases(*np.array([3, 1, 2]), **theirs, bidirectional=np.True_)
    assert [case.origin for case in other] == [case.origin for case in own]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((-1,), "count"), ((1, -1), "seed"), ((1, 0, 1.5), "start"), ((True,), "count")],
)
def test_counts_and_seeds_are_checked_at_once(arguments, name):
    with pytest.raises(ValueError, match=f"{name} is .*, expected a whole number of at least 0"):
        sample_cases(*arguments)


def test_without_recurrent_biases_a_case_is_else_the_same():
    for cell in ("rnn", "gru", "lstm"):
        plain, without = (
            list(sample_cases(12, seed=4, cell=cell, recurrent_biases=flag))
            for flag in (True, False)
        )
        assert any(case.weights[0].b_U.any() for case in plain)
        for one, other in zip(plain, without, strict=True):
            assert not any(cell.b_U.any() for cell in other.weights)
            assert np.array_equal(one.weights[0].b_W, other.weights[0].b_W)
            assert np.array_equal(one.inputs, other.inputs)
