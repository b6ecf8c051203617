"""A copy holds the same bits, shares nothing that can be written to, and has the same config."""

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.calls.copies import LARGE, arrays_of, copy_of, copy_with, is_copy
from tests.references.gated import gated_case

LSTM = gated_case("lstm", num_layers=2)
CASES = (*sample_cases(6, 3), LSTM)


@pytest.mark.parametrize("copy", [copy_of, copy_with])
@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_a_copy_has_the_same_arrays_and_shares_none_that_can_be_written_to(copy, case):
    pairs = list(zip(arrays_of(case).items(), arrays_of(copy(case)).items(), strict=True))
    assert len(pairs) >= 2 + 2 * len(case.weights)
    for (name, array), (same_name, own) in pairs:
        assert (name, array.dtype, array.shape) == (same_name, own.dtype, own.shape)
        assert array.tobytes() == own.tobytes()
        assert not own.flags.writeable
        assert copy is copy_with or not np.shares_memory(array, own)


def test_arrays_have_the_names_that_a_reader_can_type():
    for name, array in arrays_of(LSTM).items():
        assert eval(name, {"case": LSTM}) is array  # names of our own
    assert [name for name in arrays_of(LSTM) if "weights" not in name] == [
        "case.inputs",
        "case.h_0",
        "case.c_0",
    ]


def test_a_copy_for_an_implementation_can_be_made_writeable_and_one_over_bytes_cannot():
    copy_of(LSTM).inputs.flags.writeable = True
    with pytest.raises(ValueError, match="WRITEABLE"):
        copy_with(LSTM).inputs.flags.writeable = True


def test_a_change_replaces_an_attribute_of_the_copy_alone():
    other = copy_with(LSTM, mask=np.ones((2, 5), bool))
    assert other.mask is not None
    assert LSTM.mask is None


def test_a_changed_config_of_a_copy_is_not_the_callers():
    own = copy_of(LSTM)
    object.__setattr__(own.config, "cell", "gru")
    assert LSTM.config.cell == "lstm"


@pytest.mark.parametrize("size", [4, LARGE])
def test_a_copy_has_every_bit_of_its_array(size):
    for dtype, number in (("float32", -0.0), ("float64", 5e-324), ("bool", True)):
        array, other = np.zeros(size, dtype), np.zeros(size, dtype)
        assert is_copy(array, other)
        other[-1] = number
        assert not is_copy(array, other)
    unknown = np.full(size, np.nan)
    assert is_copy(unknown, unknown.copy())
    assert not is_copy(unknown, -unknown)  # the sign of NaN is a bit, too


@pytest.mark.parametrize("size", [4, LARGE])
def test_a_copy_may_have_another_shape_and_dtype(size):
    """An implementation may change those of its own copy in place."""
    array = np.zeros(size, "float32")
    for other in (array.reshape(2, -1), array.view("int32")):
        assert is_copy(array, other)
    other = array.reshape(2, -1).copy()
    other[1, 1] = 1
    assert not is_copy(array, other)
