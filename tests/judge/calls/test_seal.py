"""The seal: opened, it is the case bit for bit, whatever was done to the case or to an earlier
opening.
"""

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.calls.copies import arrays_of, copy_with
from harness.judge.calls.seal import opened, sealed
from references.case import Case
from references.numpy_rnn import run

CASES = tuple(sample_cases(12, 3))


def bits(case):
    return {
        name: (array.dtype, array.shape, array.tobytes()) for name, array in arrays_of(case).items()
    }


@pytest.mark.parametrize("case", CASES)
def test_the_case_comes_back_bit_for_bit_over_bytes(case):
    again = opened(sealed(case))
    assert type(again) is Case
    assert again.config == case.config
    assert (again.origin, again.masked_output) == (case.origin, case.masked_output)
    assert bits(again) == bits(case)
    for array in arrays_of(again).values():
        assert isinstance(array.base, bytes)
        with pytest.raises(ValueError, match="cannot set WRITEABLE flag"):
            array.flags.writeable = True


def immutable(item):
    if isinstance(item, tuple):
        return all(map(immutable, item))
    return item is None or isinstance(item, str | int | bytes | np.dtype | type)


@pytest.mark.parametrize("case", CASES)
def test_nothing_in_a_seal_can_be_written_to(case):
    assert immutable(sealed(case))


def test_what_is_done_to_the_case_later_does_not_reach_the_seal():
    (case,) = sample_cases(1, 5)
    seal, before = sealed(case), bits(case)
    first = opened(seal)
    for item in (case, first):
        object.__setattr__(item, "inputs", np.zeros_like(item.inputs))
        object.__setattr__(item.config, "nonlinearity", "linear")
        item.weights[0].__dict__["W"] = None
    assert bits(opened(seal)) == before
    assert opened(seal).config.nonlinearity == next(sample_cases(1, 5)).config.nonlinearity


def test_arrays_that_do_not_lie_over_all_of_their_bytes_are_copied():
    (case,) = sample_cases(1, 5, time=(4, 6), batch=(2, 3))
    part = copy_with(case)
    object.__setattr__(part, "inputs", case.inputs[:, ::-1])
    assert bits(opened(sealed(part)))["case.inputs"][2] == case.inputs[:, ::-1].tobytes()


def test_outputs_are_sealed_too():
    outputs = run(CASES[0])
    again = opened(sealed(outputs))
    assert np.array_equal(again.sequence, outputs.sequence)
    assert len(again.layers) == len(outputs.layers)
