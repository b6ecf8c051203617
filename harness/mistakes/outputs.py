"""The right numbers in the wrong place: axes, sequence, final state; and arguments ignored."""

from dataclasses import replace

import numpy as np

from harness.mistakes.mistake import Mistake, Run, run
from references.case import Case, Outputs


def several_cells(case: Case) -> bool:
    """There is more than one layer or direction."""
    return len(case.weights) > 1


def mix_axes(array: np.ndarray) -> np.ndarray:
    """Swaps the first two axes by a reshape where they should be transposed, then transposes."""
    first, second, last = array.shape
    return array.reshape(second, first, last).transpose(1, 0, 2)


def _as_many_rows_as_steps(case: Case) -> bool:
    return case.batch == case.time


def _swap_axes(array: np.ndarray) -> np.ndarray:
    return array.transpose(1, 0, 2)


def _first_output(case: Case, outputs: Outputs) -> Outputs:
    h_n = np.array(outputs.h_n)
    h_n[-case.config.num_directions] = outputs.sequence[:, 0, : case.config.hidden_size]
    return Outputs(outputs.sequence, h_n)


def _states_before(case: Case, outputs: Outputs) -> Outputs:
    """Shows each step's state before it, as far as no step is masked."""
    D, halves = case.config.num_directions, []
    for direction, half in enumerate(np.split(outputs.sequence, D, axis=2)):
        start = case.h_0[len(case.weights) - D + direction][:, np.newaxis]
        shift = [half[:, 1:], start] if direction else [start, half[:, :-1]]
        halves.append(np.concatenate(shift, axis=1))
    return Outputs(np.concatenate(halves, axis=2), outputs.h_n)


def _one_buffer() -> Run:
    """Returns the same array for every call of one shape."""
    buffers: dict[tuple[object, ...], np.ndarray] = {}

    def fill(case: Case) -> Outputs:
        outputs = run(case)
        key = (*outputs.sequence.shape, case.config.dtype)
        buffer = buffers.setdefault(key, outputs.sequence)
        buffer[...] = outputs.sequence
        return Outputs(buffer, outputs.h_n)

    return fill


AXES = (
    Mistake("batch for time", "The recurrence runs over the batch axis.")
    .to_fix("batch_first=True in torch, where inputs are (B, T, I)")
    .when("several_rows", _as_many_rows_as_steps)
    .change_case(inputs=_swap_axes)
    .change_outputs(sequence=_swap_axes),
    Mistake(
        "batch and time mixed by a reshape",
        "The inputs are reshaped to the other order of axes, not transposed.",
    )
    .to_fix("use transpose(1, 0, 2)")
    .when("several_rows", "several_steps")
    .change_case(inputs=mix_axes),
)
OUTPUT = (
    Mistake("last output for all", "Every step shows the last output: one buffer for all steps.")
    .to_fix("append a copy, output_t.copy()")
    .when("several_steps")
    .change_outputs(sequence=lambda y: np.repeat(y[:, -1:], y.shape[1], axis=1)),
    Mistake("first output for all", "Every step shows the first output.")
    .to_fix("append the output of each step")
    .when("several_steps")
    .change_outputs(sequence=lambda y: np.repeat(y[:, :1], y.shape[1], axis=1)),
    Mistake("units reversed", "The outputs' units are in another order.")
    .to_fix("keep one order of units in weights and outputs")
    .when("several_units")
    .change_outputs(sequence=lambda y: y[:, :, ::-1]),
    Mistake("rows reversed", "The outputs' rows are in another order.")
    .to_fix("undo the sorting by length")
    .when("several_rows")
    .change_outputs(sequence=np.flipud),
    Mistake("state for output", "Each step shows the state before it.")
    .to_fix("append the output after the step")
    .change(outputs=(_states_before,)),
    Mistake("final state of the first step", "The final state is the first output.")
    .to_fix("the final state is the output of the last step")
    .when("several_steps")
    .change(outputs=(_first_output,)),
    Mistake("final state of zeros", "The final state is zeros.")
    .to_fix("return the last state")
    .change_outputs(h_n=lambda h_n: h_n * 0),
    Mistake(
        "final states in reverse",
        "The final states of layers and directions stand the other way round.",
    )
    .to_fix("h_n is (L*D, B, H), lowest layer first")
    .when(several_cells)
    .change_outputs(h_n=np.flipud),
    Mistake("one buffer for all calls", "The next call overwrites the outputs of this one.")
    .to_fix("return a copy, output.copy()")
    .remember(_one_buffer),
)
ATTRIBUTE = (
    Mistake("go_backwards ignored", "The sequence is read forwards.")
    .to_fix("go_backwards=True reverses the input in time")
    .when("go_backwards", "several_steps")
    .change_case(config=lambda config: replace(config, go_backwards=False)),
)
