"""An LSTM's step: its gates, and what becomes of c."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.mistakes.families.activation import Algorithm
from harness.mistakes.families.gates import SLICES, Function, hard_sigmoid, identity, relu
from harness.mistakes.mistake import Mistake
from references.cells.activations import sigmoid
from references.cells.walk import Moment, States

Sums = tuple[Any, Any, Any, Any]  # of i, f, g, o
CLIP = 3.0


def sums_of(now: Moment, h: Any = None) -> Sums:
    """The gates' pre-activations; of another state than h where it is given."""
    p, x, h = now.p, now.input_t, now.state_t if h is None else h
    return (
        np.dot(p.W_i, x) + np.dot(p.U_i, h) + p.b_i,
        np.dot(p.W_f, x) + np.dot(p.U_f, h) + p.b_f,
        np.dot(p.W_g, x) + np.dot(p.U_g, h) + p.b_g,
        np.dot(p.W_o, x) + np.dot(p.U_o, h) + p.b_o,
    )


@dataclass(frozen=True)
class Step:
    """The step of an LSTM by its parts; what is left out is right."""

    sums: Callable[[Moment], Sums] = sums_of
    gate: Function = sigmoid
    candidate: Function = np.tanh
    gates: Callable[[Any, Any, Any], tuple[Any, Any, Any]] = lambda i, f, o: (i, f, o)
    old: Callable[[Moment], Any] = lambda now: now.states[1]  # what the forget gate multiplies
    stored: Function = identity  # what of c is stored
    squash: Function = np.tanh  # what of c is put out
    late_o: bool = False  # the output gate sees the new c
    from_old: bool = False  # the output shows the old c

    def __call__(self, now: Moment) -> States:
        """Returns the new h and c, each (H, B)."""
        z_i, z_f, z_g, z_o = self.sums(now)
        i, f, o = self.gates(self.gate(z_i), self.gate(z_f), self.gate(z_o))
        c = self.stored(f * self.old(now) + i * self.candidate(z_g))
        if self.late_o:
            o = self.gate(z_o + c)
        return o * self.squash(now.states[1] if self.from_old else c), c


def _lstm(name: str, sentence: str, loop: str, mirror: str, **parts: Any) -> Mistake:
    mistake = Mistake(name, sentence).of("lstm").to_fix(loop, mirror)
    return mistake.change(step=Step(**parts))


def _peepholes(now: Moment) -> Sums:
    z_i, z_f, z_g, z_o = sums_of(now)
    c = now.states[1]
    return z_i + c, z_f + c, z_g, z_o + c


def _forget_bias(more: int) -> Callable[[Moment], Sums]:
    def change(now: Moment) -> Sums:
        z_i, z_f, z_g, z_o = sums_of(now)
        return z_i, z_f + more, z_g, z_o

    return change


