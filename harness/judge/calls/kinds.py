"""Makes an implementation of a function of either form, and says what to write for other objects.

A framework's objects are recognised by the names of their classes: nothing is imported for that.
"""

import inspect
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from harness.judge.calls.observe import Implementation
from harness.printable import how_many
from references.form import INPUTS, form_of, required_of, signature_of
from references.notebook import as_implementation

EXPECTED = "expected run(case) or rnn(inputs, W, U, b)"
OWN_WEIGHTS = (
    "references.read gives its config and weights for a case: check(case, outputs) then judges "
    "what it puts out"
)
ZEROS = "0 * U[0]"  # (H,)
STATES = ("h", "s", "init", "prev")  # how the name of an initial state begins
SHAPES = "  # (T, I), (G*H, I), (G*H, H), (G*H,): G is 1, of a GRU 3, of an LSTM 4"
KINDS = {"torch": ("RNN", "GRU", "LSTM"), "keras": ("SimpleRNN", "GRU", "LSTM")}
# By the first part of a class's module and its name: what its objects are, and what to write.
FRAMEWORKS = {
    ("torch", "Module"): (
        "is a torch module with weights of its own",
        """\
import torch

def rnn(inputs, W, U, b):  # in float64
    module = torch.nn.{kind}(W.shape[1], U.shape[1], dtype=torch.float64)  # or yours
    with torch.no_grad():
        for parameter, array in zip(module.parameters(), (W, U, b, 0 * b)):
            parameter.copy_(torch.tensor(array))
        return module(torch.tensor(inputs))[0].numpy()""",
    ),
    ("keras", "Layer"): (
        "is a Keras layer or model with weights of its own",
        """\
import keras, numpy as np

def rnn(inputs, W, U, b):  # in float64
    layer = keras.layers.{kind}(U.shape[1], return_sequences=True, dtype="float64")  # or yours
    layer.build((1, *inputs.shape))
    layer.set_weights([W.T, U.T, b])
    return np.asarray(layer(inputs[np.newaxis]))[0]""",
    ),
}
CLASS = f"""\
def rnn(inputs, W, U, b):{SHAPES}
    model = {{name}}(W.shape[1], U.shape[1])  # with the arguments that it takes
    model.W, model.U, model.b = W, U, b  # by the names that it has
    return model{{method}}(inputs)  # (T, H)"""
TEMPLATE = f"""\
def rnn(inputs, W, U, b):{SHAPES}
    ...
    return outputs  # (T, H)"""


# Packages from which a function's module takes something where it mirrors weights.
MIRRORS = {"torch", "keras", "tensorflow", "jax", "flax", "onnx", "onnxruntime", "mlx"}


class WrongKind(TypeError):
    """Says in a sentence why an object is no implementation; `paste` is code to start from."""

    def __init__(self, sentence: str, paste: str) -> None:
        super().__init__(sentence, paste)
        self.sentence, self.paste = sentence, paste

    def __str__(self) -> str:
        return "\n".join([self.sentence, start_from(self.paste)])


def start_from(paste: str) -> str:
    """Returns code to start from, with the line above it."""
    return "\n    ".join(["Start from this:", *paste.splitlines()])


def adapt(implementation: Any, name: str, nonlinearity: str = "") -> Implementation:
    """Returns `run(case)`, which it is or which is made of a function of inputs, W, U, b.

    Such a function claims to compute this nonlinearity, if one is named. Raises WrongKind for any
    other object; what shows no signature is taken for `run(case)`.
    """
    if inspect.isclass(implementation):
        method = ".forward" if hasattr(implementation, "forward") else ""
        plain = CLASS.format(name=implementation.__name__, method=method)
        paste = next((own for _, own in _framework(implementation)), plain)
        raise WrongKind(f"{name} is a class; {EXPECTED}", paste)
    for what, paste in _framework(implementation):
        raise WrongKind(f"{name} {what}; {EXPECTED}. {OWN_WEIGHTS}", paste)
    if is_blank(implementation):
        raise unwritten(name)
    if form_of(implementation):
        return as_implementation(implementation, nonlinearity)
    signature = signature_of(implementation)
    if signature is not None and not _takes_a_case(signature):
        raise _wrong_arguments(implementation, name, signature)
    return implementation  # type: ignore[no-any-return]


