"""The state: where it starts, how it is carried on, whom it belongs to."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from harness.mistakes.families.outputs import mix_axes, several_cells
from harness.mistakes.mistake import Mistake, OfState, Run, pre_activation, run
from references.case import Case, Outputs
from references.cells.walk import Moment, States

CARRY = "set state_t = output_t at the end of the step; an LSTM carries c as well"
CHUNKS = "carry h_n of one chunk into h_0 of the next; of an LSTM c_n into c_0 as well"


def has_start(case: Case) -> bool:
    """Some state does not start from zeros."""
    return not case.starts_from_zeros


def _not_linear(case: Case) -> bool:
    return case.config.nonlinearity != "linear"


def at_boundary(carry: Callable[[Moment, Any], Any], place: int | None = None) -> dict[str, Any]:
    """Carries this at the middle of the sequence; a diagnosis looks for it at any step.

    It is carried by every state, or by the one of this place.
    """

    def at_half(now: Moment, output: Any) -> Any:
        return carry(now, output) if now.t + 1 == (now.time + 1) // 2 else output

    changes = {"carry": at_half, "boundary": carry}
    if place is None:
        return changes
    return {part: OfState(place, change) for part, change in changes.items()}


def of_layers(state: np.ndarray, layers: Sequence[int]) -> np.ndarray:
    """States (L*D, B, H), each layer's that of another one: `layers` are L numbers."""
    return state.reshape(len(layers), -1)[list(layers)].reshape(state.shape)


def highest_first(L: int) -> Sequence[int]:
    """The numbers of so many layers from the highest to the lowest."""
    return range(L)[::-1]


def _start_from(order: Callable[[int], Sequence[int]]) -> Callable[[Case], Case]:
    """Gives each layer the initial state of another one: `order` is a list of L layers."""

    def change(case: Case) -> Case:
        layers = order(case.config.num_layers)
        c_0 = None if case.c_0 is None else of_layers(case.c_0, layers)
        return replace(case, h_0=of_layers(case.h_0, layers), c_0=c_0, origin="")

    return change


def _unit_by_unit(now: Moment) -> States:
    """The units one after the other, each from the states that those before it have changed."""
    units = np.arange(now.part.case.config.hidden_size)[:, np.newaxis]
    states = now.states
    for unit in range(len(units)):
        new = now._replace(states=states).equation()
        both = zip(new, states, strict=True)
        states = tuple(np.where(units == unit, one, other) for one, other in both)
    return states


def swap_directions(state: np.ndarray) -> np.ndarray:
    """States (L*D, B, H), the backward direction first."""
    return state[[i ^ 1 for i in range(len(state))]]


def _keeping(resets: Callable[[Case], bool]) -> Run:
    """Goes on from the last state of the same shape, unless the case `resets` it."""
    last: dict[tuple[object, ...], Any] = {}

    def carry(case: Case) -> Outputs:
        key = (case.config.cell, *case.h_0.shape)
        states: Any = (case.h_0, case.c_0)
        if not resets(case):
            states = last.get(key, states)
        h_0, c_0 = (None if one is None else one.astype(case.config.dtype) for one in states)
        outputs = run(replace(case, h_0=h_0, c_0=c_0))  # type: ignore[arg-type]
        if all(one is None or np.isfinite(one).all() for one in (outputs.h_n, outputs.c_n)):
            last[key] = (outputs.h_n, outputs.c_n)
        return outputs

    return carry


