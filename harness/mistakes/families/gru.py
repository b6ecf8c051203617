"""A GRU's step: its reset, its update, its candidate."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.mistakes.families.gates import SLICES, Function, hard_sigmoid, identity, relu
from harness.mistakes.mistake import Mistake
from references.case import Case
from references.cells.activations import sigmoid
from references.cells.walk import Moment, States


def _candidate(p: Any, x: Any, h: Any, r: Any) -> Any:
    """The candidate's pre-activation."""
    if p.reset_after:
        return np.dot(p.W_n, x) + p.b_W_n + r * (np.dot(p.U_n, h) + p.b_U_n)
    return np.dot(p.W_n, x) + np.dot(p.U_n, r * h) + p.b_n


def _mix(z: Any, n: Any, h: Any) -> Any:
    return (1 - z) * n + z * h


@dataclass(frozen=True)
class Step:
    """The step of a GRU by its parts; what is left out is right."""

    gate: Function = sigmoid
    tanh: Function = np.tanh
    gates: Callable[[Any, Any], tuple[Any, Any]] = lambda r, z: (r, z)
    candidate: Callable[[Any, Any, Any, Any], Any] = _candidate
    mix: Callable[[Any, Any, Any], Any] = _mix

    def __call__(self, now: Moment) -> States:
        """Returns the new h (H, B)."""
        p, x, h = now.p, now.input_t, now.state_t
        r = self.gate(np.dot(p.W_r, x) + np.dot(p.U_r, h) + p.b_r)
        z = self.gate(np.dot(p.W_z, x) + np.dot(p.U_z, h) + p.b_z)
        r, z = self.gates(r, z)
        n = self.tanh(self.candidate(p, x, h, r))
        return (self.mix(z, n, h),)


def _gru(name: str, sentence: str, loop: str, mirror: str, **parts: Any) -> Mistake:
    mistake = Mistake(name, sentence).of("gru").to_fix(loop, mirror)
    return mistake.change(step=Step(**parts)) if parts else mistake


def _all_outside(p: Any, x: Any, h: Any, r: Any) -> Any:
    return np.dot(p.W_n, x) + (p.b_W_n + p.b_U_n) + r * np.dot(p.U_n, h)


def _all_inside(p: Any, x: Any, h: Any, r: Any) -> Any:
    return np.dot(p.W_n, x) + r * (np.dot(p.U_n, h) + (p.b_W_n + p.b_U_n))


def _bias_reset(p: Any, x: Any, h: Any, r: Any) -> Any:
    return np.dot(p.W_n, x) + np.dot(p.U_n, r * h) + p.b_W_n + r * p.b_U_n


def _all_reset(p: Any, x: Any, h: Any, r: Any) -> Any:
    return r * (np.dot(p.W_n, x) + p.b_W_n + np.dot(p.U_n, h) + p.b_U_n)


def _no_reset(p: Any, x: Any, h: Any, r: Any) -> Any:
    return np.dot(p.W_n, x) + np.dot(p.U_n, h) + p.b_n


def _added(p: Any, x: Any, h: Any, r: Any) -> Any:
    return np.dot(p.W_n, x) + np.dot(p.U_n, h) + p.b_n + r


def _without_b_hn(p: Any, x: Any, h: Any, r: Any) -> Any:
    return np.dot(p.W_n, x) + p.b_W_n + r * np.dot(p.U_n, h)


def _swapped(p: Any, x: Any, h: Any, r: Any) -> Any:
    return np.dot(p.W_n, x) + p.b_U_n + r * (np.dot(p.U_n, h) + p.b_W_n)


def _biases_differ(case: Case) -> bool:
    """Those of the candidate, which r tells apart."""
    differences = (np.split(cell.b_W - cell.b_U, 3)[2] for cell in case.weights)
    return any(map(np.any, differences))


def _other_reset(reset_after: bool) -> Callable[[Any], Any]:
    return lambda config: replace(config, reset_after=reset_after)


def _reset_matters(case: Case) -> bool:
    """U (r * h) is not r * U h, nor does r leave a bias as it is."""
    has_state = case.time > 1 or not case.starts_from_zeros
    return case.config.bias or (case.config.hidden_size > 1 and has_state)


