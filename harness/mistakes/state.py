"""The state: where it starts, how it is carried on, whom it belongs to."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from harness.draw.features import has
from harness.mistakes.mistake import Edits, Mistake, Run, always, final_of, pre_activation, run
from references.case import Case, Outputs
from references.cells.walk import Moment


def _initial(change: Callable[[Case], np.ndarray]) -> Edits:
    return Edits(case=lambda case: replace(case, h_0=change(case), origin=""))


def _at_half(now: Moment) -> bool:
    return now.t + 1 == (now.time + 1) // 2


def _directions_swapped(case: Case) -> np.ndarray:
    L, D = case.config.num_layers, case.config.num_directions
    return case.h_0.reshape(L, D, case.batch, -1)[:, ::-1].reshape(case.h_0.shape)


def _layers_reversed(case: Case) -> np.ndarray:
    L, D = case.config.num_layers, case.config.num_directions
    return case.h_0.reshape(L, D, case.batch, -1)[::-1].reshape(case.h_0.shape)


def _axes_mixed(case: Case) -> np.ndarray:
    """Read as (B, L*D, H) where it is (L*D, B, H)."""
    cells, B, H = case.h_0.shape
    return np.ascontiguousarray(case.h_0.reshape(B, cells, H).transpose(1, 0, 2))


def _across_calls() -> Run:
    kept: dict[tuple[int, ...], np.ndarray] = {}

    def carried(case: Case) -> Outputs:
        shape = case.h_0.shape
        outputs = run(
            replace(case, h_0=kept.get(shape, case.h_0).astype(case.config.dtype)),
            Edits(),
        )
        if np.isfinite(final_of(outputs)).all():
            kept[shape] = final_of(outputs)
        return outputs

    return carried


MISTAKES = (
    Mistake(
        "initial state ignored",
        "state",
        "The loop starts from zeros whatever the initial state.",
        "pass h_0 (torch: second argument; Keras: initial_state=)",
        has("initial_state"),
        _initial(lambda case: np.zeros_like(case.h_0)),
    ),
    Mistake(
        "initial state of ones",
        "state",
        "The loop starts from ones.",
        "start from the given state, zeros by default",
        always,
        _initial(lambda case: np.ones_like(case.h_0)),
    ),
    Mistake(
        "initial state rows reversed",
        "state",
        "Each row starts from another row's state.",
        "after sorting by length, sort h_0 too",
        has("initial_state", "several_rows"),
        _initial(lambda case: case.h_0[:, ::-1]),
    ),
    Mistake(
        "initial state layers reversed",
        "state",
        "Each layer starts from another layer's state.",
        "h_0 is (L*D, B, H), lowest layer first",
        has("initial_state", "several_layers"),
        _initial(_layers_reversed),
    ),
    Mistake(
        "initial state directions swapped",
        "state",
        "Forward and backward start from each other's state.",
        "h_0[layer * 2] is forward, h_0[layer * 2 + 1] backward",
        has("initial_state", "bidirectional"),
        _initial(_directions_swapped),
    ),
    Mistake(
        "initial state axes mixed",
        "state",
        "The initial state's layer and batch axes are mixed up by a reshape.",
        "transpose, do not reshape; h_0 is (L*D, B, H) even with batch_first",
        lambda case: len(case.weights) > 1 and case.batch > 1 and bool(case.h_0.any()),
        _initial(_axes_mixed),
    ),
    Mistake(
        "state not carried",
        "state",
        "Every step starts from the initial state.",
        "set state_t = output_t at the end of the step",
        has("several_steps"),
        Edits(carry=lambda now, output: now.initial[0]),
    ),
    Mistake(
        "state dropped",
        "state",
        "Every step after the first starts from zeros.",
        "set state_t = output_t at the end of the step",
        has("several_steps"),
        Edits(carry=lambda now, output: np.zeros_like(output)),
    ),
    Mistake(
        "state of the step before",
        "state",
        "The recurrence reads the state of two steps ago.",
        "update the state before the next step reads it",
        has("several_steps"),
        Edits(carry=lambda now, output: now.last_output),
    ),
    Mistake(
        "state leaks between rows",
        "state",
        "Each row goes on from its neighbour's state.",
        "keep the batch axis of the state apart from the time axis",
        has("several_rows", "several_steps"),
        Edits(carry=lambda now, output: np.roll(output, 1, axis=1)),
    ),
    Mistake(
        "state shared by the batch",
        "state",
        "All rows go on from the first row's state.",
        "the state is (B, H), one for each row",
        has("several_rows", "several_steps"),
        Edits(carry=lambda now, output: np.repeat(output[:, :1], output.shape[1], axis=1)),
    ),
    Mistake(
        "state lost at a chunk boundary",
        "state",
        "The state is zero again in the middle of the sequence.",
        "carry h_n of one chunk into h_0 of the next",
        lambda case: case.time > 2,
        Edits(carry=lambda now, output: output * 0 if _at_half(now) else output),
    ),
    Mistake(
        "state reset at a chunk boundary",
        "state",
        "The second half of the sequence starts from the initial state again.",
        "carry h_n of one chunk into h_0 of the next",
        lambda case: case.time > 2 and bool(case.h_0.any()),
        Edits(carry=lambda now, output: now.initial[0] if _at_half(now) else output),
    ),
    Mistake(
        "pre-activation carried",
        "state",
        "The pre-activation, not the output, goes on to the next step.",
        "state_t = output_t, after the activation",
        lambda case: case.time > 1 and case.config.nonlinearity != "linear",
        Edits(carry=lambda now, output: pre_activation(now)),
    ),
    Mistake(
        "state added",
        "state",
        "The next state is the old one plus the output.",
        "state_t = output_t: a vanilla RNN has no residual path",
        has("several_steps"),
        Edits(carry=lambda now, output: now.state_t + output),
    ),
    Mistake(
        "state carried across calls",
        "state",
        "A call starts from where the call before it ended.",
        "stateful=False in Keras, or reset_state() between sequences",
        always,
        stateful=_across_calls,
    ),
)
