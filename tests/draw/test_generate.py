"""Sampled cases: the same on every machine, over the whole space, each rebuilt from its origin."""

import hashlib
from collections import Counter

import numpy as np
import pytest

from harness import sample_cases

DIGEST = "e9190addefcc12eb24a460b971a16c413a08f44544eb35a5d993f7bdac6e798d"
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


def test_the_first_hundred_cases_never_change():
    assert digest(sample_cases(100)) == DIGEST


def test_a_case_depends_on_its_index_and_the_seed_alone():
    whole = list(sample_cases(20, seed=7))
    assert digest(whole[12:15]) == digest(sample_cases(3, seed=7, start=12))
    assert digest(whole) != digest(sample_cases(20, seed=8))


def test_a_case_is_built_again_from_its_origin():
    for case in sample_cases(10, seed=3, time=(2, 5), dtype="float64"):
        again = eval(case.origin, {"sample_cases": sample_cases})
        assert digest([again]) == digest([case])


def test_the_space_is_reached():
    cases = list(sample_cases(500))
    for size in ("batch", "time"):
        assert {1, 2, 3, 4} <= {getattr(case, size) for case in cases}
    assert {1, 3, 7, 8, 16, 17, 32, 33, 61, 64} <= {case.config.hidden_size for case in cases}
    for field, values in {
        "num_layers": 3,
        "bidirectional": 2,
        "bias": 2,
        "go_backwards": 2,
        "dtype": 2,
        "nonlinearity": 5,
    }.items():
        assert len({getattr(case.config, field) for case in cases}) == values
    masks = [case.mask for case in cases if case.mask is not None]
    assert any(not mask.any(axis=1).all() for mask in masks), "a row masked throughout"
    assert any(not mask[:, 0].all() and case_state.any() for mask, case_state in _masked(cases)), (
        "a masked first step with a state"
    )
    assert Counter(case.masked_output for case in cases if case.mask is not None).keys() == {
        "repeat",
        "zero",
    }
    assert any(
        np.any((x != 0) & (np.abs(x) < np.finfo(x.dtype).tiny))
        for x in (case.inputs for case in cases)
    ), "subnormal inputs"
    dense = [case for case in cases if case.config.bias and case.weights[0].W.size > 64]
    assert any(
        (cell.b_W != 0).all() and (cell.b_U != 0).all() and (cell.U != 0).all()
        for case in dense
        for cell in case.weights
    )


def _masked(cases):
    return [(case.mask, case.h_0) for case in cases if case.mask is not None]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((-1,), "count"), ((1, -1), "seed"), ((1, 0, 1.5), "start"), ((True,), "count")],
)
def test_counts_and_seeds_are_checked_at_once(arguments, name):
    with pytest.raises(ValueError, match=f"{name} is .*, expected a whole number of at least 0"):
        sample_cases(*arguments)
