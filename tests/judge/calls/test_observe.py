"""Hostile implementations: each gets its kind of verdict and one sentence, none breaks the judge,
none agrees.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness import Mismatch, Refused, check, sample_cases
from harness.judge.judge import judge
from references import Unsupported
from references.case import WEIGHTS, Case, Outputs
from references.notebook import from_notebook
from references.numpy_rnn import run
from tests.judge.small_cases import (
    CASE,
    DEEP,
    EXACT,
    LIMITS,
    changed_by,
    drawn,
    sequence_of,
    verdict_of,
)
from tests.references.gated import gated_case


@pytest.fixture(autouse=True)
def _same_numpy_errors() -> Iterator[None]:
    with np.errstate():
        yield


def test_a_wrong_final_state_is_named_with_both_values() -> None:
    def wrong(case: Case) -> Any:
        outputs = run(case)
        state = outputs.h_n.copy()
        state[0, 1, 2] = 0.25
        return outputs.sequence, state

    right = float(sequence_of(CASE)[1, -1, 2])
    verdict = verdict_of(CASE, wrong)
    assert verdict.kind == "differs"
    assert (
        verdict.reason
        == f"h_n[0, 1, 2] is 0.25, but the state after the last valid step is {right!r}"
    )


def test_a_final_state_of_nan_differs() -> None:
    right = float(sequence_of(CASE)[0, -1, 0])
    verdict = verdict_of(CASE, changed_by(lambda s: (s, np.full((1, 2, 4), np.nan, "float32"))))
    assert (
        verdict.reason
        == f"h_n[0, 0, 0] is nan, but the state after the last valid step is {right!r}"
    )


def test_a_final_state_that_is_not_given_is_said_to_be_unchecked() -> None:
    verdict = check(CASE, sequence_of)
    assert not verdict.h_n_checked
    assert str(verdict).endswith("final state not checked: none was given")


POISON = {
    "nan": 0x7FC00000,
    "negative nan": 0xFFC00000,
    "signalling nan": 0x7FA00000,
    "inf": 0x7F800000,
    "-inf": 0xFF800000,
    "huge": 0x7F7FFFFF,
}


@pytest.mark.parametrize("word", POISON.values(), ids=POISON)
@pytest.mark.parametrize("all_of_it", [False, True], ids=["one", "all"])
def test_outputs_that_no_tanh_gives_differ(word: int, all_of_it: bool) -> None:
    def poisoned(case: Case) -> np.ndarray:
        sequence = sequence_of(case).copy()
        words = sequence.view("uint32")
        words[... if all_of_it else (1, -1, -1)] = word
        return sequence

    for case in (CASE, EXACT):
        verdict = verdict_of(case, poisoned)
        assert verdict.kind == "differs"
        # What follows an infinite state may be anything; the first step that is wrong has no such
        # excuse.
        assert verdict.wrong >= (8 if all_of_it else 1)
        assert (
            verdict.reason
            == f"{verdict.wrong} of 40 outputs lie outside what right arithmetic can give"
        )


def raising(error: BaseException) -> Callable[[Case], Any]:
    def implementation(case: Case) -> Any:
        raise error

    return implementation


class Mute(ValueError):
    """Cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class MuteRefusal(Unsupported):
    """Cannot say why."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class NoException(BaseException):
    """As pytest.skip and asyncio's cancellation are."""


def recursive(case: Case) -> Any:
    return recursive(case)


