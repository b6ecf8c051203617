"""Two directions mixed up."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from harness.mistakes.families.state import has_start
from harness.mistakes.mistake import Mistake
from references.case import Case, CellWeights, Outputs
from references.cells.walk import Pass

Half = np.ndarray  # (B, T, H)


def _several_rows_or_steps(case: Case) -> bool:
    return case.batch > 1 or case.time > 1


def _halves(change: Callable[[Half, Half], tuple[Half, Half]]) -> Callable[[Half], Half]:
    return lambda sequence: np.concatenate(change(*np.split(sequence, 2, axis=2)), axis=2)


def _wrong_end(case: Case, outputs: Outputs) -> Outputs:
    """Takes the backward h_n at the last time, where the backward direction has only begun."""
    h_n = np.array(outputs.h_n)
    h_n[-1] = np.split(outputs.sequence, 2, axis=2)[1][:, -1]
    return replace(outputs, h_n=h_n, layers=None)


def of_backward(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Changes every second array: that of the backward direction."""
    return lambda arrays: np.stack([*map(_if_backward(change), range(len(arrays)), arrays)])


def of_forward(arrays: np.ndarray) -> np.ndarray:
    """Puts the forward direction's array in the place of the backward one's."""
    return arrays[[i & ~1 for i in range(len(arrays))]]


def _if_backward(change: Callable[[Any], Any]) -> Callable[[int, Any], Any]:
    return lambda index, item: change(item) if index % 2 else item


def _unbiased(cell: CellWeights) -> CellWeights:
    return replace(cell, b_W=cell.b_W * 0, b_U=cell.b_U * 0)


def _forwards(part: Pass) -> np.ndarray:
    """Both directions read from the first step on."""
    return part.inputs[:, ::-1] if part.direction else part.inputs


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
    .to_fix("use weights[layer * 2 + 1] backward", "load the _reverse weights too")
    .when("bidirectional")
    .change_case(weights=lambda weights: [weights[i & ~1] for i in range(len(weights))]),
    Mistake("halves summed", "Each half is the sum of both directions.")
    .to_fix("join the halves side by side", "pass merge_mode='concat' in Keras")
    .when("bidirectional")
    .change_outputs(sequence=_halves(lambda ahead, back: (ahead + back,) * 2)),
    Mistake("forward half twice", "The second half repeats the first.")
    .to_fix("run the backward direction")
    .when("bidirectional")
    .change_outputs(sequence=_halves(lambda ahead, back: (ahead, ahead))),
    Mistake("backward half missing", "The second half is zeros.")
    .to_fix("run the backward direction")
    .when("bidirectional")
    .change_outputs(sequence=_halves(lambda ahead, back: (ahead, back * 0))),
    Mistake(
        "backward half flipped over the batch",
        "The backward outputs are put back in order over the batch axis, not over time.",
    )
    .to_fix("flip axis 1 of (B, T, H)")
    .when("bidirectional", _several_rows_or_steps)
    .change_outputs(sequence=_halves(lambda ahead, back: (ahead, back[::-1, ::-1]))),
    Mistake("backward cell reads forward", "Both directions read the inputs in the same order.")
    .to_fix("reverse the inputs in time for the backward cell", "pass go_backwards=True to it")
    .when("bidirectional", "several_steps", num_layers=1)
    .change(read=_forwards)
    .change_outputs(sequence=_halves(lambda ahead, back: (ahead, back[:, ::-1]))),
    Mistake("backward initial state ignored", "The backward direction starts from zeros.")
    .to_fix("give each direction its initial state")
    .when("bidirectional", has_start)
    .change_case(h_0=of_backward(np.zeros_like), c_0=of_backward(np.zeros_like)),
    Mistake("one initial state for both directions", "Backward starts from forward's state.")
    .to_fix("h_0[layer * 2] is forward, h_0[layer * 2 + 1] backward")
    .when("bidirectional", has_start)
    .change_case(h_0=of_forward, c_0=of_forward),
    Mistake("backward bias dropped", "The backward direction has no bias.")
    .to_fix("add both biases in each direction", "load bias_ih and bias_hh with _reverse too")
    .when("bidirectional", "bias")
    .change_case(weights=lambda cells: [*map(_if_backward(_unbiased), range(len(cells)), cells)]),
    Mistake(
        "final state of the wrong end",
        "The backward final state is its output at the last time, its first step.",
    )
    .to_fix("the backward direction ends at time 0")
    .when("bidirectional", "several_steps")
    .change(outputs=(_wrong_end,)),
)
