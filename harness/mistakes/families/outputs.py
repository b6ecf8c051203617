"""The right numbers in the wrong place: axes, sequence, final state; and arguments ignored."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from harness.mistakes.enclose import again
from harness.mistakes.mistake import Mistake, Run, run
from references.case import Case, Outputs


def several_cells(case: Case) -> bool:
    """There is more than one layer or direction."""
    return len(case.weights) > 1


def mix_axes(array: np.ndarray) -> np.ndarray:
    """Swaps the first two axes by a reshape where they should be transposed, then transposes."""
    first, second, last = array.shape
    return array.reshape(second, first, last).transpose(1, 0, 2)


def _swap_axes(array: np.ndarray) -> np.ndarray:
    return array.transpose(1, 0, 2)


def _time_first(case: Case) -> Case:
    """Reads (B, T, I) as (T, B, I); an initial state that does not fit is left out."""
    h_0, c_0 = case.h_0, case.c_0
    if case.batch != case.time:
        h_0 = np.zeros_like(case.h_0, shape=(len(h_0), case.time, h_0.shape[2]))
        c_0 = None if c_0 is None else np.zeros_like(h_0)
    return replace(case, inputs=_swap_axes(case.inputs), h_0=h_0, c_0=c_0, origin="")


def _batch_first(_: Case, outputs: Outputs) -> Outputs:
    return Outputs(_swap_axes(outputs.sequence), None)


def _several_of_both(case: Case) -> bool:
    return max(case.batch, case.time) > 1 and case.mask is None


def _initial_first(case: Case, outputs: Outputs) -> Outputs:
    """The list of outputs begins with the initial state: one too many."""
    start = np.concatenate([*case.h_0[-case.config.num_directions :]], axis=1)
    sequence = np.concatenate([start[:, np.newaxis], outputs.sequence], axis=1)
    return replace(outputs, sequence=sequence, layers=None)


def _shape(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Case, Outputs], Outputs]:
    return lambda _, outputs: replace(outputs, sequence=change(outputs.sequence), layers=None)


def _first_output(case: Case, outputs: Outputs) -> Outputs:
    h_n = np.array(outputs.h_n)
    h_n[-case.config.num_directions] = outputs.sequence[:, 0, : case.config.hidden_size]
    return replace(outputs, h_n=h_n, layers=None)


def _last_position(case: Case, outputs: Outputs) -> Outputs:
    D = case.config.num_directions
    h_n = np.array(outputs.h_n, outputs.sequence.dtype)
    for direction, half in enumerate(np.split(outputs.sequence, D, axis=2)):
        h_n[len(h_n) - D + direction] = half[:, 0 if direction else -1]
    return replace(outputs, h_n=h_n, layers=None)


def _after_pads(case: Case, outputs: Outputs) -> Outputs:
    to_the_end = again(replace(case, mask=None), outputs)
    return replace(outputs, h_n=to_the_end.h_n, c_n=to_the_end.c_n, layers=None)


def _states_before(case: Case, outputs: Outputs) -> Outputs:
    """Shows each step's state before it, as far as no step is masked."""
    D, halves = case.config.num_directions, []
    for direction, half in enumerate(np.split(outputs.sequence, D, axis=2)):
        start = case.h_0[len(case.weights) - D + direction][:, np.newaxis]
        shift = [half[:, 1:], start] if direction else [start, half[:, :-1]]
        halves.append(np.concatenate(shift, axis=1))
    return replace(outputs, sequence=np.concatenate(halves, axis=2), layers=None)


def _one_buffer() -> Run:
    """Returns the same array for every call of one shape."""
    buffers: dict[tuple[object, ...], np.ndarray] = {}

    def fill(case: Case) -> Outputs:
        outputs = run(case)
        key = (*outputs.sequence.shape, case.config.dtype)
        buffer = buffers.setdefault(key, outputs.sequence)
        buffer[...] = outputs.sequence
        return replace(outputs, sequence=buffer, layers=None)

    return fill


AXES = (
    Mistake("batch for time", "The recurrence runs over the batch axis.")
    .to_fix("loop over axis 1 of (B, T, I), or transpose first", "pass batch_first=True in torch")
    .when(_several_of_both)
    .change(case=(_time_first,), outputs=(_batch_first,)),
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
    Mistake("outputs concatenated", "The outputs of all steps stand in one long row.")
    .to_fix("join the outputs with np.stack, not np.concatenate")
    .change(outputs=(_shape(lambda y: y.reshape(len(y), -1)),)),
    Mistake("last output alone", "Only the last output is returned, as a sequence of one step.")
    .to_fix("return the output of every step", "pass return_sequences=True in Keras")
    .when("several_steps")
    .change(outputs=(_shape(lambda y: y[:, -1:]),)),
    Mistake("outputs transposed", "The outputs are (H, T), with time on the last axis.")
    .to_fix("stack outputs on axis 0, so that they are (T, H)")
    .when(lambda case: case.time != case.config.output_size)
    .change(outputs=(_shape(lambda y: y.swapaxes(1, 2)),)),
    Mistake("one output short", "One output is missing.")
    .to_fix("loop over every step: check the ends of range")
    .change(outputs=(_shape(lambda y: y[:, 1:]),)),
    Mistake("one output too many", "The outputs begin with the initial state.")
    .to_fix("begin with an empty list of outputs")
    .change(outputs=(_initial_first,)),
    Mistake("outputs as columns", "Each output is a column (H, 1), not (H,).")
    .to_fix("keep the state (H,), or take [:, 0] of each output")
    .change(outputs=(_shape(lambda y: y[..., np.newaxis]),)),
    Mistake("outputs as rows", "Each output is a row (1, H), not (H,).")
    .to_fix("keep the state (H,), or take [0] of each output")
    .change(outputs=(_shape(lambda y: y[:, :, np.newaxis]),)),
    Mistake("* for dot", "Matrix and vector are multiplied element by element.")
    .to_fix("write np.dot(W, input_t), not W * input_t")
    .of("rnn")
    .when(lambda case: case.config.input_size == case.config.hidden_size)
    .change(outputs=(_shape(lambda y: y[..., np.newaxis].repeat(y.shape[2], axis=3)),)),
    Mistake("final state of the first step", "The final state is the first output.")
    .to_fix("the final state is the output of the last step")
    .when("several_steps")
    .change(outputs=(_first_output,)),
    Mistake("final state of the last position", "The final state is the output shown last.")
    .to_fix("the final state is that after the last valid step")
    .when("masked", masked_output="zero")
    .change(outputs=(_last_position,)),
    Mistake("final state after the pads", "The recurrence runs on to the end for the final state.")
    .to_fix("the final state is that after the last valid step")
    .when("masked")
    .change(outputs=(_after_pads,)),
    Mistake("final state of zeros", "The final state is zeros.")
    .to_fix("return the last state")
    .change_outputs(h_n=lambda h_n: h_n * 0, c_n=lambda c_n: c_n * 0),
    Mistake(
        "final states in reverse",
        "The final states of layers and directions stand the other way round.",
    )
    .to_fix("h_n is (L*D, B, H), lowest layer first")
    .when(several_cells)
    .change_outputs(h_n=np.flipud, c_n=np.flipud),
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
