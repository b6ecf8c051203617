"""Reads how a function of arrays is called: from its signature, and from one probe."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from references.arrays import frozen
from references.cells.activations import ACTIVATIONS

Function = Callable[..., Any]
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
NEAR = 2.0**-10  # a probe's first output this near to an activation's names that


class Form(NamedTuple):
    """The arguments of a function of arrays, and what a probe shows of it."""

    bias: bool = True  # it takes b
    rows: bool = False  # it computes inputs @ W: W is (I, H), and U (H, H) is transposed
    defaults: tuple[str, ...] = ()  # arguments that keep their defaults
    written: bool = True  # it does not raise NotImplementedError
    nonlinearity: str = ""  # what its first step computes; empty where that is none of ours

    def call(self, function: Function, inputs: Any, W: Any, U: Any, b: Any) -> Any:
        """Calls the function with inputs (T, I), W (H, I), U (H, H) and b (H,)."""
        weights = (W.T, U.T) if self.rows else (W, U)
        return function(inputs, *weights, b) if self.bias else function(inputs, *weights)


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
    """Returns the form of a function of inputs, W, U and perhaps b; None for any other."""
    signature = signature_of(function)
    if signature is None:
        return None
    required = required_of(signature)
    others = [name for name in signature.parameters if name not in required]
    if any(signature.parameters[name].kind not in POSITIONAL for name in required):
        return None
    others = [name for name in others if signature.parameters[name].kind in POSITIONAL]
    if len(required) == 3 and required[0] != "case":
        bias = others[:1] if others and others[0].startswith("b") else []
        return Form(bool(bias), defaults=tuple(others[len(bias) :]))
    return Form(defaults=tuple(others)) if len(required) == 4 else None


def probe(function: Function, form: Form) -> Form:
    """Returns the form with what calls on three steps show: rows, and the nonlinearity.

    A function that raises on columns and gives (T, H) on rows takes rows. Whatever else it does
    leaves the form as it is: what is wrong with it is for the judge to say.
    """
    inputs, W, U, b = PROBE
    for rows in (False, True):
        trial = form._replace(rows=rows)
        try:
            with np.errstate(all="ignore"):
                outputs = trial.call(function, inputs, W, U, b)
        except KeyboardInterrupt:
            raise
        except NotImplementedError:
            return form._replace(written=False)
        except BaseException:  # noqa: S112 - the judge calls it again, and reports what it raises
            continue
        if isinstance(outputs, np.ndarray) and outputs.shape == (len(inputs), len(b)):
            z = W @ inputs[0] + (b if form.bias else 0)
            return trial._replace(nonlinearity=_nonlinearity(z, outputs[0]))
        return form
    return form


def _nonlinearity(z: np.ndarray, output: np.ndarray) -> str:
    """Returns the activation whose values at z (H,) the output (H,) has."""
    if output.dtype.kind != "f":
        return ""
    near = (
        name
        for name, activation in ACTIVATIONS.items()
        if np.abs(activation(z) - output).max() <= NEAR
    )
    return next(near, "")


def _probe() -> tuple[np.ndarray, ...]:
    """Three steps of two inputs and five units, of both signs, where no two activations meet."""
    T, I, H = 3, 2, 5
    arrays = {"inputs": (T, I), "W": (H, I), "U": (H, H), "b": (H,)}
    waves = {name: np.sin(np.arange(1.0, 1 + np.prod(shape))) for name, shape in arrays.items()}
    return tuple(frozen(name, waves[name].reshape(shape)) for name, shape in arrays.items())


PROBE = _probe()
