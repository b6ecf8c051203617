"""Two directions mixed up."""

from collections.abc import Callable

import numpy as np

from harness.mistakes.mistake import Mistake
from references.case import Case, Outputs

Half = np.ndarray  # (B, T, H)


def _halves(change: Callable[[Half, Half], tuple[Half, Half]]) -> Callable[[Half], Half]:
    return lambda sequence: np.concatenate(change(*np.split(sequence, 2, axis=2)), axis=2)


def _wrong_end(case: Case, outputs: Outputs) -> Outputs:
    """Takes the backward h_n at the last time, where the backward direction has only begun."""
    h_n = np.array(outputs.h_n)
    h_n[-1] = np.split(outputs.sequence, 2, axis=2)[1][:, -1]
    return Outputs(outputs.sequence, h_n)


MISTAKES = (
    Mistake(
        "backward half not re-aligned",
        "The backward outputs stand in the order in which they were computed.",
    )
    .to_fix("flip the backward outputs in time before joining")
    .when("bidirectional", "several_steps")
    .change_outputs(sequence=_halves(lambda ahead, back: (ahead, back[:, ::-1]))),
    Mistake("halves the other way", "The backward half stands first.")
    .to_fix("the forward half stands first: PyTorch's and Keras' concat")
    .when("bidirectional")
    .change_outputs(sequence=_halves(lambda ahead, back: (back, ahead))),
    Mistake("directions' weights swapped", "Forward and backward use each other's weights.")
    .to_fix("weights[layer * 2] is forward, weights[layer * 2 + 1] backward (torch: _reverse)")
    .when("bidirectional")
    .change_case(weights=lambda weights: [weights[i ^ 1] for i in range(len(weights))]),
    Mistake("one direction's weights twice", "Both directions use the forward weights.")
    .to_fix("load the _reverse weights too")
    .when("bidirectional")
    .change_case(weights=lambda weights: [weights[i & ~1] for i in range(len(weights))]),
    Mistake("halves summed", "Each half is the sum of both directions.")
    .to_fix("merge_mode='concat' in Keras")
    .when("bidirectional")
    .change_outputs(sequence=_halves(lambda ahead, back: (ahead + back, ahead + back))),
    Mistake("forward half twice", "The second half repeats the first.")
    .to_fix("run the backward direction")
    .when("bidirectional")
    .change_outputs(sequence=_halves(lambda ahead, back: (ahead, ahead))),
    Mistake("backward half missing", "The second half is zeros.")
    .to_fix("run the backward direction")
    .when("bidirectional")
    .change_outputs(sequence=_halves(lambda ahead, back: (ahead, back * 0))),
    Mistake(
        "final state of the wrong end",
        "The backward final state is its output at the last time, its first step.",
    )
    .to_fix("the backward direction ends at time 0")
    .when("bidirectional", "several_steps")
    .change(outputs=(_wrong_end,)),
)
