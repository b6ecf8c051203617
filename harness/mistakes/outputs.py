"""The right numbers in the wrong place: axes, sequence, final state, and arguments that are silently ignored."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from harness.draw.features import has
from harness.mistakes.mistake import Edits, Mistake, always, final_of, hidden, on_sequence
from references.case import Case, Outputs


def _final(change: Callable[[Case, np.ndarray, Outputs], np.ndarray]) -> Edits:
    return Edits(
        outputs=lambda case, outputs: Outputs(
            outputs.sequence, np.ascontiguousarray(change(case, final_of(outputs), outputs))
        )
    )


def _batch_for_time(case: Case) -> Case:
    """Reads (B, T, I) as (T, B, I); only for B = T, where nothing complains."""
    return replace(case, inputs=case.inputs.transpose(1, 0, 2), origin="")


def _transposed_back(case: Case, outputs: Outputs) -> Outputs:
    return Outputs(np.ascontiguousarray(outputs.sequence.transpose(1, 0, 2)), outputs.h_n)


def _reshaped(case: Case) -> Case:
    B, T, I = case.inputs.shape
    return replace(
        case,
        inputs=np.ascontiguousarray(case.inputs.reshape(T, B, I).transpose(1, 0, 2)),
        origin="",
    )


def _first_output(case: Case, final: np.ndarray, outputs: Outputs) -> np.ndarray:
    final = final.copy()
    final[-case.config.num_directions] = outputs.sequence[:, 0, : hidden(case)]
    return final


def _before(case: Case, outputs: Outputs) -> np.ndarray:
    """Each step's state before it, as far as no step is masked."""
    D = case.config.num_directions
    halves = []
    for direction, half in enumerate(np.split(outputs.sequence, D, axis=2)):
        start = case.h_0[len(case.weights) - D + direction][:, np.newaxis]
        halves.append(
            np.concatenate([half[:, 1:], start], axis=1)
            if direction
            else np.concatenate([start, half[:, :-1]], axis=1)
        )
    return np.concatenate(halves, axis=2)


MISTAKES = (
    Mistake(
        "batch for time",
        "axes",
        "The recurrence runs over the batch axis.",
        "batch_first=True in torch, where inputs are (B, T, I)",
        lambda case: case.batch == case.time and case.batch > 1,
        Edits(case=_batch_for_time, outputs=_transposed_back),
    ),
    Mistake(
        "batch and time mixed by a reshape",
        "axes",
        "The inputs are reshaped to the other order of axes, not transposed.",
        "use transpose(1, 0, 2)",
        has("several_rows", "several_steps"),
        Edits(case=_reshaped),
    ),
    Mistake(
        "last output for all",
        "output",
        "Every step shows the last output: one buffer for all steps.",
        "append a copy, output_t.copy()",
        has("several_steps"),
        on_sequence(lambda y: np.repeat(y[:, -1:], y.shape[1], axis=1)),
    ),
    Mistake(
        "first output for all",
        "output",
        "Every step shows the first output.",
        "append the output of each step",
        has("several_steps"),
        on_sequence(lambda y: np.repeat(y[:, :1], y.shape[1], axis=1)),
    ),
    Mistake(
        "units reversed",
        "output",
        "The outputs' units are in another order.",
        "keep one order of units in weights and outputs",
        has("several_units"),
        on_sequence(lambda y: y[:, :, ::-1]),
    ),
    Mistake(
        "rows reversed",
        "output",
        "The outputs' rows are in another order.",
        "undo the sorting by length",
        has("several_rows"),
        on_sequence(lambda y: y[::-1]),
    ),
    Mistake(
        "state for output",
        "output",
        "Each step shows the state before it.",
        "append the output after the step",
        always,
        Edits(outputs=lambda case, outputs: Outputs(_before(case, outputs), outputs.h_n)),
    ),
    Mistake(
        "final state of the first step",
        "output",
        "The final state is the first output.",
        "the final state is the output of the last step",
        has("several_steps"),
        _final(_first_output),
    ),
    Mistake(
        "final state of zeros",
        "output",
        "The final state is zeros.",
        "return the last state",
        always,
        _final(lambda case, final, outputs: final * 0),
    ),
    Mistake(
        "final states in reverse",
        "output",
        "The final states of layers and directions stand the other way round.",
        "h_n is (L*D, B, H), lowest layer first",
        lambda case: len(case.weights) > 1,
        _final(lambda case, final, outputs: final[::-1]),
    ),
    Mistake(
        "go_backwards ignored",
        "attribute",
        "The sequence is read forwards.",
        "go_backwards=True reverses the input in time",
        has("go_backwards", "several_steps"),
        Edits(
            case=lambda case: replace(
                case, config=replace(case.config, go_backwards=False), origin=""
            )
        ),
    ),
)