def uses_framework(implementation: Any) -> bool:
    """Tells whether the function's module has something of a framework."""
    if isinstance(answer := getattr(implementation, "uses_framework", None), bool):
        return answer
    module = sys.modules.get(getattr(implementation, "__module__", None) or "")
    values = vars(module).values() if module else ()
    return any(_package(value) in MIRRORS for value in values)


def _package(value: object) -> str:
    """The package of a module or a class; empty for what may run a user's code to tell its own."""
    if isinstance(value, ModuleType):
        return value.__name__.partition(".")[0]
    return value.__module__.partition(".")[0] if type(value) is type else ""


def unwritten(name: str) -> WrongKind:
    """Makes the error about a function that raises NotImplementedError."""
    return WrongKind(f"{name} raises NotImplementedError: it is not written yet", TEMPLATE)


def is_blank(function: Any) -> bool:
    """Tells whether a function names nothing but NotImplementedError: then it computes nothing."""
    try:
        code = getattr(inspect.unwrap(function), "__code__", None)
    except ValueError:  # it wraps itself
        return False
    return code is not None and code.co_names == ("NotImplementedError",)


def _framework(item: Any) -> list[tuple[str, str]]:
    """Returns what the object or class is and what to write, unless it takes a case as it is."""
    classes = (item if inspect.isclass(item) else type(item)).__mro__
    names = [(cls.__module__.partition(".")[0], cls.__name__) for cls in classes]
    method = getattr(item, "forward", getattr(item, "call", None))
    signature = signature_of(method) if method else None
    if signature is not None and "case" in signature.parameters:
        return []
    return [
        (what, paste.format(kind=_kind(package, names)))
        for (package, name), (what, paste) in FRAMEWORKS.items()
        if (package, name) in names
    ]


def _kind(package: str, names: Sequence[tuple[str, str]]) -> str:
    """The recurrent layer of a framework that these classes are, or its plain one."""
    own = (name for it, name in names if it == package and name in KINDS[package])
    return next(own, KINDS[package][0])


def _takes_a_case(signature: inspect.Signature) -> bool:
    try:
        signature.bind("case")
    except TypeError:
        return False
    return True


def _wrong_arguments(function: Any, name: str, signature: inspect.Signature) -> WrongKind:
    required = required_of(signature)
    by_name = [one for one in required if _is_by_name(signature, one)]
    by_position = [one for one in required if one not in by_name]
    count = how_many(len(required), "argument")
    names = ", ".join([*by_position, *(["*", *by_name] if by_name else [])])
    takes = f"takes {count} ({names})" if required else "takes no argument"
    return WrongKind(f"{name} {takes}; {EXPECTED}", _call_of(function, by_position, by_name))


def _is_by_name(signature: inspect.Signature, name: str) -> bool:
    return signature.parameters[name].kind is inspect.Parameter.KEYWORD_ONLY


def _call_of(function: Any, by_position: Sequence[str], by_name: Sequence[str]) -> str:
    """Code that calls a function, or a template where nobody knows what some argument takes.

    The names and places of arguments tell: inputs, two matrices, a bias, then states and biases.
    """
    names = [*by_position, *by_name]
    inputs = next((name for name in names if name in INPUTS), names[0] if names else "")
    values, arrays = {inputs: "inputs"}, iter(("W", "U", "b"))
    for name in names:
        if name != inputs:
            is_state = name.lower().startswith(STATES)
            values[name] = ZEROS if is_state else next(arrays, "0 * b")
    zeros = [name for name, value in values.items() if value.startswith("0")]
    # Others may be an activation, or a matrix for each gate.
    if next(arrays, None) or not all(name.lower().startswith((*STATES, "b")) for name in zeros):
        return TEMPLATE
    by_names = (f"{one}={values[one]}" for one in by_name)
    arguments = ", ".join([*(values[one] for one in by_position), *by_names])
    note = f"{ZEROS} is an initial state, 0 * b a second bias" if zeros else "(T, H)"
    own = getattr(function, "__name__", "function")
    return f"""\
def rnn_of_four(inputs, W, U, b):  # verify this one
    return {own}({arguments})  # {note}"""
