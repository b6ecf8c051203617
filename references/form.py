"""Reads how a function of arrays is called from its signature; a probe shows the rest."""

import inspect
from typing import Any, NamedTuple

import numpy as np

from references.arrays import frozen
from references.case import CellWeights
from references.cells import CELLS
from references.cells.gates import reordered

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
# How a function takes b_W and b_U: as their sum (G*H,), as two rows (2, G*H), as two arguments.
BIASES = ("sum", "rows", "two")
INPUTS = {"inputs", "input", "x", "X", "xs", "x_t", "sequence", "seq"}  # what they are called


class Form(NamedTuple):
    """The arguments of a function of arrays, and what a probe shows of it."""

    bias: bool = True  # it takes b
    rows: bool = False  # it computes inputs @ W: W is (I, G*H), and U (H, G*H) is transposed
    defaults: tuple[str, ...] = ()  # arguments that keep their defaults
    written: bool = True  # it does not raise NotImplementedError
    nonlinearity: str = ""  # what an rnn's first step computes; empty where that is none of ours
    cell: str = ""  # whose arrays it takes; empty where it raises on those of every cell
    gates: tuple[str, ...] = ()  # the order in which it reads them; empty where nothing shows it
    reset_after: bool | None = None  # of a gru; None where nothing shows it
    biases: str = "sum"  # one of BIASES

    def arguments(self, weights: CellWeights) -> tuple[np.ndarray, ...]:
        """What the function takes after the inputs: W and U, and b or two of them."""
        ours: tuple[str, ...] = CELLS[self.cell].GATES if self.gates else ()
        own = {name: _in_order(a, ours, self.gates) for name, a in weights.arrays().items()}
        W, U, b_W, b_U = own.values()
        matrices = (W.T, U.T) if self.rows else (W, U)
        if not self.bias:
            return matrices
        if self.biases == "two":
            return *matrices, b_W, b_U
        b = np.stack([b_W, b_U]) if self.biases == "rows" else b_W + b_U
        return *matrices, frozen("b", b)

    @property
    def limits(self) -> dict[str, Any]:
        """The limits that follow from what the probe shows, beside those of every notebook."""
        if self.cell in ("", "rnn"):
            return {}
        own: dict[str, Any] = {"cell": self.cell}
        if self.cell == "gru":
            own["reset_after"] = self.reset_after is not False
            if self.bias and self.biases == "sum":
                own["recurrent_biases"] = False
        return own


def _in_order(array: np.ndarray, ours: tuple[str, ...], order: tuple[str, ...]) -> np.ndarray:
    """The rows gate by gate in this order: the array itself, or a copy that is read-only."""
    copy = reordered(array, ours, order)
    if copy is not array:
        copy.flags.writeable = False
    return copy


def signature_of(function: Any) -> inspect.Signature | None:
    """Returns the signature by which a function is called; None where it shows none.

    Looks behind a decorator whose own signature takes anything.
    """
    for follow in (False, True):
        try:
            signature = inspect.signature(function, follow_wrapped=follow)
        except (TypeError, ValueError):
            return None
        if not any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values()):
            return signature
    return signature


def required_of(signature: inspect.Signature) -> list[str]:
    """Returns the names of the arguments that have no default."""
    varying = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = signature.parameters.items()
    return [name for name, p in parameters if p.default is p.empty and p.kind not in varying]


def form_of(function: Any) -> Form | None:
    """Returns the form of a function of inputs, W, U and perhaps b or two; None for any other.

    Its arguments are given by position. One whose inputs stand elsewhere, by their name, is no such
    function.
    """
    signature = signature_of(function)
    if signature is None:
        return None
    required = required_of(signature)
    others = [name for name in signature.parameters if name not in required]
    if any(signature.parameters[name].kind not in POSITIONAL for name in required):
        return None
    if INPUTS.isdisjoint(required[:1]) and not INPUTS.isdisjoint(required):
        return None
    others = [name for name in others if signature.parameters[name].kind in POSITIONAL]
    if len(required) == 3 and required[0] != "case":
        bias = others[:1] if others and others[0].startswith("b") else []
        return Form(bool(bias), defaults=tuple(others[len(bias) :]))
    if len(required) == 5 and all(name.lower().startswith("b") for name in required[3:]):
        return Form(defaults=tuple(others), biases="two")
    return Form(defaults=tuple(others)) if len(required) == 4 else None