CRASHES: list[tuple[str, Callable[..., Any], str]] = [
    ("raises", raising(ValueError("no such layer")), "it raised ValueError: no such layer"),
    ("raises two lines", raising(ValueError("one\ntwo")), "it raised ValueError: one"),
    ("raises without text", raising(KeyError()), "it raised KeyError: no message"),
    ("asserts", raising(AssertionError("1 != 2")), "it raised AssertionError: 1 != 2"),
    ("raises a warning", raising(UserWarning("old")), "it raised UserWarning: old"),
    ("raises StopIteration", raising(StopIteration()), "it raised StopIteration: no message"),
    ("runs out of memory", raising(MemoryError("8 TiB")), "it raised MemoryError: 8 TiB"),
    ("raises without a str", raising(Mute()), "it raised Mute: no message"),
    ("exits with 0", lambda case: sys.exit(0), "it raised SystemExit: 0"),
    ("exits", lambda case: sys.exit(), "it raised SystemExit: no message"),
    ("exits with text", lambda case: sys.exit("good bye"), "it raised SystemExit: good bye"),
    ("recurses", recursive, "it raised RecursionError: maximum recursion depth exceeded"),
    ("raises what is no Exception", raising(NoException("stop")), "it raised NoException: stop"),
    ("closes", raising(GeneratorExit()), "it raised GeneratorExit: no message"),
    (
        "writes into a read-only input",
        lambda case: case.inputs.fill(0),
        "it raised ValueError: assignment destination is read-only",
    ),
    (
        "sets a field",
        lambda case: setattr(case, "inputs", 0),
        "it raised FrozenInstanceError: cannot assign to field 'inputs'",
    ),
]


@pytest.mark.parametrize(
    ("implementation", "sentence"), [row[1:] for row in CRASHES], ids=[row[0] for row in CRASHES]
)
def test_what_raises_or_exits_has_crashed_with_its_cause(
    implementation: Callable[..., Any], sentence: str
) -> None:
    with pytest.raises(Mismatch) as raised:
        check(CASE, implementation)
    verdict = raised.value.verdict
    assert (verdict.kind, verdict.reason) == ("crashed", sentence)
    assert raised.value.__cause__ is verdict.cause is not None
    assert "raised at   " in str(verdict)


def test_a_function_that_takes_no_case_has_crashed() -> None:
    verdict = judge(CASE, lambda: None)
    assert verdict.kind == "crashed"
    assert verdict.reason.endswith("takes 0 positional arguments but 1 was given")
    with pytest.raises(TypeError, match="takes no argument; expected run"):
        check(CASE, lambda: None)


def test_ctrl_c_passes_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        check(CASE, raising(KeyboardInterrupt()))


REFUSALS = [
    ("with a reason", Unsupported("only relu"), "only relu"),
    ("without", Unsupported(), "no reason was given"),
    ("with an empty one", Unsupported(""), "no reason was given"),
    ("with two lines", Unsupported("only relu\nsee the manual"), "only relu"),
    ("without a str", MuteRefusal(), "no reason was given"),
]


@pytest.mark.parametrize(
    ("refusal", "sentence"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS]
)
def test_a_refusal_is_no_agreement(refusal: Unsupported, sentence: str) -> None:
    with pytest.raises(Refused) as raised:
        check(CASE, raising(refusal))
    assert (raised.value.verdict.kind, raised.value.verdict.reason) == ("refused", sentence)


def test_a_refusal_of_the_lower_layers_says_so() -> None:
    def top_only(case: Case) -> np.ndarray:
        if case.config.num_layers == 1:
            raise Unsupported("one layer")
        return sequence_of(case)

    verdict = judge(DEEP, top_only)
    assert verdict.kind == "agrees"
    assert (
        "bounded, not observed (on the case cut to its first 1 of 2 layers it refused: one layer)"
        in verdict.reason
    )


def test_lower_layers_whose_states_differ_between_the_runs_are_bounded() -> None:
    def other_below(case: Case) -> Any:
        outputs = run(case)
        assert outputs.h_n is not None
        return outputs.sequence, outputs.h_n + np.float32(case.config.num_layers == 1)

    verdict = judge(DEEP, other_below)
    assert verdict.kind == "agrees"
    assert (
        "lower layers were bounded, not observed (the states of layer 0 differ between the whole "
        "case and its first 1 of 2 layers): Outputs.layers gives narrower bounds"
    ) in verdict.reason


ARRAYS = ["inputs", "h_0", "mask", *WEIGHTS]


