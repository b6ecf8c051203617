"""Hostile implementations: each gets its kind of verdict and one sentence, none breaks the judge,
none agrees.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest

from harness import Inconclusive, Mismatch, Refused, Verdict, check, sample_cases
from harness.judge.judge import judge
from references import Unsupported
from references.case import WEIGHTS, Case, Outputs
from references.numpy_rnn import run
from tests.references.gated import gated_case

EXPECTED = "expected an array (batch, time, units), a pair (sequence, h_n) or Outputs"
LIMITS: dict[str, Any] = {
    "time": 5,
    "batch": 2,
    "input_size": 3,
    "hidden_size": 4,
    "num_layers": 1,
    "bidirectional": False,
    "nonlinearity": "tanh",
    "dtype": "float32",
    "masks": False,
}


def drawn(**changed: Any) -> Case:
    return next(sample_cases(1, 1, **LIMITS | {"regimes": "contracting"} | changed))


CASE = drawn()
DEEP = drawn(num_layers=2)
EXACT = drawn(regimes="ternary")


@pytest.fixture(autouse=True)
def _same_numpy_errors() -> Iterator[None]:
    with np.errstate():
        yield


def sequence_of(case: Case) -> np.ndarray:
    return run(case).sequence


def changed_by(change: Callable[[np.ndarray], Any]) -> Callable[[Case], Any]:
    return lambda case: change(sequence_of(case))


class Tensor:
    """Like an array to those who do not look: shape, dtype and a way to become one."""

    def __init__(self, array: np.ndarray) -> None:
        self.array, self.shape, self.dtype = array, array.shape, array.dtype

    def __array__(self, *args: Any, **options: Any) -> np.ndarray:
        raise RuntimeError("a tensor on another device")


class Equal(np.ndarray):
    """Equal to everything."""

    def __eq__(self, other: object) -> Any:
        return True

    def __ne__(self, other: object) -> Any:
        return False

    __hash__ = None  # type: ignore[assignment]


def with_layers(*layers: Any) -> Callable[[Case], Outputs]:
    return lambda case: Outputs(
        sequence_of(case), None, [sequence_of(case) if item == "right" else item for item in layers]
    )


MALFORMED: list[tuple[str, Callable[[Case], Any], str]] = [
    ("None", lambda case: None, f"it returned None, {EXPECTED}"),
    ("a list", changed_by(np.ndarray.tolist), f"it returned a list, {EXPECTED}"),
    (
        "a list of steps",
        changed_by(lambda s: list(s.swapaxes(0, 1))),
        f"it returned a list, {EXPECTED}",
    ),
    ("a number", lambda case: 0.5, f"it returned a float, {EXPECTED}"),
    ("a dict", lambda case: {"sequence": sequence_of(case)}, f"it returned a dict, {EXPECTED}"),
    ("a string", lambda case: "agrees", f"it returned a str, {EXPECTED}"),
    ("True", lambda case: True, f"it returned a bool, {EXPECTED}"),
    ("the case", lambda case: case, f"it returned a Case, {EXPECTED}"),
    (
        "a generator",
        lambda case: (step for step in sequence_of(case)),
        f"it returned a generator, {EXPECTED}",
    ),
    ("a tuple of one", changed_by(lambda s: (s,)), f"it returned a tuple of 1, {EXPECTED}"),
    (
        "a tuple of three",
        changed_by(lambda s: (s, s[:, -1][np.newaxis], [s])),
        f"it returned a tuple of 3, {EXPECTED}",
    ),
    ("an empty tuple", lambda case: (), f"it returned a tuple of 0, {EXPECTED}"),
    ("a tensor", changed_by(Tensor), f"it returned a Tensor, {EXPECTED}"),
    (
        "a tensor in Outputs",
        lambda case: Outputs(Tensor(sequence_of(case))),
        f"its sequence is a {__name__}.Tensor, expected a numpy.ndarray",
    ),
    (
        "a pair of None",
        lambda case: (None, None),
        "its sequence is a builtins.NoneType, expected a numpy.ndarray",
    ),
    (
        "a pair with a number",
        changed_by(lambda s: (s, 0)),
        "its h_n is a builtins.int, expected a numpy.ndarray",
    ),
    (
        "a masked array",
        changed_by(lambda s: np.ma.array(s, mask=True)),
        "its sequence is a numpy.ma.MaskedArray, expected a numpy.ndarray",
    ),
    (
        "an array equal to all",
        changed_by(lambda s: (s * 0).view(Equal)),
        f"its sequence is a {__name__}.Equal, expected a numpy.ndarray",
    ),
    (
        "one rank less",
        changed_by(lambda s: s[0]),
        "its sequence has shape (5, 4), expected (2, 5, 4)",
    ),
    (
        "one rank more",
        changed_by(lambda s: s[np.newaxis]),
        "its sequence has shape (1, 2, 5, 4), expected (2, 5, 4)",
    ),
    ("rank 0", changed_by(lambda s: s.max()[...]), "its sequence has shape (), expected (2, 5, 4)"),
    (
        "time first",
        changed_by(lambda s: s.swapaxes(0, 1)),
        "its sequence has shape (5, 2, 4), expected (2, 5, 4); it looks like time-major, "
        "(time, batch, units): use transpose(1, 0, 2), or torch's batch_first",
    ),
    (
        "the last step as a sequence",
        changed_by(lambda s: s[:, -1:]),
        "its sequence has shape (2, 1, 4), expected (2, 5, 4)",
    ),
    (
        "no steps",
        changed_by(lambda s: s[:, :0]),
        "its sequence has shape (2, 0, 4), expected (2, 5, 4)",
    ),
    (
        "a batch of 1 to broadcast",
        changed_by(lambda s: s[:1]),
        "its sequence has shape (1, 5, 4), expected (2, 5, 4)",
    ),
    (
        "terabytes",
        changed_by(lambda s: np.broadcast_to(s[0, 0, 0], (1 << 22, 1 << 22, 4))),
        "its sequence has shape (4194304, 4194304, 4), expected (2, 5, 4)",
    ),
    (
        "float16",
        changed_by(lambda s: s.astype("float16")),
        "its sequence has dtype float16, expected float32",
    ),
    (
        "complex64",
        changed_by(lambda s: s.astype("complex64")),
        "its sequence has dtype complex64, expected float32",
    ),
    (
        "int32",
        changed_by(lambda s: s.astype("int32")),
        "its sequence has dtype int32, expected float32",
    ),
    (
        "object",
        changed_by(lambda s: s.astype(object)),
        "its sequence has dtype object, expected float32",
    ),
    ("bool", changed_by(lambda s: s > 0), "its sequence has dtype bool, expected float32"),
    (
        "strings",
        changed_by(lambda s: s.astype("S4")),
        "its sequence has dtype |S4, expected float32",
    ),
    (
        "raw words",
        changed_by(lambda s: s.view("uint32")),
        "its sequence has dtype uint32, expected float32",
    ),
    (
        "a flat state",
        changed_by(lambda s: (s, s[:, -1])),
        "its h_n has shape (2, 4), expected (1, 2, 4)",
    ),
    (
        "a float16 state",
        changed_by(lambda s: (s, s[:, -1][np.newaxis].astype("float16"))),
        "its h_n has dtype float16, expected float32",
    ),
    ("no layers", with_layers(), "Outputs.layers must be a tuple of 1 sequence"),
    (
        "two layers of one",
        with_layers("right", "right"),
        "Outputs.layers must be a tuple of 1 sequence",
    ),
    (
        "layers that are None",
        with_layers(None),
        "its layers[0] is a builtins.NoneType, expected a numpy.ndarray",
    ),
    (
        "layers as one array",
        lambda case: Outputs(sequence_of(case), None, sequence_of(case)),
        "Outputs.layers must be a tuple of 1 sequence",
    ),
    (
        "a c_n of an rnn",
        changed_by(lambda s: Outputs(s, c_n=s[:, -1][np.newaxis])),
        "Outputs.c_n must be None: a cell rnn has no such state",
    ),
    (
        "other layers",
        lambda case: Outputs(sequence_of(case), None, [sequence_of(case) / 2]),
        "Outputs.layers[-1] must equal Outputs.sequence",
    ),
]


def verdict_of(case: Case, implementation: Callable[..., Any]) -> Verdict:
    """The verdict that check raises; that it agrees is a failure of the test."""
    with pytest.raises((Mismatch, Refused, Inconclusive)) as raised:
        check(case, implementation)
    assert raised.value.verdict.kind == judge(case, implementation).kind
    assert raised.value.__cause__ is raised.value.verdict.cause
    return raised.value.verdict


@pytest.mark.parametrize(
    ("implementation", "sentence"),
    [row[1:] for row in MALFORMED],
    ids=[row[0] for row in MALFORMED],
)
def test_what_is_no_sequence_of_the_right_shape_and_dtype_differs(
    implementation: Callable[[Case], Any], sentence: str
) -> None:
    verdict = verdict_of(CASE, implementation)
    assert (verdict.kind, verdict.reason) == ("differs", sentence)


def test_a_matrix_differs() -> None:
    """np.matrix is always of rank 2, and warns."""

    def matrix(case: Case) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.matrix(sequence_of(case)[0])

    assert (
        verdict_of(CASE, matrix).reason
        == "its sequence is a numpy.matrix, expected a numpy.ndarray"
    )


UNUSUAL = [
    lambda s: s.astype(">f4"),
    np.asfortranarray,
    lambda s: np.repeat(s, 2, axis=2)[..., ::2],
    lambda s: np.frombuffer(s.tobytes(), s.dtype).reshape(s.shape),
]


@pytest.mark.parametrize(
    "form", UNUSUAL, ids=["big-endian", "Fortran order", "strided", "read-only"]
)
def test_right_outputs_in_an_array_of_unusual_form_agree(
    form: Callable[[np.ndarray], np.ndarray],
) -> None:
    assert check(CASE, changed_by(form)).kind == "agrees"


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

    verdict = verdict_of(DEEP, top_only)
    assert (verdict.kind, verdict.reason) == (
        "refused",
        "on the case cut to its first 1 of 2 layers: one layer",
    )


def test_lower_layers_whose_states_differ_between_the_runs_prove_nothing() -> None:
    def other_below(case: Case) -> Any:
        outputs = run(case)
        assert outputs.h_n is not None
        return outputs.sequence, outputs.h_n + np.float32(case.config.num_layers == 1)

    verdict = verdict_of(DEEP, other_below)
    assert verdict.kind == "inconclusive"
    assert verdict.reason == (
        "the states of layer 0 differ between the whole case and its first 1 of 2 layers; "
        "return Outputs.layers"
    )


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


def test_a_list_of_layers_that_lies_about_its_length_is_no_way_to_agree() -> None:
    """It computes the first layer of two and gives that as both."""

    class Liar(list):
        def __len__(self) -> int:
            return 2

    def lazy(case: Case) -> Outputs:
        sequence = run(case.first_layers(1)).sequence
        return Outputs(sequence, None, Liar([sequence]))

    assert verdict_of(DEEP, lazy).kind in ("differs", "crashed")


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


def test_outputs_whose_attributes_change_are_read_once() -> None:
    class Moody(Outputs):
        reads: ClassVar[list[int]] = []

        @property
        def sequence(self) -> Any:
            self.reads.append(1)
            return sequence_of(CASE) * (len(self.reads) % 2)

        @sequence.setter
        def sequence(self, value: Any) -> None:
            pass

    def moody(case: Case) -> Any:
        outputs = object.__new__(Moody)
        outputs.__dict__.update(h_n=None, layers=None)
        return outputs

    assert judge(CASE, moody, calls=1).kind == "agrees"
    assert len(Moody.reads) == 1


def test_a_buffer_that_the_next_call_overwrites_differs() -> None:
    buffer = np.empty((2, 5, 4), "float32")

    def reuses(case: Case) -> np.ndarray:
        buffer[...] = sequence_of(case)
        return buffer.view()

    assert verdict_of(CASE, reuses).reason == (
        "the next call wrote into its sequence; return a copy for each call"
    )
    assert judge(CASE, reuses, calls=1).kind == "agrees"
    assert check(CASE, lambda case: reuses(case).copy()).kind == "agrees"
    assert verdict_of(CASE, lambda case: buffer).kind == "differs"


def test_a_final_state_that_the_next_call_overwrites_differs() -> None:
    state = np.empty((1, 2, 4), "float32")

    def reuses(case: Case) -> Outputs:
        outputs = run(case)
        state[...] = outputs.h_n
        return Outputs(outputs.sequence, state)

    assert verdict_of(CASE, reuses).reason.startswith("the next call wrote into its h_n;")


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
        (CASE, "torch", "implementation is 'torch', expected a function run(case) -> Outputs"),
    ],
    ids=["no case", "an array", "nothing", "a name"],
)
def test_what_is_no_case_or_no_function_gets_a_sentence(
    case: Any, implementation: Any, sentence: str
) -> None:
    with pytest.raises(TypeError) as raised:
        check(case, implementation)
    assert str(raised.value) == sentence


LSTM = gated_case("lstm", num_layers=2, time=4)


@pytest.mark.parametrize(
    "form",
    [
        lambda outputs: outputs,
        lambda outputs: outputs.sequence,
        lambda outputs: (outputs.sequence, outputs.h_n),
        lambda outputs: (outputs.sequence, (outputs.h_n, outputs.c_n)),
    ],
    ids=["Outputs", "array", "pair", "torch's"],
)
def test_each_form_of_an_lstms_outputs_agrees(form) -> None:
    assert check(LSTM, lambda case: form(run(case))).kind == "agrees"


def test_the_cell_state_in_torchs_form_is_looked_at() -> None:
    def wrong(case: Case) -> Any:
        outputs = run(case)
        return outputs.sequence, (outputs.h_n, outputs.c_n[:1])

    verdict = judge(LSTM, wrong)
    assert verdict.reason == "its c_n has shape (1, 2, 2), expected (2, 2, 2)"


def test_an_rnn_returns_no_cell_state() -> None:
    def wrong(case: Case) -> Any:
        outputs = run(case)
        return outputs.sequence, (outputs.h_n, outputs.h_n)

    assert judge(CASE, wrong).reason == "its h_n is a builtins.tuple, expected a numpy.ndarray"


def test_writing_into_c_0_differs_and_is_named() -> None:
    def wrong(case: Case) -> Outputs:
        case.c_0.flags.writeable = True
        case.c_0[:] = 0
        return run(case)

    assert judge(LSTM, wrong).reason == "it wrote into case.c_0, which belongs to the caller"
