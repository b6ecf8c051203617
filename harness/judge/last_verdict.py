"""Judges a function by its last outputs: each is from a call of its own, on a case of its length.

Right calls need not agree in the bits of their states, which chaos drives apart.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from harness.judge.bounds.enclosure import Enclosure
from harness.judge.calls.last_outputs import ALONE
from harness.judge.certificate import Certificate, certify
from harness.judge.compare import compare
from harness.judge.lengths import Lengths, lengths_of
from harness.judge.propagate import enclosure_of, propagate
from harness.judge.verdict import Verdict
from references.case import Case, Outputs
from references.cells.walk import halves

OTHER_BITS = (
    f"{ALONE}: outputs lie outside of their bounds, and inside of what calls that differ in their "
    "bits can give"
)
ONE_STEP = (
    f"{ALONE}, whose backward half is after one step, as that of torch's output[:, -1]. "
    "Return h_n of both directions, as Keras does, or every output"
)


@np.errstate(all="ignore")
def verdict_on_last_outputs(
    case: Case,
    name: str,
    outputs: Outputs,
    layers: Sequence[np.ndarray],
    activation_error: float = 0.0,
) -> Verdict:
    """The verdict on outputs that `last_outputs` put together, of these layers."""
    lengths = lengths_of(case)
    if any(map(np.iscomplexobj, layers)) and not lengths.is_all:
        lengths = lengths.without_groups
    if not (lengths.is_all or lengths.groups):  # the last states are after other steps
        outputs = Outputs(outputs.sequence)
    certificates = certify(case, layers, lengths, activation_error)
    verdict = compare(case, name, outputs, certificates)
    if verdict.wrong and case.config.bidirectional and _is_after_one_step(certificates[1]):
        verdict = Verdict("refused", name, case, ONE_STEP)
    elif verdict.wrong and (reason := _reason_of_bits(case, outputs, layers, lengths)):
        verdict = Verdict("inconclusive", name, case, reason)
    sample = "" if lengths.is_all else _sample(case, lengths)
    return replace(verdict, by_last_outputs=True, sample=sample)


def _is_after_one_step(backward: Certificate) -> bool:
    """Tells whether all these outputs are wrong or right alike as those of the first step."""
    if backward.enclosure.holds(backward.actual).all():
        return False
    first = Enclosure(*(array[:, :1] for array in backward.enclosure))
    return bool(first.holds(backward.actual).all())


def _reason_of_bits(
    case: Case, outputs: Outputs, layers: Sequence[np.ndarray], lengths: Lengths
) -> str:
    """Says why outputs that lie outside may come of right calls; empty where they may not."""
    if not _may_be_right(case, outputs, layers, lengths, lengths.first):
        return ""
    if lengths.groups and not _may_be_right(case, outputs, layers, lengths, case.time):
        return ""
    return OTHER_BITS


def _may_be_right(
    case: Case, outputs: Outputs, layers: Sequence[np.ndarray], lengths: Lengths, count: int
) -> bool:
    """Tells whether the first `count` steps of each layer may come of right calls, one for each.

    Complex layers are enclosed, as `propagate` does: they say nothing.
    """
    some_enclosed = any(map(np.iscomplexobj, layers))
    right = propagate(case, unrounded=some_enclosed, count=count)
    if (
        outputs.c_n is not None
        and right.c_n is not None
        and count == case.time
        and not enclosure_of(right.c_n).holds(outputs.c_n).all()
    ):
        return False
    enclosed = right.layers or ()
    steps = [length - 1 for length in lengths.all if length <= count]
    D = case.config.num_directions
    pairs = (
        pair
        for own, every in zip(layers, enclosed, strict=True)
        if not np.iscomplexobj(own)
        for pair in zip(halves(own, D), halves(every, D), strict=True)
    )
    return all(
        bool(enclosure_of(every[:, steps]).holds(own[:, steps]).all()) for own, every in pairs
    )


def _sample(case: Case, lengths: Lengths) -> str:
    """Says in words which lengths the case was cut to, and which steps these show."""
    count = lengths.steps_after(2 if case.config.cell == "lstm" else 1).size
    others = f" and {count} others" if count else ""
    each = " of each direction" if case.config.bidirectional else ""
    steps = f"the first {lengths.first:,} steps{each}{others}"
    return f"{len(lengths.all):,} of its {case.time:,} lengths, which show {steps}"
