"""A case and its outputs cross as arrays by name and plain values, and come back the same."""

import json

import numpy as np
import pytest

from harness import sample_cases
from references.as_arrays import (
    arrays_by_name,
    case_from,
    output_arrays,
    outputs_from,
    pack,
    table_of,
    unpack,
)
from references.case import Outputs
from references.numpy_rnn import run


def test_a_case_comes_back_bit_for_bit():
    for case in sample_cases(60):
        again = case_from(json.loads(json.dumps(table_of(case))), arrays_by_name(case))
        assert again.config == case.config
        assert (again.masked_output, again.origin) == (case.masked_output, case.origin)
        one, other = arrays_by_name(case), arrays_by_name(again)
        assert list(one) == list(other)
        assert [a.tobytes() for a in one.values()] == [a.tobytes() for a in other.values()]


@pytest.mark.parametrize("name", ["inputs", "h_0", "0.W", "0.b_U"])
def test_an_array_that_is_missing_is_named(name):
    (case,) = sample_cases(1)
    arrays = {key: array for key, array in arrays_by_name(case).items() if key != name}
    with pytest.raises(KeyError, match=name):
        case_from(table_of(case), arrays)


def test_outputs_come_back_with_what_they_have():
    (case,) = sample_cases(1, num_layers=3)
    outputs = run(case)
    again = outputs_from(output_arrays(outputs))
    assert np.array_equal(again.sequence, outputs.sequence)
    assert np.array_equal(again.h_n, outputs.h_n)
    assert len(again.layers) == 3
    bare = outputs_from(output_arrays(Outputs(outputs.sequence)))
    assert (bare.h_n, bare.layers, bare.c_n) == (None, None, None)
    with pytest.raises(KeyError, match="sequence"):
        outputs_from({})


def test_what_is_packed_is_unpacked_in_any_order_of_memory():
    array = np.arange(6.0).reshape(2, 3).T
    arrays, texts = unpack(pack({"a": array, "none": np.zeros((0, 3))}, {"x": "\N{SNOWMAN}"}))
    assert np.array_equal(arrays["a"], array)
    assert arrays["none"].shape == (0, 3)
    assert texts == {"x": "\N{SNOWMAN}"}


@pytest.mark.parametrize(
    "data",
    [b"", b"x" * 100, pack({}, {"a": "b"})[:-1], b"\xff" * 8 + b"{}", b"\x02" + bytes(7) + b"{}"],
)
def test_other_bytes_are_a_value_error(data):
    with pytest.raises(ValueError, match=r"\w+"):
        unpack(data)
