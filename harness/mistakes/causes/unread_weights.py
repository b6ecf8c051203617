"""Tells an implementation that does not read the case's weights, and says how to go on."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np

from harness.judge.calls.observe import Implementation, observe
from harness.judge.calls.recorded import recorded
from harness.judge.calls.second_calls import other_weights, unlike_weights
from harness.judge.judge import judge
from harness.judge.verdict import Kind
from harness.mistakes.causes.comparison import same
from harness.mistakes.causes.evidence import Sample
from references.case import Case, Outputs
from references.numpy_rnn import run as loop

OWN_WEIGHTS = (
    "It does not read case.weights: for three sets of weights its outputs are bit-identical, and "
    "{} for the case's. Has it weights of its own? Then put these into the case "
    "(references.read), and call check(case, function, fixed_weights=True), or compare it. "
    "verify draws weights, and cannot judge it. "
    "Does it keep weights from an earlier call? Then load them in each call."
)


def unread_weights(
    own: Sample, larger: Sequence[Sample], exact: Sequence[Sample], implementation: Implementation
) -> str:
    """Says that no weights are read; empty where some are, or where nothing shows it.

    The smallest case, `own`, may not: the loop makes the same of it whatever the weights, of zeros
    say. On all `exact` ones it shows.
    """
    if not all(reads_no_weights(one.case, implementation) for one in exact):
        return ""
    for sample in (own, *larger):
        if reads_no_weights(sample.case, implementation):
            return OWN_WEIGHTS.format(_word(sample))
    return ""


def keeps_weights(case: Case, implementation: Implementation) -> bool:
    """It does not read the weights of this case anew, and is right on it or on an earlier one."""
    if not reads_no_weights(case, implementation):
        return False
    cases = case, other_weights(case)
    both = [(item, observe(item, implementation).outputs) for item in cases]
    return any(outputs is not None and is_right(item, outputs) for item, outputs in both)


def reads_no_weights(case: Case, implementation: Implementation) -> bool:
    """It gives the same for three sets of weights, of which the loop makes different outputs.

    Outputs that are all one number come of many weights, a relu's zeros for instance. On a small
    case, other outputs may: of a gate that is closed, say.
    """
    cases = case, other_weights(case), unlike_weights(case)
    outputs = [observe(item, implementation).outputs for item in cases]
    sequences = [one.sequence for one in outputs if one is not None]
    if len(sequences) < len(cases) or np.unique(sequences[0]).size < 2:
        return False
    right = [loop(item).sequence for item in cases]
    return all(np.array_equal(*pair) for pair in pairwise(sequences)) and not any(
        np.array_equal(*pair, equal_nan=True) for pair in combinations(right, 2)
    )


def is_right(case: Case, outputs: Outputs) -> bool:
    """They are those of the loop, or inside of what is right."""
    return same(outputs, loop(case)) or _kind(case, outputs) == "agrees"


def _kind(case: Case, outputs: Outputs) -> Kind:
    return judge(case, recorded(case, outputs), calls=1).kind


def _word(sample: Sample) -> str:
    """Says in words of what kind the outputs are."""
    layers = [layer for layer in sample.layers if layer is not None]
    is_whole = len(layers) == sample.case.config.num_layers
    outputs = replace(sample.outputs, layers=layers) if is_whole else sample.outputs
    kind = _kind(sample.case, outputs)
    return {"agrees": "right", "differs": "wrong"}.get(kind, "not decided")
