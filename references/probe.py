"""Recognises by one probe what a function of arrays computes: its cell, its gates, its layout."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np

from references.case import Case, CellWeights, Config
from references.cells import CELLS
from references.cells.activations import ACTIVATIONS
from references.cells.gates import reordered
from references.cells.walk import layers, recur, right_step
from references.form import Form

NEAR = 2.0**-10  # outputs this near to those of one of our equations name it
T, I, H = 3, 2, 5
# The orders in which gates are read, and whose they are. Torch's stands first.
ORDERS: dict[str, dict[tuple[str, ...], str]] = {
    "gru": {("r", "z", "n"): "PyTorch", ("z", "r", "n"): "Keras and ONNX"},
    "lstm": {("i", "f", "g", "o"): "PyTorch and Keras", ("i", "o", "f", "g"): "ONNX"},
}
NOTHING, FIRST_STEP, EVERYTHING = range(3)  # of a trial's outputs are those of an equation
Look = tuple[int, Form]


def probe(function: Callable[..., Any], form: Form, cells: Sequence[str] = tuple(CELLS)) -> Form:
    """Returns the form with what calls on three steps show, with the arrays of these cells.

    A function that raises on the arrays of one cell takes those of the next of which it makes
    (T, H). Whatever else it does leaves the form as it is: what is wrong with it is for the judge
    to say.
    """
    misfits: list[Form] = []
    for cell in cells:
        looks: list[Look] = []
        for trial in _trials(form, cell):
            case = probe_case(cell, trial.bias, trial.biases)
            try:
                with np.errstate(all="ignore"):
                    outputs = _outputs(function, case, trial)
            except KeyboardInterrupt:
                raise
            except NotImplementedError:
                return form._replace(written=False)
            except BaseException:  # noqa: S112 - the judge calls it again, and reports that
                continue
            if isinstance(outputs, np.ndarray) and outputs.shape == (T, H):
                looks.append(_look(trial, case, outputs))
            else:
                misfits.append(trial)
            if cell == "rnn":
                break
        if looks:
            return max(looks, key=lambda look: look[0])[1]
        if cell == "rnn" and misfits:
            break
    plain = (trial._replace(rows=False) for trial in misfits if trial.biases != "rows")
    return next(plain, form)


def _outputs(function: Callable[..., Any], case: Case, trial: Form) -> Any:
    """What it returns; of one that returns its last output alone, (H,), those of each length."""
    inputs, arguments = case.inputs[0], trial.arguments(case.weights[0])
    outputs = function(inputs, *arguments)
    if not isinstance(outputs, np.ndarray) or outputs.shape != (H,):
        return outputs
    lengths = range(1, T + 1)
    return np.stack([np.array(function(inputs[:count], *arguments)) for count in lengths])


def _trials(form: Form, cell: str) -> Iterator[Form]:
    """Every layout that the arrays of this cell may have."""
    several = form.bias and form.biases == "sum" and cell != "rnn"
    for biases in ("rows", "sum") if several else (form.biases,):
        for rows in (False, True):
            yield form._replace(cell=cell, biases=biases, rows=rows)


@cache
def probe_case(cell: str, bias: bool, biases: str, reset_after: bool = True) -> Case:
    """Three steps of two inputs and five units, of both signs, where no two equations meet.

    A sum of both biases is b_W alone.
    """
    rows = len(CELLS[cell].GATES) * H
    shapes = {"W": (rows, I), "U": (rows, H), "b_W": (rows,), "b_U": (rows,)}
    arrays = {name: _wave(*shape) for name, shape in shapes.items()}
    arrays["b_W"] = arrays["b_W"] * bias
    arrays["b_U"] = arrays["b_U"][::-1] * (bias and biases != "sum")
    config = Config(I, H, cell=cell, bias=bias, dtype="float64", reset_after=reset_after)
    return Case(config, (CellWeights(**arrays),), _wave(1, T, I))


def _wave(*shape: int) -> np.ndarray:
    return np.asarray(np.sin(np.arange(1.0, 1 + np.prod(shape))).reshape(shape))


def _look(trial: Form, case: Case, outputs: np.ndarray) -> Look:
    """How much of the outputs (T, H) an equation gives, and the form with what that shows."""
    if outputs.dtype.kind != "f":
        return NOTHING, trial
    if trial.cell == "rnn":
        return NOTHING, trial._replace(nonlinearity=_nonlinearity(case, outputs[0]))
    values = equations(trial.cell, trial.bias, trial.biases)
    for (gates, reset_after), expected in values.items():
        if _is_near(outputs, expected):
            return EVERYTHING, trial._replace(gates=gates, reset_after=reset_after)
    alike = [name for name, expected in values.items() if _is_near(outputs[0], expected[0])]
    if len({gates for gates, _ in alike}) != 1:
        return NOTHING, trial
    (gates, _), *_ = alike
    # It starts from zeros, where a gru's reset gate acts on b_hn alone.
    return FIRST_STEP, trial._replace(gates=gates, reset_after=None)


@cache
def equations(
    cell: str, bias: bool, biases: str
) -> dict[tuple[tuple[str, ...], bool | None], np.ndarray]:
    """The outputs (T, H) of the probe by the order of gates, and for a gru by `reset_after`."""
    ours, outputs = CELLS[cell].GATES, {}
    for order in ORDERS[cell]:
        for reset_after in (True, False) if cell == "gru" else (None,):
            case = probe_case(cell, bias, biases, reset_after is not False)
            arrays = case.weights[0].arrays()
            read = {name: reordered(array, order, ours) for name, array in arrays.items()}
            case = replace(case, weights=(CellWeights(**read),))
            outputs[order, reset_after] = layers(case, partial(recur, right_step)).sequence[0]
    return outputs


def _nonlinearity(case: Case, output: np.ndarray) -> str:
    """The activation that the first step's output (H,) shows."""
    (cell,) = case.weights
    z = cell.W @ case.inputs[0, 0] + cell.b_W + cell.b_U
    near = (name for name, function in ACTIVATIONS.items() if _is_near(output, function(z)))
    return next(near, "")


def _is_near(outputs: np.ndarray, expected: np.ndarray) -> bool:
    return bool(np.abs(outputs - expected).max() <= NEAR)
