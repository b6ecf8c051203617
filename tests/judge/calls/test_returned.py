"""What an implementation may return: any other thing is named in one sentence."""

import warnings
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest

from harness import check
from harness.judge.calls.returned import as_outputs
from harness.judge.judge import judge
from references.case import Case, Outputs
from references.numpy_rnn import run
from tests.judge.small_cases import CASE, DEEP, changed_by, sequence_of, verdict_of
from tests.references.gated import gated_case

NUMPY = "return sequence.detach().numpy()"
EXPECTED = "expected an array (batch, time, units), a pair (sequence, h_n) or Outputs"


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
    ("a tensor", changed_by(Tensor), f"it returned a Tensor, {EXPECTED}: {NUMPY}"),
    (
        "a tensor in Outputs",
        lambda case: Outputs(Tensor(sequence_of(case))),
        f"its sequence is a {__name__}.Tensor, expected a numpy.ndarray: {NUMPY}",
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


def test_a_list_of_layers_that_lies_about_its_length_is_no_way_to_agree() -> None:
    """It computes the first layer of two and gives that as both."""

    class Liar(list):
        def __len__(self) -> int:
            return 2

    def lazy(case: Case) -> Outputs:
        sequence = run(case.first_layers(1)).sequence
        return Outputs(sequence, None, Liar([sequence]))

    assert verdict_of(DEEP, lazy).kind in ("differs", "crashed")


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


def test_what_an_lstm_may_return_is_said_with_both_states():
    case = gated_case("lstm")
    refused = as_outputs(case, (np.zeros(3), np.zeros(3), np.zeros(3)))
    assert "a pair (sequence, (h_n, c_n)) or Outputs" in refused.reason
