"""Judges one implementation on one case: calls it, then compares."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from harness.judge.certificate import certify
from harness.judge.compare import compare
from harness.judge.observe import (
    Implementation,
    Observation,
    copy_with,
    flushes_subnormals,
    observe,
)
from harness.judge.seal import Sealed, opened, sealed
from harness.judge.verdict import Verdict
from references.case import Case, Outputs

Change = Callable[[Case], Case]


def other_weights(case: Case) -> Case:
    """The case of a second call: the same but for the signs of W and both biases."""
    weights = tuple(
        copy_with(cell, W=np.negative(cell.W), b_W=np.negative(cell.b_W), b_U=np.negative(cell.b_U))
        for cell in case.weights
    )
    return copy_with(case, weights=weights, origin=_origin("other_weights", case))


def from_zeros(case: Case) -> Case:
    """The case of a second call that shows state which is kept: the same from zero states."""
    states = {
        name: np.zeros_like(state)
        for name in ("h_0", "c_0")
        if (state := getattr(case, name)) is not None
    }
    return copy_with(case, **states, origin=_origin("from_zeros", case))


# What is different in a second call, in words.
SECOND_CALLS: dict[Change, str] = {other_weights: "with other weights", from_zeros: "from zeros"}


class Answer(NamedTuple):
    """What an implementation gives on a case, not judged yet: on one call, or on two.

    The second call is of the same shapes.
    """

    case: Case  # the caller's; of a sealed one what was called with
    sealed: Sealed  # the same, which nobody can write to
    name: str
    observation: Observation
    layers: Sequence[np.ndarray] = ()
    second: "Answer | None" = None
    again: Change = other_weights  # what is different in the second call
    overwritten: str = ""  # the first array that the second call changed, of those returned before

    @property
    def own(self) -> Case:
        """The case, made anew in objects that no implementation has met."""
        own: Case = opened(self.sealed)
        return own


def judge(
    case: Case,
    implementation: Implementation,
    name: str | None = None,
    calls: int = 2,
    again: Change = other_weights,
) -> Verdict:
    """Gives the verdict, of any kind; `calls=1` leaves out the second call.

    `again` makes the case of the second call, one of SECOND_CALLS. Raises only for arguments that
    are no case and no function, and in a thread whose processor reads subnormal numbers as zero.
    """
    return verdict_on(ask(case, implementation, name, calls, again))


def ask(
    case: Case | Sealed,
    implementation: Implementation,
    name: str | None = None,
    calls: int = 2,
    again: Change = other_weights,
) -> Answer:
    """Makes every call to the implementation, so that `verdict_on` needs no further ones."""
    name = name or name_of(implementation)
    if not isinstance(case, Case | Sealed):
        raise TypeError(f"case is a {type(case).__name__}, expected a references.case.Case")
    if not callable(implementation):
        expected = "expected a function run(case) -> Outputs"
        raise TypeError(f"implementation is {implementation!r}, {expected}")
    if flushes_subnormals():
        raise RuntimeError(
            "this thread reads subnormal numbers as zero, so that no bound can be trusted. "
            "Undo torch.set_flush_denormal(True), "
            "or leave out the library that was built with -ffast-math"
        )
    answer = _once(case, implementation, name)
    if calls < 2 or answer.observation.outputs is None:
        return answer
    second = _once(again(answer.own), implementation, name)
    with np.errstate(all="ignore"):
        overwritten = answer.observation.overwritten()
    return answer._replace(second=second, again=again, overwritten=overwritten)


def calls(case: Case, again: Change | None = other_weights) -> Iterator[Case]:
    """Yields the cases on which `ask` calls an implementation that gives no `layers`.

    Without `again` there is no second call.
    """
    for whole in (case, again(case)) if again else (case,):
        yield whole
        yield from map(whole.first_layers, range(1, whole.config.num_layers))


def verdict_on(answer: Answer) -> Verdict:
    """Compares an answer with its certificates: the first call, then the second."""
    verdict = _first_verdict(answer)
    if verdict.kind != "agrees":
        return verdict
    if not verdict.outputs:
        raise RuntimeError("it agrees, but no output was compared: a defect of rnn-parity")
    verdict = replace(verdict, case=answer.case)
    if answer.second is None:
        return verdict
    second = _first_verdict(answer.second)
    if answer.overwritten and second.kind not in ("differs", "crashed"):
        reason = f"the next call wrote into its {answer.overwritten}; return a copy for each call"
        return Verdict("differs", answer.name, answer.own, reason)
    no_zeros = second.kind == "refused" and answer.again is from_zeros
    if second.kind == "agrees" or no_zeros:
        return verdict
    which = SECOND_CALLS[answer.again]
    which = f"in a second call of the same shapes, {which}; the first call was right"
    return replace(second, reason=f"{second.reason} ({which})")


def verdicts_on(answers: Iterable[Answer]) -> Iterable[Verdict]:
    """Yields a verdict on each."""
    return map(verdict_on, answers)


def _origin(change: str, case: Case) -> str:
    return f"{change}({case.origin})" if case.origin else ""


def name_of(implementation: Implementation) -> str:
    """`module:function`, as far as the implementation has such names."""
    module = getattr(implementation, "__module__", "?")
    return f"{module}:{getattr(implementation, '__qualname__', type(implementation).__name__)}"


def _once(case: Case | Sealed, implementation: Implementation, name: str) -> Answer:
    # Read before the call: the name may stand for anything after it.
    seal = case if isinstance(case, Sealed) else sealed(case)
    own = opened(seal)
    call = _call(own, implementation)
    return Answer(own if isinstance(case, Sealed) else case, seal, name, *call)


def _call(case: Case, implementation: Implementation) -> tuple[Observation, Sequence[np.ndarray]]:
    observation = observe(case, implementation)
    if observation.outputs is None:
        return observation, ()
    layers, trouble = all_layers(case, implementation, observation.outputs)
    return trouble or observation, layers


def _first_verdict(answer: Answer) -> Verdict:
    observation, own = answer.observation, answer.own
    if observation.outputs is None:
        reason, cause, crash = observation.reason, observation.cause, observation.crash
        return Verdict(observation.kind, answer.name, own, reason, cause=cause, crash=crash)
    with np.errstate(all="ignore"):
        return compare(own, answer.name, observation.outputs, certify(own, answer.layers))


def all_layers(
    case: Case, implementation: Implementation, outputs: Outputs
) -> tuple[Sequence[np.ndarray], Observation | None]:
    """Every layer's sequence: from `outputs`, or from runs on the case cut to its lowest layers."""
    L, D = case.config.num_layers, case.config.num_directions
    if outputs.layers is not None:
        if not np.array_equal(outputs.layers[-1], outputs.sequence, equal_nan=True):
            return (), Observation(None, reason="Outputs.layers[-1] must equal Outputs.sequence")
        return outputs.layers, None
    layers = []
    for count in range(1, L):
        lower = observe(case.first_layers(count), implementation)
        if lower.outputs is None:
            reason = f"on the case cut to its first {count} of {L} layers: {lower.reason}"
            return (), replace(lower, reason=reason)
        if outputs.h_n is not None and lower.outputs.h_n is not None:
            whole = outputs.h_n[(count - 1) * D : count * D]
            if not np.array_equal(lower.outputs.h_n[(count - 1) * D :], whole, equal_nan=True):
                reason = (
                    f"the states of layer {count - 1} differ between the whole case and "
                    f"its first {count} of {L} layers; return Outputs.layers"
                )
                return (), Observation(None, "inconclusive", reason)
        layers.append(lower.outputs.sequence)
    return [*layers, outputs.sequence], None
