"""Steps in the wrong order, or not all of them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from harness.draw.features import has
from harness.mistakes.mistake import Edits, Mistake, activate, on_sequence, pre_activation
from references.cells.walk import Moment


def _inputs(change: Callable[[np.ndarray], np.ndarray]) -> Edits:
    return Edits(case=lambda case: replace(case, inputs=change(case.inputs), origin=""))


def _later(x: np.ndarray) -> np.ndarray:
    return np.concatenate([x[:, :1], x[:, :-1]], axis=1)


def _earlier(x: np.ndarray) -> np.ndarray:
    return np.concatenate([x[:, 1:], x[:, -1:]], axis=1)


def _middle(now: Moment) -> bool:
    return now.t == now.time // 2


def _twice(now: Moment) -> np.ndarray:
    first = activate(now, pre_activation(now))
    return (
        np.asarray(activate(now, pre_activation(now._replace(states=(first,)))))
        if _middle(now)
        else np.asarray(first)
    )


def _held(outputs: np.ndarray) -> np.ndarray:
    held = outputs.copy()
    held[:, 4:] = outputs[:, 3:4]
    return held


MISTAKES = (
    Mistake(
        "time reversed",
        "time",
        "The inputs are read from the end.",
        "check go_backwards, and any flip before the layer",
        has("several_steps"),
        _inputs(lambda x: x[:, ::-1]),
    ),
    Mistake(
        "output time reversed",
        "time",
        "The outputs stand in reversed order.",
        "Keras' go_backwards returns the reversed sequence: flip it back for other use",
        has("several_steps"),
        on_sequence(lambda y: y[:, ::-1]),
    ),
    Mistake(
        "input one step late",
        "time",
        "Step t reads the input of step t - 1.",
        "check the index that starts the loop",
        has("several_steps"),
        _inputs(_later),
    ),
    Mistake(
        "input one step early",
        "time",
        "Step t reads the input of step t + 1.",
        "check the index that starts the loop",
        has("several_steps"),
        _inputs(_earlier),
    ),
    Mistake(
        "output one step late",
        "time",
        "Position t holds the output of step t - 1.",
        "append the output after the step, not before",
        has("several_steps"),
        on_sequence(_later),
    ),
    Mistake(
        "output one step early",
        "time",
        "Position t holds the output of step t + 1.",
        "append every output, the first too",
        has("several_steps"),
        on_sequence(_earlier),
    ),
    Mistake(
        "a step dropped",
        "time",
        "One step in the middle is skipped: its output is the state before it.",
        "run the loop over every step; check chunk boundaries",
        has("several_steps"),
        Edits(
            step=lambda now: (
                now.state_t if _middle(now) else np.asarray(activate(now, pre_activation(now)))
            )
        ),
    ),
    Mistake(
        "a step repeated",
        "time",
        "One step in the middle is done twice.",
        "run the loop once over every step; check chunk boundaries",
        has("several_steps"),
        Edits(step=_twice),
    ),
    Mistake(
        "right only for four steps",
        "time",
        "The outputs stand still after the fourth step.",
        "run the loop to the end of the sequence",
        lambda case: case.time > 4,
        on_sequence(_held),
    ),
    Mistake(
        "last step missing",
        "time",
        "The last output is zero.",
        "run the loop to the end of the sequence",
        lambda case: True,
        on_sequence(lambda y: np.concatenate([y[:, :-1], y[:, -1:] * 0], axis=1)),
    ),
)
