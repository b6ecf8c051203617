"""The judge in the process of what it judges.

The tricks are in tests/hostile; here is what is no trick, and who is blamed.
"""

import subprocess
import sys
import warnings

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.calls.observe import LeftBehind
from harness.judge.calls.returned import Observation
from harness.judge.judge import ask
from harness.judge.judge import judge as plain
from harness.judge.shared_process import guarded
from references.numpy_rnn import run

CASES = tuple(sample_cases(6, 2))


@pytest.mark.parametrize("case", CASES)
def test_it_gives_the_verdict_of_the_plain_judge(case):
    for implementation in (run, lambda case: run(case).sequence[:, ::-1].copy()):
        one, other = (judge(case, implementation) for judge in (plain, guarded.judge))
        assert str(one) == str(other)


def test_arguments_that_are_no_case_and_no_function_raise():
    with pytest.raises(TypeError, match=r"expected a references\.case\.Case"):
        guarded.judge("case", run)
    with pytest.raises(TypeError, match="expected a function"):
        guarded.judge(CASES[0], 5)


def test_a_mock_of_the_test_itself_is_named_but_not_blamed_on_the_call(monkeypatch):
    monkeypatch.setattr(np, "tanh", np.sin)
    verdict = guarded.judge(CASES[0], run)
    assert verdict.kind == "crashed"
    assert verdict.reason == "before its call something replaced numpy.tanh, which the judge uses"
    assert guarded.judge(CASES[0], run).kind == "agrees"


def test_mocks_of_what_the_judge_does_not_use_are_no_concern_of_it(monkeypatch):
    monkeypatch.setattr(np.random, "standard_normal", None)
    monkeypatch.setattr(np, "einsum", None)
    monkeypatch.setattr("time.sleep", None)
    monkeypatch.setattr("builtins.print", None)
    monkeypatch.setattr(sys, "stdout", None)
    assert guarded.judge(CASES[0], run).kind == "agrees"


def test_what_a_call_does_to_settings_and_warnings_is_no_crash():
    def noisy(case):
        sys.setrecursionlimit(sys.getrecursionlimit() + 1)
        np.seterr(all="ignore")
        np.set_printoptions(precision=3)
        warnings.simplefilter("ignore")
        np.random.seed(0)
        return run(case)

    limit = sys.getrecursionlimit()
    with warnings.catch_warnings(), np.printoptions():
        assert guarded.judge(CASES[0], noisy).kind == "agrees"
    sys.setrecursionlimit(limit)


def test_ctrl_c_ends_the_call():
    def interrupted(case):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        guarded.judge(CASES[0], interrupted)


class Forger:
    """What an implementation that runs elsewhere looks like."""

    exact_dtype = True

    def __call__(self, case):
        return run(case).sequence + 1

    def observe(self, case):
        return Observation(None, "agrees", "all is well")


def test_an_object_with_a_method_observe_is_called_like_any_other():
    for implementation in (Forger(), guarded.restoring(Forger())):
        assert guarded.judge(CASES[0], implementation).kind == "differs"


def test_agreement_over_no_output_is_a_defect_of_ours():
    with pytest.raises(RuntimeError, match="no output was compared"):
        plain(CASES[0], Forger())


class Intruder:
    """Raises while the judge compares."""

    dtype = np.dtype("float32")

    def __getitem__(self, index):
        raise LookupError("an answer with a will of its own")


def test_code_of_a_user_that_raises_in_the_judge_has_crashed():
    answer = ask(CASES[0], run, calls=1)._replace(layers=[Intruder()] * 9)
    verdict = guarded.verdict_on(answer)
    assert verdict.kind == "crashed"
    assert verdict.reason == (
        "its code raised LookupError while the judge was at work: an answer with a will of its own"
    )
    assert verdict.crash.function == "Intruder.__getitem__"


def test_an_error_of_ours_is_raised():
    answer = ask(CASES[0], run, calls=1)._replace(again=None, layers=())
    with pytest.raises(IndexError):
        guarded.verdict_on(answer)


def test_what_is_replaced_while_verdicts_are_made_counts(monkeypatch):
    answer = ask(CASES[0], run, calls=1)
    monkeypatch.setattr(np, "argwhere", None)  # no name that this verdict needs
    verdict = guarded.verdict_on(answer)
    assert verdict.reason == "it replaced numpy.argwhere, which the judge uses"


def test_a_restoring_implementation_raises_for_what_a_call_replaced():
    def replaces(case):
        np.tanh = np.sin
        raise ValueError("and more")

    tanh = np.tanh
    with pytest.raises(LeftBehind, match=r"it replaced numpy\.tanh"):
        guarded.restoring(replaces)(CASES[0])
    assert np.tanh is tanh
    assert guarded.restoring(run)(CASES[0]).sequence.shape[0] == CASES[0].batch


def test_a_disturbance_is_named_and_put_back():
    assert guarded.disturbance() == ""
    tanh, np.tanh = np.tanh, np.sin
    assert guarded.disturbance() == (
        "the judge was disturbed: something replaced numpy.tanh, which the judge uses"
    )
    assert np.tanh is tanh
    assert guarded.disturbance() == ""


BEFORE = """
import numpy as np
tanh = np.tanh
np.tanh = lambda z: z * (27 + np.square(z)) / (27 + 9 * np.square(z))
from harness import Mismatch, check, sample_cases
from references.numpy_rnn import run
try:
    check(next(sample_cases(1)), run)
except Mismatch as error:
    print(error.verdict.kind, error.verdict.reason)
"""


@pytest.mark.process
def test_what_was_replaced_before_the_judge_was_loaded_is_noticed_by_its_values():
    result = subprocess.run(
        [sys.executable, "-c", BEFORE], capture_output=True, text=True, check=False
    )
    assert result.stdout.startswith("crashed numpy.tanh does not compute what NumPy's does"), (
        result.stderr
    )