MISTAKES = (
    Mistake("initial state ignored", "The loop starts from zeros whatever the initial state.")
    .to_fix(
        "start from the initial state, not from zeros",
        "pass the initial state (torch: second argument; Keras: initial_state=)",
    )
    .when(has_start)
    .change_case(h_0=np.zeros_like, c_0=np.zeros_like),
    Mistake("initial state of ones", "The loop starts from ones.")
    .to_fix("start from the given state, zeros by default")
    .change_case(h_0=np.ones_like, c_0=np.ones_like),
    Mistake("initial state rows reversed", "Each row starts from another row's state.")
    .to_fix("after sorting by length, sort the initial state too")
    .when(has_start, "several_rows")
    .change_case(h_0=np.fliplr, c_0=np.fliplr),
    Mistake("initial state layers reversed", "Each layer starts from another layer's state.")
    .to_fix("h_0 is (L*D, B, H), lowest layer first")
    .when(has_start, "several_layers")
    .change(case=(_start_from(highest_first),)),
    Mistake(
        "initial state directions swapped", "Forward and backward start from each other's state."
    )
    .to_fix("h_0[layer * 2] is forward, h_0[layer * 2 + 1] backward")
    .when(has_start, "bidirectional")
    .change_case(h_0=swap_directions, c_0=swap_directions),
    Mistake(
        "initial state axes mixed",
        "The initial state's layer and batch axes are mixed up by a reshape.",
    )
    .to_fix("transpose, do not reshape; h_0 is (L*D, B, H) even with batch_first")
    .when(has_start, "several_rows", several_cells)
    .change_case(h_0=mix_axes, c_0=mix_axes),
    Mistake(
        "first layer's initial state for all",
        "All layers start from the first layer's initial state.",
    )
    .to_fix("start layer l from its own state: h_0 is (L*D, B, H)")
    .when(has_start, "several_layers")
    .change(case=(_start_from(lambda L: [0] * L),)),
    Mistake("state updated while it is read", "A unit reads the new states of the units before it.")
    .to_fix("write the new state to another array, and change over when all units are done")
    .when("several_units")
    .change(step=_unit_by_unit),
    Mistake("state not carried", "Every step starts from the initial state.")
    .to_fix(CARRY)
    .when("several_steps")
    .change(carry=lambda now, output: now.initial[0]),
    Mistake("state dropped", "Every step after the first starts from zeros.")
    .to_fix(CARRY)
    .when("several_steps")
    .change(carry=lambda now, output: np.zeros_like(output)),
    Mistake("state of the step before", "The recurrence reads the state of two steps ago.")
    .to_fix("update the state before the next step reads it")
    .of("rnn", "gru")
    .when("several_steps")
    .change(carry=lambda now, output: now.last_output),
    Mistake("state leaks between rows", "Each row goes on from its neighbour's state.")
    .to_fix("keep the batch axis of the state apart from the time axis")
    .when("several_rows", "several_steps")
    .change(carry=lambda now, output: np.roll(output, 1, axis=1)),
    Mistake("state shared by the batch", "All rows go on from the first row's state.")
    .to_fix("the state is (B, H), one for each row")
    .when("several_rows", "several_steps")
    .change(carry=lambda now, output: np.repeat(output[:, :1], output.shape[1], axis=1)),
    Mistake(
        "state lost at a chunk boundary",
        "The state is zero again at some step within the sequence.",
    )
    .to_fix(CHUNKS)
    .when("several_steps")
    .change(**at_boundary(lambda now, output: np.zeros_like(output))),
    Mistake(
        "state reset at a chunk boundary",
        "At some step within the sequence the initial state is put in again.",
    )
    .to_fix(CHUNKS)
    .when("several_steps")
    .change(**at_boundary(lambda now, output: now.initial[0])),
    Mistake(
        "pre-activation carried", "The pre-activation, not the output, goes on to the next step."
    )
    .to_fix("state_t = output_t, after the activation")
    .of("rnn")
    .when("several_steps", _not_linear)
    .change(carry=lambda now, output: pre_activation(now)),
    Mistake("state added", "The next state is the old one plus the output.")
    .to_fix("state_t = output_t: a vanilla RNN has no residual path")
    .of("rnn")
    .when("several_steps")
    .change(carry=lambda now, output: now.state_t + output),
    Mistake("state carried across calls", "A call starts from where the call before it ended.")
    .to_fix(
        "start every call from its own initial state",
        "pass stateful=False in Keras, or call reset_state() between sequences",
    )
    .remember(lambda: _keeping(lambda case: False)),
    Mistake("zero state not reset", "A call from zeros starts from where the call before it ended.")
    .to_fix("reset the state in every call, also where no initial state is passed")
    .remember(lambda: _keeping(has_start)),
)