@pytest.mark.parametrize("name", ARRAYS)
def test_writing_into_the_case_differs_and_is_named(name: str) -> None:
    def writes(case: Case) -> Outputs:
        outputs = run(case)
        array = getattr(case.weights[0] if name in WEIGHTS else case, name)
        array.flags.writeable = True
        array.flat[0] = ~array.flat[0] if array.dtype == bool else np.nan
        return outputs

    case = replace(CASE, mask=np.ones((2, 5), bool))
    verdict = verdict_of(case, writes)
    where = f"weights[0].{name}" if name in WEIGHTS else name
    assert (verdict.kind, verdict.reason) == (
        "differs",
        f"it wrote into case.{where}, which belongs to the caller",
    )
    assert check(case, run)


def test_a_changed_config_is_no_way_to_agree() -> None:
    """It computes relu and says that relu was asked for."""

    def relabels(case: Case) -> Outputs:
        outputs = run(replace(case, config=replace(case.config, nonlinearity="relu")))
        object.__setattr__(case.config, "nonlinearity", "relu")
        return outputs

    case = drawn()
    assert verdict_of(case, relabels).kind in ("differs", "crashed")
    assert case.config.nonlinearity == "tanh"


@pytest.mark.parametrize("name", ["config", "weights", "inputs", "h_0"])
@pytest.mark.parametrize("value", ["nothing", "empty", "deleted"])
def test_a_case_that_is_taken_apart_gets_a_verdict(name: str, value: str) -> None:
    def vandal(case: Case) -> Outputs:
        outputs = run(case)
        if value == "deleted":
            object.__delattr__(case, name)
        else:
            object.__setattr__(case, name, None if value == "nothing" else ())
        return outputs

    assert judge(CASE, vandal).kind in ("agrees", "differs", "crashed")  # its outputs are right
    assert judge(CASE, lambda case: vandal(case).sequence * 2).kind in ("differs", "crashed")


def test_writing_into_the_callers_own_case_is_no_way_to_agree() -> None:
    """It zeroes U in the case that it was given and in the one that it closes over, and computes
    that.
    """
    case = drawn()

    def zeroes(given: Case) -> Outputs:
        for array in (case.weights[0].U, given.weights[0].U):
            array.flags.writeable = True
            array[...] = 0
        return run(given)

    assert verdict_of(case, zeroes).kind in ("differs", "crashed")


def test_outputs_whose_attributes_raise_get_a_verdict() -> None:
    class Lazy(Outputs):
        @property
        def h_n(self) -> Any:
            raise RuntimeError("the device is gone")

        @h_n.setter
        def h_n(self, value: Any) -> None:
            pass

    def lazy(case: Case) -> Any:
        outputs = object.__new__(Lazy)
        outputs.__dict__["sequence"] = sequence_of(case)
        outputs.__dict__["layers"] = None
        return outputs

    verdict = verdict_of(CASE, lazy)
    assert (verdict.kind, verdict.reason) == (
        "crashed",
        "it raised RuntimeError: the device is gone",
    )


def test_the_input_given_back_differs() -> None:
    case = drawn(input_size=4, hidden_size=4)
    assert verdict_of(case, lambda given: given.inputs).kind == "differs"


def test_random_noise_differs() -> None:
    words = np.random.PCG64(5)

    def noise(case: Case) -> np.ndarray:
        return (
            np.ldexp(words.random_raw(40).astype("float64"), -64).astype("float32").reshape(2, 5, 4)
        )

    verdict = verdict_of(CASE, noise)
    assert verdict.kind == "differs"
    assert verdict.wrong >= 20


def test_a_second_call_that_is_wrong_differs_and_says_so() -> None:
    for case, bad in ((CASE, "differs"), (EXACT, "differs")):
        calls: list[int] = []

        def worsens(given: Case, calls: list[int] = calls) -> np.ndarray:
            calls.append(1)
            return sequence_of(given) * np.float32(1 if len(calls) == 1 else 0.5)

        verdict = judge(case, worsens)
        assert verdict.kind == bad
        assert verdict.reason.endswith(
            "(in a second call of the same shapes, with other weights; the first call was right)"
        )