RESET_AFTER = "torch, and Keras by default, have r * (U_n h + b_hn)"
CANDIDATE = "pass activation='tanh' in Keras; torch's GRU has no other"
GATES = "pass recurrent_activation='sigmoid' in Keras; torch's GRU has no other"
MIX = "write h = (1 - z) * n + z * h"
KEEP_SIGNS = (
    "torch, Keras and ONNX weigh the old state by z: copy z's weights and biases with their signs"
)
OWN_STEP = "torch's and Keras' own GRU are right here: call them, not a step of yours"
RECURRENT = "multiply by r: U_n h + b_hn with reset_after, else h itself, and nothing more"
MISTAKES = (
    _gru(
        "b_hn outside the reset",
        "The candidate's recurrent bias is added outside of the reset, to b_in.",
        "write n = tanh(W_n x + b_in + r * (U_n h + b_hn))",
        f"do not fold n's two biases into one: {RESET_AFTER}",
        candidate=_all_outside,
    ).when("recurrent_bias", reset_after=True),
    _gru(
        "both biases of n inside the reset",
        "Every bias of the candidate is multiplied by r.",
        "write n = tanh(W_n x + b_in + r * (U_n h + b_hn))",
        f"do not fold n's two biases into one: {RESET_AFTER}",
        candidate=_all_inside,
    ).when("bias", reset_after=True),
    _gru(
        "b_in and b_hn swapped",
        "The candidate's two biases are in each other's place.",
        "write n = tanh(W_n x + b_in + r * (U_n h + b_hn))",
        "bias_ih is the first row of Keras' bias (2, 3H), bias_hh the second",
        candidate=_swapped,
    ).when(_biases_differ, reset_after=True),
    _gru(
        "b_hn dropped",
        "The candidate's recurrent bias is left out.",
        "write n = tanh(W_n x + b_in + r * (U_n h + b_hn))",
        "load bias_hh (torch), or the second row of Keras' bias (2, 3H)",
        candidate=_without_b_hn,
    ).when("recurrent_bias", reset_after=True),
    _gru(
        "b_hn inside the reset",
        "The candidate's recurrent bias is multiplied by r, though the reset comes before U h.",
        "write n = tanh(W_n x + U_n (r * h) + b)",
        "with reset_after=False Keras has one bias (3H,): fold both biases of every gate into it",
        candidate=_bias_reset,
    ).when("recurrent_bias", reset_after=False),
    _gru(
        "reset before U h",
        "The reset multiplies h before U, where it should multiply U h + b.",
        "write n = tanh(W_n x + b_in + r * (U_n h + b_hn))",
        "pass reset_after=True in Keras, linear_before_reset=1 in ONNX",
    )
    .when(_reset_matters, reset_after=True)
    .change_case(config=_other_reset(False)),
    _gru(
        "reset after U h",
        "The reset multiplies U h + b, where it should multiply h before U.",
        "write n = tanh(W_n x + U_n (r * h) + b)",
        "pass reset_after=False in Keras, linear_before_reset=0 in ONNX; torch has no such GRU",
    )
    .when(_reset_matters, reset_after=False)
    .change_case(config=_other_reset(True)),
    _gru(
        "W x inside the reset",
        "The reset multiplies the whole pre-activation of the candidate, W x too.",
        RECURRENT,
        OWN_STEP,
        candidate=_all_reset,
    ),
    _gru(
        "reset forgotten",
        "The candidate reads h without the reset.",
        RECURRENT,
        OWN_STEP,
        candidate=_no_reset,
    ),
    _gru(
        "reset added",
        "The reset gate is added to the candidate's pre-activation.",
        RECURRENT,
        OWN_STEP,
        candidate=_added,
    ),
    _gru(
        "z the other way round",
        "z weighs the candidate, and 1 - z the old state.",
        MIX,
        KEEP_SIGNS,
        mix=lambda z, n, h: z * n + (1 - z) * h,
    ),
    _gru(
        "1 - z forgotten",
        "The candidate is added whole, not times 1 - z.",
        MIX,
        OWN_STEP,
        mix=lambda z, n, h: n + z * h,
    ),
    _gru(
        "z of the old state forgotten",
        "The old state is added whole, not times z.",
        MIX,
        OWN_STEP,
        mix=lambda z, n, h: (1 - z) * n + h,
    ),
    _gru(
        "update gate forgotten",
        "The new state is the candidate.",
        MIX,
        OWN_STEP,
        mix=lambda z, n, h: n,
    ),
    _gru(
        "r for z",
        "The reset gate is used for the update gate, too.",
        "compute z from W_z, U_z and b_z",
        SLICES,
        gates=lambda r, z: (r, r),
    ),
    _gru(
        "z for r",
        "The update gate is used for the reset gate, too.",
        "compute r from W_r, U_r and b_r",
        SLICES,
        gates=lambda r, z: (z, z),
    ),
    _gru(
        "gru candidate without tanh",
        "The candidate is its pre-activation.",
        "write n = tanh(...)",
        CANDIDATE,
        tanh=identity,
    ),
    _gru(
        "gru candidate by sigmoid",
        "The candidate is sigmoid of its pre-activation.",
        "write n = tanh(...)",
        CANDIDATE,
        tanh=sigmoid,
    ),
    _gru(
        "gru candidate by relu",
        "The candidate is relu of its pre-activation.",
        "write n = tanh(...)",
        CANDIDATE,
        tanh=relu,
    ),
    _gru(
        "gru gates without sigmoid",
        "r and z are their pre-activations.",
        "write r = sigmoid(...) and z = sigmoid(...)",
        GATES,
        gate=identity,
    ),
    _gru(
        "gru gates by tanh",
        "r and z are tanh of their pre-activations.",
        "write r = sigmoid(...) and z = sigmoid(...)",
        GATES,
        gate=np.tanh,
    ),
    _gru(
        "gru gates by hard sigmoid",
        "r and z are clip(z / 6 + 1/2, 0, 1), Keras' hard_sigmoid.",
        "use 1 / (1 + exp(-z))",
        "pass recurrent_activation='sigmoid' in Keras",
        gate=hard_sigmoid(1 / 6),
    ),
    _gru(
        "gru gates by the older hard sigmoid",
        "r and z are clip(z / 5 + 1/2, 0, 1), Keras 2's hard_sigmoid.",
        "use 1 / (1 + exp(-z))",
        "pass recurrent_activation='sigmoid' in Keras, and leave out activations= in ONNX",
        gate=hard_sigmoid(0.2),
    ),
)
