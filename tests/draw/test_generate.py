"""Sampled cases: the same on every machine, over the whole space, each rebuilt from its origin."""

import hashlib
from collections import Counter

import numpy as np
import pytest

from harness import check, sample_cases
from harness.draw.limits import EXACT_REGIMES, LARGEST, REGIMES
from harness.judge.judge import judge
from references.numpy_rnn import run

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


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("regime", "nonlinearity"), [(r, n) for r in EXACT_REGIMES for n in REGIMES[r]]
)
def test_exact_regimes_leave_no_room_at_any_output(regime, nonlinearity, dtype):
    for case in sample_cases(
        30,
        regimes=regime,
        nonlinearity=nonlinearity,
        dtype=dtype,
        time=(1, 200),
        hidden_size=(1, 128),
    ):
        verdict = check(case, run)
        assert verdict.exact == verdict.outputs, case


def test_every_regime_is_conclusive():
    for regime, nonlinearities in REGIMES.items():
        for nonlinearity in nonlinearities:
            verdicts = [
                judge(case, run, calls=1)
                for case in sample_cases(20, regimes=regime, nonlinearity=nonlinearity)
            ]
            assert {verdict.kind for verdict in verdicts} == {"agrees"}, (regime, nonlinearity)


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
    ("limits", "error", "sentence"),
    [
        (
            {"hiden_size": 3},
            TypeError,
            "hiden_size is no limit; the limits are time, batch, input_size, hidden_size, ",
        ),
        ({"time": (5, 2)}, ValueError, r"time is \(5, 2\), expected 1 <= low <= high"),
        ({"time": 0}, ValueError, r"time is 0, expected 1 <= low <= high"),
        ({"batch": "3"}, TypeError, r"batch is '3', expected a whole number or \(low, high\)"),
        ({"dtype": "float16"}, ValueError, "dtype is 'float16', expected one of float32, float64"),
        ({"nonlinearity": ()}, ValueError, "nonlinearity is empty, expected a value or several"),
        ({"bidirectional": 1}, ValueError, "bidirectional is 1, expected one of False, True"),
        ({"num_layers": 0}, ValueError, "num_layers is 0, expected a whole number from 1 to 64"),
        ({"masks": "no"}, TypeError, "masks is 'no', expected True or False"),
        (
            {"regimes": "ternary", "nonlinearity": "relu"},
            ValueError,
            "nonlinearity is 'relu', but regimes ternary exist for others only",
        ),
        (
            {"hidden_size": 10**9},
            ValueError,
            f"a case of these limits may hold [0-9]+ numbers, more than {LARGEST}; lower batch",
        ),
    ],
)
def test_limits_that_allow_nothing_are_told_in_a_sentence(limits, error, sentence):
    with pytest.raises(error, match=sentence):
        sample_cases(1, **limits)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((-1,), "count"), ((1, -1), "seed"), ((1, 0, 1.5), "start"), ((True,), "count")],
)
def test_counts_and_seeds_are_checked_at_once(arguments, name):
    with pytest.raises(ValueError, match=f"{name} is .*, expected a whole number of at least 0"):
        sample_cases(*arguments)
