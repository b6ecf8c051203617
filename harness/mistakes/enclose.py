"""Encloses what the loop with a mistake can give: the mistaken step runs on enclosures too.

So a diagnosis needs no bit-for-bit luck: it holds whatever the order in which an implementation
adds up. An enclosed array is complex, centre + 1j * radius, so that whatever moves or adds numbers
does the same with both.
"""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from harness.judge.bounds.enclosure import Value, point
from harness.judge.bounds.precision import PRECISIONS, Precision, precision_of
from harness.judge.propagate import as_array, weights_of
from harness.mistakes.mistake import NOTHING, Edits, run
from references.case import Case, Outputs
from references.cells.activations import ACTIVATIONS
from references.cells.gates import by_gate
from references.cells.walk import Moment, Pass, States, layers, recur


def enclose(
    case: Case,
    edits: Edits,
    observed: Sequence[np.ndarray | None] | None = None,
    on_arrays: bool = False,
) -> Outputs:
    """Encloses the outputs of the loop with these edits, as complex arrays.

    Each step starts from the `observed` layers (B, T, H*D) where they are given, or some of them.
    Else, and where finished outputs are changed, so that no state can be observed, radii grow from
    step to step.
    Raises NoRule or ComplexWarning for edits that have no rule on enclosures. `on_arrays` computes
    plain numbers from the observed layers instead, which lie in the enclosures.
    """
    sequences = None if edits.outputs else observed
    prepared = edits.prepare(case)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        outputs = layers(prepared, partial(_enclose, edits, sequences, on_arrays))
        for change in edits.outputs:
            unit = PRECISIONS[case.config.dtype].unit
            outputs = _rounded(change(case, outputs), outputs, unit)
    return outputs


def again(case: Case, outputs: Outputs, edits: Edits = NOTHING) -> Outputs:
    """Runs the loop on another case, in the way that gave `outputs`: on arrays, or enclosed."""
    return enclose(case, edits) if np.iscomplexobj(outputs.sequence) else run(case, edits)


def _rounded(new: Outputs, old: Outputs, unit: float) -> Outputs:
    """Gives room for one rounding to numbers that a change computed, not to those that it moved."""

    def widen(array: np.ndarray | None, before: np.ndarray | None) -> np.ndarray | None:
        if array is None or before is None or not np.iscomplexobj(array):
            return array
        moved = np.isin(array.real, before.real)
        return np.where(moved, array, array + 2j * unit * np.abs(array.real))

    sequence = np.asarray(widen(new.sequence, old.sequence))
    h_n, c_n = widen(new.h_n, old.h_n), widen(new.c_n, old.c_n)
    return replace(new, sequence=sequence, h_n=h_n, c_n=c_n)


def _enclose(
    edits: Edits, observed: Sequence[np.ndarray | None] | None, on_arrays: bool, part: Pass
) -> tuple[np.ndarray, States]:
    lift: Any = np.asarray
    arrays = [layer for layer in observed or () if layer is not None]
    if not (on_arrays and arrays):
        lift = partial(lift_array, precision_of(part.case.config.dtype, arrays))
    own = below = None
    if observed is not None:
        own, below = observed[part.layer], observed[part.layer - 1] if part.layer else None
    if below is not None:
        part = part._replace(inputs=below[:, ::-1] if part.direction else below)
    actual = None if own is None else part.half(own)
    # Nobody observes an LSTM's c.
    if actual is None or edits.carry or edits.hold or len(part.initial) > 1:
        return _step_by_step(edits, part, lift, actual)
    return _all_steps_at_once(edits, part, lift, actual)


def _all_steps_at_once(
    edits: Edits, part: Pass, lift: Any, actual: np.ndarray
) -> tuple[np.ndarray, States]:
    """Each step from the state that was observed before it."""
    B, T, H = actual.shape
    states = part.states_before(actual)
    x = lift(_inputs(edits, part).reshape(B * T, -1).T)
    before = lift(states[:, :-1].reshape(B * T, H).T)
    times = np.tile(np.arange(T), B)
    initial = (np.repeat(part.initial[0], T, axis=0).T,)  # of a cell whose only state is h
    p = _weights(part, lift)
    moment = Moment(part, p, times, x, (before,), initial, before, None)  # type: ignore[arg-type]
    outputs = as_array(_new_states(edits, moment)[0]).T.reshape(B, T, H)
    return part.show(outputs, actual), (states[:, -1],)


def _step_by_step(
    edits: Edits, part: Pass, lift: Any, actual: np.ndarray | None
) -> tuple[np.ndarray, States]:
    """Each step from what the one before it leaves, which is observed where `actual` is given."""
    p = _weights(part, lift)
    observed = None if actual is None else part.show(actual, actual)

    def step(now: Moment) -> tuple[np.ndarray, States]:
        if observed is not None and now.t:
            now = now._replace(last_output=observed[:, now.t - 1].T)
        now = now._replace(p=p, input_t=lift(now.input_t), states=tuple(map(lift, now.states)))
        output, *others = map(as_array, _new_states(edits, now))
        own = output if actual is None else actual[:, now.t].T
        if now.valid is not None:  # the state that a masked step computes is not observed
            own = np.where(now.valid, own, output)
        return output, _next(edits, now, (own, *others))

    outputs, states = recur(step, part._replace(inputs=_inputs(edits, part)))
    return outputs if actual is None else part.show(outputs, actual), states


def _new_states(edits: Edits, now: Moment) -> States:
    """The new states of a step, of which a GRU may compute its own as h + (1 - z) (n - h)."""
    new, h = edits.new_states(now), now.state_t
    if now.part.case.config.cell != "gru" or not isinstance(h, Value):
        return new
    (output,) = new
    return (output + (h - h),) if _has_precision_of(h, output) else new


def _has_precision_of(h: Value, output: Any) -> bool:
    return isinstance(output, Value) and output.precision is h.precision


def _next(edits: Edits, now: Moment, new: States) -> States:
    """The states that go on, each (H, B)."""
    return tuple(map(as_array, edits.go_on(now, new, as_array)))


def _inputs(edits: Edits, part: Pass) -> np.ndarray:
    return edits.read(part) if edits.read else part.inputs


def _weights(part: Pass, lift: Any) -> Any:
    if lift is not np.asarray:
        return weights_of(part, lift)
    config = part.case.config
    return by_gate(part.weights, config, ACTIVATIONS[config.nonlinearity])


def lift_array(precision: Precision, array: np.ndarray) -> Value:
    """Stored numbers, complex where they are enclosed, as a value."""
    wide = array.dtype.itemsize >= 4  # a mistake may have made it float16
    return point(array, precision if wide else None)
