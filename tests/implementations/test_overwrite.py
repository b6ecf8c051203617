"""What an implementation writes into where it could, and how it says that it takes no such case."""

import pytest

from harness.draw.generate import sample_cases
from harness.implementations.overwrite import overwrite
from harness.implementations.remote import Remote
from references import Unsupported
from references.numpy_rnn import run

(CASE,) = sample_cases(1)


def writes(case):
    case.weights[0].U[...] = 0
    return run(case)


def refuses(case):
    raise Unsupported("not today")


def crashes(case):
    raise ValueError("broken")


EXPECTED = {
    run: ("differs", ""),
    writes: ("differs", "case.weights[0].U"),
    refuses: ("refused", "not today"),
    crashes: ("crashed", "it raised ValueError: broken"),
}


@pytest.mark.parametrize("implementation", EXPECTED)
def test_the_first_array_that_is_written_into_is_named(implementation):
    observation = overwrite(CASE, implementation)
    assert (observation.kind, observation.reason) == EXPECTED[implementation]


def test_ctrl_c_ends_it():
    def interrupted(case):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        overwrite(CASE, interrupted)


@pytest.mark.process
@pytest.mark.parametrize("implementation", [writes, refuses, crashes])
def test_in_a_process_of_its_own_it_says_the_same(implementation):
    remote = Remote.of(f"tests.implementations.test_overwrite:{implementation.__name__}")
    observation = overwrite(CASE, remote)
    assert (observation.kind, observation.reason) == EXPECTED[implementation]
    assert (observation.crash is None) == (implementation is not crashes)