def test_a_second_call_that_crashes_or_refuses_does_not_agree() -> None:
    for error, kind in ((ValueError("used up"), "crashed"), (Unsupported("used up"), "refused")):
        calls: list[int] = []

        def once(case: Case, calls: list[int] = calls, error: Exception = error) -> np.ndarray:
            if calls:
                raise error
            calls.append(1)
            return sequence_of(case)

        verdict = judge(CASE, once)
        assert (verdict.kind, "used up" in verdict.reason) == (kind, True)


def test_one_bit_that_changes_from_call_to_call_is_seen_on_an_exact_case() -> None:
    calls: list[int] = []

    def wavers(case: Case) -> np.ndarray:
        calls.append(1)
        sequence = sequence_of(case).copy()
        if len(calls) % 2 == 0:
            sequence[0, -1, 0] = np.nextafter(sequence[0, -1, 0], np.float32(2))
        return sequence

    verdict = verdict_of(EXACT, wavers)
    assert (verdict.kind, verdict.wrong) == ("differs", 1)


TINY = tuple(
    sample_cases(12, 3, **LIMITS | {"regimes": ("tiny", "large"), "nonlinearity": ("tanh", "relu")})
)


def test_an_implementation_that_makes_numpy_raise_does_not_reach_the_judge() -> None:
    def strict(case: Case) -> Outputs:
        outputs = run(case)
        np.seterr(all="raise")
        return outputs

    before = np.geterr()
    for case in (CASE, EXACT, DEEP, *TINY):
        assert check(case, strict).kind == "agrees"
        assert np.geterr() == before


def test_a_caller_for_whom_numpy_raises_gets_the_same_verdicts() -> None:
    with np.errstate(all="raise"):
        for case in (CASE, EXACT, DEEP, *TINY):
            assert check(case, run).kind == "agrees"


def test_a_caller_for_whom_numpy_raises_can_draw_cases() -> None:
    with np.errstate(all="raise"):
        assert len(list(sample_cases(60, 3, regimes=("tiny", "large", "chaotic")))) == 60


@pytest.mark.parametrize(
    ("case", "implementation", "sentence"),
    [
        (None, run, "case is a NoneType, expected a references.case.Case"),
        (CASE.inputs, run, "case is a ndarray, expected a references.case.Case"),
        (CASE, None, "implementation is None, expected a function run(case) -> Outputs"),
        (
            CASE,
            "torch",
            "implementation is 'torch', expected a function run(case) -> Outputs, "
            "as references.load('torch') gives one",
        ),
    ],
    ids=["no case", "an array", "nothing", "a name"],
)
def test_what_is_no_case_or_no_function_gets_a_sentence(
    case: Any, implementation: Any, sentence: str
) -> None:
    with pytest.raises(TypeError) as raised:
        check(case, implementation)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("returned", "what"),
    [
        (None, "None, expected a numpy.ndarray (T, H): return the outputs of all steps"),
        ([0.0], "a list, expected a numpy.ndarray (T, H): return np.stack(outputs)"),
        (
            (np.zeros(2), 0),
            "a tuple, expected a numpy.ndarray (T, H): return the outputs alone, without the state",
        ),
        (
            (h for h in ()),
            "a generator, expected a numpy.ndarray (T, H): return np.stack(list(outputs))",
        ),
        ({}, "a dict, expected a numpy.ndarray (T, H): return the outputs alone, as an array"),
    ],
    ids=["None", "list", "tuple", "generator", "dict"],
)
def test_a_notebook_function_that_returns_no_array_differs_and_has_raised_nothing(
    returned: Any, what: str
) -> None:
    one = from_notebook(lambda inputs, W, U, b: returned)
    (case,) = sample_cases(1, **one.limits)  # type: ignore[attr-defined]
    verdict = judge(case, one)
    assert (verdict.kind, verdict.crash, verdict.cause) == ("differs", None, None)
    assert verdict.reason == f"the notebook function returned {what}"


LSTM = gated_case("lstm", num_layers=2, time=4)


def test_writing_into_c_0_differs_and_is_named() -> None:
    def wrong(case: Case) -> Outputs:
        case.c_0.flags.writeable = True
        case.c_0[:] = 0
        return run(case)

    assert judge(LSTM, wrong).reason == "it wrote into case.c_0, which belongs to the caller"
