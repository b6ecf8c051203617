"""Steps in the wrong order, or not all of them."""

from typing import Any

import numpy as np

from harness.judge.bounds.enclosure import Value
from harness.mistakes.mistake import Mistake
from references.cells.walk import Moment

START = "check the index that starts the loop"
END = "run the loop to the end of the sequence"


def _later(x: np.ndarray) -> np.ndarray:
    return np.concatenate([x[:, :1], x[:, :-1]], axis=1)


def _earlier(x: np.ndarray) -> np.ndarray:
    return np.concatenate([x[:, 1:], x[:, -1:]], axis=1)


def _middle(now: Moment) -> Any:
    return now.t == now.time // 2


def _drop(now: Moment) -> Any:
    new = now.equation()
    return tuple(np.where(_middle(now), *both) for both in zip(now.states, new, strict=True))


def _repeat(now: Moment) -> Any:
    new = tuple(map(_stored, now.equation()))
    twice = now._replace(states=new).equation()
    return tuple(np.where(_middle(now), *both) for both in zip(twice, new, strict=True))


def _stored(state: Any) -> Any:
    """A polynomial is rounded before the second step reads it; a leaf is stored already."""
    is_polynomial = isinstance(state, Value) and state.leaf is None and state.observed is None
    return state.activate("state") if is_polynomial else state


MISTAKES = (
    Mistake("time reversed", "The inputs are read from the end.")
    .to_fix(
        "loop over the steps from the first on",
        "check go_backwards, and any flip before the layer",
    )
    .when("several_steps")
    .change_case(inputs=np.fliplr),
    Mistake("output time reversed", "The outputs stand in reversed order.")
    .to_fix(
        "keep the outputs in the order of the steps",
        "Keras' go_backwards returns the reversed sequence: flip it back for other use",
    )
    .when("several_steps")
    .change_outputs(sequence=np.fliplr),
    Mistake("input one step late", "Step t reads the input of step t - 1.")
    .to_fix(START)
    .when("several_steps")
    .change_case(inputs=_later),
    Mistake("input one step early", "Step t reads the input of step t + 1.")
    .to_fix(START)
    .when("several_steps")
    .change_case(inputs=_earlier),
    Mistake("output one step late", "Position t holds the output of step t - 1.")
    .to_fix("append the output after the step, not before")
    .when("several_steps")
    .change_outputs(sequence=_later),
    Mistake("output one step early", "Position t holds the output of step t + 1.")
    .to_fix("append every output, the first too")
    .when("several_steps")
    .change_outputs(sequence=_earlier),
    Mistake(
        "a step dropped", "One step in the middle is skipped: its output is the state before it."
    )
    .to_fix("run the loop over every step; check chunk boundaries")
    .when("several_steps")
    .change(step=_drop),
    Mistake("a step repeated", "One step in the middle is done twice.")
    .to_fix("run the loop once over every step; check chunk boundaries")
    .when("several_steps")
    .change(step=_repeat),
    Mistake("right only for four steps", "The outputs stand still after the fourth step.")
    .to_fix(END)
    .when(lambda case: case.time > 4)
    .change_outputs(sequence=lambda y: y[:, np.minimum(np.arange(y.shape[1]), 3)]),
    Mistake("last step missing", "The last output is zero.")
    .to_fix(END)
    .change_outputs(sequence=lambda y: np.concatenate([y[:, :-1], y[:, -1:] * 0], axis=1)),
)