CANDIDATE = "torch and Keras have tanh for g as for c; in ONNX it is the second of activations="
SIGMOID = "pass recurrent_activation='sigmoid' in Keras; torch's LSTM has no other"
SHOWN = "torch and Keras have tanh for c as for g; in ONNX it is the third of activations="
EQUATION = "write c = f * c + i * g, then h = o * tanh(c)"
NO_PEEPHOLES = (
    "torch's and Keras' LSTM have no peepholes: set use_peepholes=False, or ONNX' P to zeros"
)
GATES = "compute i, f and o each from its own weights"
BOTH_TANH = "pass activation='tanh' in Keras: it serves g and c alike"
OWN_STEP = "torch's and Keras' own LSTM are right here: call them, not a step of yours"
MISTAKES = (
    _lstm(
        "tanh of c missing",
        "The output is o * c.",
        EQUATION,
        SHOWN,
        squash=identity,
    ),
    _lstm(
        "sigmoid of c",
        "The output is o * sigmoid(c).",
        EQUATION,
        SHOWN,
        squash=sigmoid,
    ),
    _lstm(
        "relu of c",
        "The output is o * relu(c).",
        EQUATION,
        SHOWN,
        squash=relu,
    ),
    _lstm(
        "output of the old c",
        "The output is o times tanh of the c before the step.",
        EQUATION,
        "return h and c of the same step",
        from_old=True,
    ),
    _lstm(
        "tanh of c carried",
        "tanh(c), not c, goes on to the next step.",
        "keep c itself: tanh belongs to the output alone",
        "c_n and the c that goes on are without tanh in torch, Keras and ONNX",
        stored=np.tanh,
        squash=identity,
    ),
    _lstm(
        "c clipped",
        f"c is clipped to [-{CLIP:g}, {CLIP:g}].",
        "leave c as it is",
        "leave out cell_clip: torch's and Keras' LSTM clip nothing",
        stored=Algorithm(lambda c: np.clip(c, -CLIP, CLIP), relative=0).__call__,
    ),
    _lstm(
        "lstm candidate without tanh",
        "g is its pre-activation.",
        "write g = tanh(...)",
        CANDIDATE,
        candidate=identity,
    ),
    _lstm(
        "lstm candidate by sigmoid",
        "g is sigmoid of its pre-activation.",
        "write g = tanh(...)",
        CANDIDATE,
        candidate=sigmoid,
    ),
    _lstm(
        "lstm candidate by relu",
        "g is relu of its pre-activation.",
        "write g = tanh(...)",
        CANDIDATE,
        candidate=relu,
    ),
    _lstm(
        "both tanh of an lstm missing",
        "g and the c put out are without tanh.",
        EQUATION,
        BOTH_TANH,
        candidate=identity,
        squash=identity,
    ),
    _lstm(
        "both tanh of an lstm by sigmoid",
        "g and the c put out have sigmoid for tanh.",
        EQUATION,
        BOTH_TANH,
        candidate=sigmoid,
        squash=sigmoid,
    ),
    _lstm(
        "both tanh of an lstm by relu",
        "g and the c put out have relu for tanh.",
        EQUATION,
        BOTH_TANH,
        candidate=relu,
        squash=relu,
    ),
    _lstm(
        "lstm gates without sigmoid",
        "i, f and o are their pre-activations.",
        "write i = sigmoid(...), and f and o alike",
        SIGMOID,
        gate=identity,
    ),
    _lstm(
        "lstm gates by tanh",
        "i, f and o are tanh of their pre-activations.",
        "write i = sigmoid(...), and f and o alike",
        SIGMOID,
        gate=np.tanh,
    ),
    _lstm(
        "lstm gates by hard sigmoid",
        "i, f and o are clip(z / 6 + 1/2, 0, 1), Keras' hard_sigmoid.",
        "use 1 / (1 + exp(-z))",
        "pass recurrent_activation='sigmoid' in Keras",
        gate=hard_sigmoid(1 / 6),
    ),
    _lstm(
        "lstm gates by the older hard sigmoid",
        "i, f and o are clip(z / 5 + 1/2, 0, 1), Keras 2's hard_sigmoid.",
        "use 1 / (1 + exp(-z))",
        "pass recurrent_activation='sigmoid' in Keras, and leave out activations= in ONNX",
        gate=hard_sigmoid(0.2),
    ),
    _lstm(
        "peepholes",
        "The gates i, f and o see the old c, as with peepholes of weight 1.",
        "leave c out of the gates: W x + U h + b",
        NO_PEEPHOLES,
        sums=_peepholes,
    ),
    _lstm(
        "peephole of the output gate",
        "The output gate sees the new c, as with a peephole of weight 1.",
        "leave c out of the gates: W x + U h + b",
        NO_PEEPHOLES,
        late_o=True,
    ),
    _lstm(
        "input gate coupled",
        "The input gate is 1 - f.",
        GATES,
        "torch and Keras couple no gates: copy the input gate's own weights",
        gates=lambda i, f, o: (1 - f, f, o),
    ),
    _lstm(
        "forget gate coupled",
        "The forget gate is 1 - i.",
        GATES,
        "pass input_forget=0 in ONNX; torch and Keras couple no gates",
        gates=lambda i, f, o: (i, 1 - i, o),
    ),
    _lstm(
        "forget bias added",
        "The forget gate has 1 added to its bias at run time.",
        "the case's biases are whole: add nothing",
        "copy b_f as it is: TensorFlow 1 alone adds its forget_bias=1.0 at run time",
        sums=_forget_bias(1),
    ),
    _lstm(
        "forget bias of 1 forgotten",
        "The forget gate has a bias that is 1 too small.",
        "the case's biases are whole: subtract nothing",
        "where weights come from TensorFlow 1, add its forget_bias=1.0 to b_f",
        sums=_forget_bias(-1),
    ),
    _lstm(
        "forget gate forgotten",
        "c is added whole, not times f.",
        EQUATION,
        OWN_STEP,
        gates=lambda i, f, o: (i, 1, o),
    ),
    _lstm(
        "input gate forgotten",
        "g is added whole, not times i.",
        EQUATION,
        OWN_STEP,
        gates=lambda i, f, o: (1, f, o),
    ),
    _lstm(
        "output gate forgotten",
        "The output is tanh(c), not times o.",
        EQUATION,
        OWN_STEP,
        gates=lambda i, f, o: (i, f, 1),
    ),
    _lstm(
        "f for i",
        "The forget gate is used for the input gate, too.",
        GATES,
        SLICES,
        gates=lambda i, f, o: (f, f, o),
    ),
    _lstm(
        "o for f",
        "The output gate is used for the forget gate, too.",
        GATES,
        SLICES,
        gates=lambda i, f, o: (i, o, o),
    ),
    _lstm(
        "h for c",
        "The forget gate multiplies h, where c belongs.",
        EQUATION,
        "step by step, pass (h, c) in torch and [h, c] in Keras, not h twice",
        old=lambda now: now.state_t,
    ),
    _lstm(
        "c for h",
        "The gates read c, where h belongs.",
        "write W x + U h + b",
        "step by step, pass (h, c) in torch and [h, c] in Keras, not c twice",
        sums=lambda now: sums_of(now, now.states[1]),
    ),
)
