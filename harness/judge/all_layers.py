"""Finds every layer's sequence: returned, from calls on fewer layers, or else enclosed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from harness.judge.calls.observe import Implementation, observe
from harness.judge.calls.returned import Observation, malformed
from harness.judge.certificate import certify
from harness.judge.compare import compare
from harness.judge.lengths import Lengths, lengths_of
from harness.judge.propagate import propagate
from references.case import Case, Outputs


class Layers(NamedTuple):
    """Every layer's sequence, lowest first; the lower ones are complex where they are enclosed."""

    sequences: Sequence[np.ndarray] = ()
    trouble: Observation | None = None  # why there are none
    enclosed: str = ""  # why the lower ones are enclosed


def all_layers(
    case: Case, implementation: Implementation, outputs: Outputs, lengths: Lengths | None = None
) -> Layers:
    """Every layer's sequence: from `outputs`, or from runs on the case cut to its lowest layers.

    Where those do not follow the case, the lower ones are enclosed, see `propagate`. Last outputs
    are of these `lengths`.
    """
    L = case.config.num_layers
    if outputs.layers is not None:
        if not np.array_equal(outputs.layers[-1], outputs.sequence, equal_nan=True):
            return Layers(trouble=malformed("Outputs.layers[-1] must equal Outputs.sequence"))
        return Layers(outputs.layers)
    layers: list[np.ndarray] = []
    for count in range(1, L):
        lower = observe(case.first_layers(count), implementation)
        cut = f"its first {count} of {L} layers"
        if lower.outputs is None:
            # What ended its process is no answer, nor what left something behind.
            if lower.kind == "crashed" and not lower.cause:
                reason = f"on the case cut to {cut}: {lower.reason}"
                return Layers(trouble=replace(lower, reason=reason))
            why = f"on the case cut to {cut} {lower.clause}"
            if lower.kind == "inconclusive":
                why = lower.reason
            return _enclosed(case, outputs, why, lengths)
        own = lengths_of(case) if lower.by_last_outputs else None
        if own and not own.is_all and not lengths:
            return _enclosed(case, outputs, f"on {cut} it gives its last output alone", lengths)
        if _has_other_states(case, count, lower.outputs, outputs):
            why = f"the states of layer {count - 1} differ between the whole case and {cut}"
            return _enclosed(case, outputs, why, lengths)
        sequences = [*layers, lower.outputs.sequence]
        if not _follows(case.first_layers(count), sequences, lower.outputs, outputs, own):
            why = f"on {cut} it gives what it gives on all"
            return _enclosed(case, outputs, why, lengths)
        layers = sequences
    return Layers([*layers, outputs.sequence])


def _enclosed(case: Case, outputs: Outputs, why: str, lengths: Lengths | None) -> Layers:
    return Layers(enclosed_below(case, outputs.sequence, lengths), enclosed=why)


def enclosed_below(
    case: Case, highest: np.ndarray, lengths: Lengths | None, activation_error: float = 0.0
) -> list[np.ndarray]:
    """Encloses all layers below the highest; of a sample of lengths, at the first steps alone.

    Each activation may be off by `activation_error` besides.
    """
    count = lengths.first if lengths else case.time
    part = case.first_layers(case.config.num_layers - 1)
    lower = propagate(part, count=count, activation_error=activation_error).layers
    after = ((0, 0), (0, case.time - count), (0, 0))
    padded = (np.pad(layer, after, constant_values=np.nan) for layer in lower or ())
    return [*padded, highest]


def _has_other_states(case: Case, count: int, lower: Outputs, whole: Outputs) -> bool:
    """Tells whether both runs give states of that layer, and these differ."""
    if whole.h_n is None or lower.h_n is None:
        return False
    D = case.config.num_directions
    states = whole.h_n[(count - 1) * D : count * D]
    return not np.array_equal(lower.h_n[(count - 1) * D :], states, equal_nan=True)


def _follows(
    part: Case,
    sequences: Sequence[np.ndarray],
    lower: Outputs,
    whole: Outputs,
    lengths: Lengths | None,
) -> bool:
    """Tells whether a run on the lowest layers, which are `part`, is one of these alone.

    A model with layers of its own gives the same again. So may one that is right, of zeros say. NaN
    throughout says nothing of layers.
    """
    same = np.array_equal(lower.sequence, whole.sequence, equal_nan=True)
    if not same or np.isnan(whole.sequence).all():
        return True
    with np.errstate(all="ignore"):
        verdict = compare(part, "", lower, certify(part, sequences, lengths))
    return verdict.kind == "agrees"
