"""Two directions mixed up."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from harness.draw.features import has
from harness.mistakes.mistake import Edits, Mistake
from references.case import Case, Outputs


def _halves(outputs: Outputs) -> tuple[np.ndarray, np.ndarray]:
    forward, backward = np.split(outputs.sequence, 2, axis=2)
    return forward, backward


def _joined(change: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]) -> Edits:
    return Edits(
        outputs=lambda case, outputs: Outputs(
            np.concatenate(change(*_halves(outputs)), axis=2), outputs.h_n
        )
    )


def _weights_swapped(case: Case) -> Case:
    return replace(
        case,
        weights=tuple(case.weights[index ^ 1] for index in range(len(case.weights))),
        origin="",
    )


def _same_weights(case: Case) -> Case:
    return replace(
        case,
        weights=tuple(case.weights[index & ~1] for index in range(len(case.weights))),
        origin="",
    )


def _wrong_end(case: Case, outputs: Outputs) -> Outputs:
    """The backward final state is taken at the last time, where the backward direction has only begun."""
    if outputs.h_n is None:
        return outputs
    final = outputs.h_n.copy()
    final[-1] = _halves(outputs)[1][:, -1]
    return Outputs(outputs.sequence, final)


ORDER = "the forward half stands first: PyTorch's and Keras' concat"
MISTAKES = (
    Mistake(
        "backward half not re-aligned",
        "direction",
        "The backward outputs stand in the order in which they were computed.",
        "flip the backward outputs in time before joining",
        has("bidirectional", "several_steps"),
        _joined(lambda forward, backward: (forward, backward[:, ::-1])),
    ),
    Mistake(
        "halves the other way",
        "direction",
        "The backward half stands first.",
        ORDER,
        has("bidirectional"),
        _joined(lambda forward, backward: (backward, forward)),
    ),
    Mistake(
        "directions' weights swapped",
        "direction",
        "Forward and backward use each other's weights.",
        "weights[layer * 2] is forward, weights[layer * 2 + 1] backward (torch: _reverse)",
        has("bidirectional"),
        Edits(case=_weights_swapped),
    ),
    Mistake(
        "one direction's weights twice",
        "direction",
        "Both directions use the forward weights.",
        "load the _reverse weights too",
        has("bidirectional"),
        Edits(case=_same_weights),
    ),
    Mistake(
        "halves summed",
        "direction",
        "Each half is the sum of both directions.",
        "merge_mode='concat' in Keras",
        has("bidirectional"),
        _joined(lambda forward, backward: (forward + backward, forward + backward)),
    ),
    Mistake(
        "forward half twice",
        "direction",
        "The second half repeats the first.",
        "run the backward direction",
        has("bidirectional"),
        _joined(lambda forward, _: (forward, forward)),
    ),
    Mistake(
        "backward half missing",
        "direction",
        "The second half is zeros.",
        "run the backward direction",
        has("bidirectional"),
        _joined(lambda forward, backward: (forward, backward * 0)),
    ),
    Mistake(
        "final state of the wrong end",
        "direction",
        "The backward final state is its output at the last time, its first step.",
        "the backward direction ends at time 0",
        has("bidirectional", "several_steps"),
        Edits(outputs=_wrong_end),
    ),
)
