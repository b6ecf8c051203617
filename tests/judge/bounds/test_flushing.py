"""A thread that reads subnormal numbers as zero is recognised, without any framework that would set
it so.
"""

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harness import sample_cases
from harness.judge.calls.observe import flushes_subnormals
from harness.judge.judge import judge
from harness.judge.shared_process.known_case import assert_whole
from references.case import Case, Outputs
from references.numpy_rnn import run

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc",
    reason="the control word is set here for x86-64 and glibc alone",
)
READ_AS_ZERO, WRITTEN_AS_ZERO = (
    0x0040,
    0x8000,
)  # denormals-are-zero and flush-to-zero of MXCSR: Intel SDM 1, section 10.2.3


Words = ctypes.c_uint32 * 8  # fenv_t: glibc keeps MXCSR in the last of its eight words


def with_bits(bits: int) -> Any:
    """Sets these bits of the processor's control word, and gives the environment as it was."""
    libm = ctypes.CDLL("libm.so.6")
    before, changed = Words(), Words()
    assert libm.fegetenv(before) == libm.fegetenv(changed) == 0
    changed[7] |= bits
    assert libm.fesetenv(changed) == 0
    return before


@contextmanager
def control(bits: int) -> Iterator[None]:
    """What is set inside, here or there, ends with it."""
    before = with_bits(bits)
    try:
        yield
    finally:
        ctypes.CDLL("libm.so.6").fesetenv(before)


def sets(case: Case) -> Outputs:
    outputs = run(case)
    with_bits(READ_AS_ZERO)
    return outputs


def test_a_thread_is_told_from_one_that_flushes() -> None:
    assert flushes_subnormals() is False
    for bits in (READ_AS_ZERO, WRITTEN_AS_ZERO, READ_AS_ZERO | WRITTEN_AS_ZERO):
        with control(bits):
            told = flushes_subnormals()
        assert told is True
    assert flushes_subnormals() is False


def test_nothing_is_judged_in_a_thread_that_flushes() -> None:
    (case,) = sample_cases(1)
    with (
        control(READ_AS_ZERO),
        pytest.raises(
            RuntimeError, match="this thread reads subnormal numbers as zero, so that no bound"
        ),
    ):
        judge(case, run)


def test_an_implementation_that_leaves_the_processor_flushing_has_crashed() -> None:
    (case,) = sample_cases(1)
    with control(0):  # puts back what the implementation sets
        verdict = judge(case, sets)
    assert (verdict.kind, verdict.reason) == (
        "crashed",
        "it set the processor to read subnormal numbers as zero, for all that runs after it",
    )
    assert judge(case, run).kind == "agrees"


def test_what_was_set_before_the_first_judgement_is_no_defect_of_the_judge() -> None:
    assert_whole.cache_clear()
    with (
        control(READ_AS_ZERO),
        pytest.raises(RuntimeError, match=r"^this thread reads subnormal numbers as zero"),
    ):
        assert_whole()
