"""Judges one implementation on one case: calls it, then compares."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from harness.judge.all_layers import all_layers, enclosed_below
from harness.judge.calls.observe import Implementation, assert_no_flushing, observe
from harness.judge.calls.returned import OVERWRITTEN, Observation
from harness.judge.calls.seal import Sealed, opened, sealed
from harness.judge.calls.second_calls import SECOND_CALLS, Change, from_zeros, other_weights
from harness.judge.certificate import certify
from harness.judge.compare import compare
from harness.judge.last_verdict import verdict_on_last_outputs
from harness.judge.lengths import lengths_of
from harness.judge.verdict import Verdict
from references.case import Case

ENCLOSED = "lower layers were bounded, not observed"
RETURN_LAYERS = "Outputs.layers gives narrower bounds"
OTHER_BITS = (
    "upper layers are right only if lower ones have other bits in the whole case than on fewer "
    "layers: return h_n, or Outputs.layers"
)


class Answer(NamedTuple):
    """What an implementation gives on a case, not judged yet: on one call, or on two.

    The second call is of the same shapes.
    """

    case: Case  # the caller's own object; made anew where the caller gave a Sealed
    sealed: Sealed  # the same, which nobody can write to
    name: str
    observation: Observation
    layers: Sequence[np.ndarray] = ()
    second: "Answer | None" = None
    again: Change = other_weights  # what is different in the second call
    overwritten: str = ""  # the first array that the second call changed, of those returned before
    enclosed: str = ""  # why lower layers are enclosed, not observed
    activation_error: float = 0.0  # by which its activations may be off, besides right rounding

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
        if isinstance(implementation, str):  # as `verify` takes them
            expected += ", as references.load('torch') gives one"
        raise TypeError(f"implementation is {implementation!r}, {expected}")
    assert_no_flushing()
    answer = _once(case, implementation, name)
    if calls < 2 or answer.observation.outputs is None:
        return answer
    second = _once(again(answer.own), implementation, name)
    with np.errstate(all="ignore"):
        overwritten = answer.observation.overwritten()
    return answer._replace(second=second, again=again, overwritten=overwritten)


def called_cases(case: Case, again: Change | None = other_weights) -> Iterator[Case]:
    """Yields the cases on which `ask` calls an implementation that gives no `layers`.

    Without `again` there is no second call.
    """
    for whole in (case, again(case)) if again else (case,):
        yield whole
        yield from map(whole.first_layers, range(1, whole.config.num_layers))


def verdict_on(answer: Answer) -> Verdict:
    """Compares an answer with its certificates: the first call, then the second."""
    verdict = _verdict_on(answer)
    if not verdict.wrong:
        return verdict
    return replace(verdict, judge_again=partial(_with_activation_error, answer))


def _with_activation_error(answer: Answer, error: float) -> Verdict:
    """The verdict if each activation of a step may be off by so much, in both calls."""
    second = answer.second and answer.second._replace(activation_error=error)
    return _verdict_on(answer._replace(activation_error=error, second=second))


def _verdict_on(answer: Answer) -> Verdict:
    verdict = _first_verdict(answer)
    if verdict.kind != "agrees":
        return verdict
    if not verdict.outputs:
        raise RuntimeError("it agrees, but no output was compared: a defect of rnn-parity")
    verdict = replace(verdict, case=answer.case)
    if answer.second is None:
        return verdict
    second = _first_verdict(answer.second)
    if answer.overwritten and not second.is_failure:
        reason = OVERWRITTEN.format(answer.overwritten)
        return Verdict("differs", answer.name, answer.own, reason)
    no_zeros = second.kind == "refused" and answer.again is from_zeros
    if second.kind == "agrees" or no_zeros:
        return verdict
    which = SECOND_CALLS[answer.again]
    which = f"in a second call of the same shapes, {which}; the first call was right"
    if second.wrong and answer.again is other_weights and _is_same(answer, answer.second):
        reason = f"its outputs are bit-identical, and {second.wrong} of them must not be ({which})"
        return Verdict("differs", answer.name, answer.case, reason)
    return replace(second, reason=f"{second.reason} ({which})")


def _is_same(one: Answer, other: Answer) -> bool:
    """Tells whether two calls gave sequences that are bit-identical."""
    first, second = one.observation.outputs, other.observation.outputs
    if first is None or second is None:
        return False
    return first.sequence.tobytes() == second.sequence.tobytes()


def verdicts_on(answers: Iterable[Answer]) -> Iterable[Verdict]:
    """Yields a verdict on each."""
    return map(verdict_on, answers)


def name_of(implementation: Implementation) -> str:
    """`module:function`, as far as the implementation has such names."""
    module = getattr(implementation, "__module__", "?")
    return f"{module}:{getattr(implementation, '__qualname__', type(implementation).__name__)}"


def _once(case: Case | Sealed, implementation: Implementation, name: str) -> Answer:
    # Read before the call: the name may stand for anything after it.
    seal = sealed(case)
    own = opened(seal)
    observation = observe(own, implementation)
    answer = Answer(own if isinstance(case, Sealed) else case, seal, name, observation)
    if observation.outputs is None:
        return answer
    lengths = lengths_of(own) if observation.by_last_outputs else None
    layers, trouble, enclosed = all_layers(own, implementation, observation.outputs, lengths)
    return answer._replace(observation=trouble or observation, layers=layers, enclosed=enclosed)


def _may_have_other_bits(answer: Answer, verdict: Verdict, error: float) -> bool:
    """Tells whether outputs are right for some lower layers, but not for those of calls on fewer.

    Their sums may have another order there, and chaos drives both apart. With h_n that is seen.
    """
    outputs = answer.observation.outputs
    if outputs is None or outputs.layers is not None or outputs.h_n is not None or answer.enclosed:
        return False
    if verdict.first is None or verdict.first.layer == 0:
        return False
    own = answer.own
    layers = enclosed_below(own, outputs.sequence, None, error)
    with np.errstate(all="ignore"):
        certificates = certify(own, layers, activation_error=error)
        return not compare(own, answer.name, outputs, certificates).wrong


def _first_verdict(answer: Answer) -> Verdict:
    observation, own = answer.observation, answer.own
    if observation.outputs is None:
        reason, cause, crash = observation.reason, observation.cause, observation.crash
        return Verdict(observation.kind, answer.name, own, reason, cause=cause, crash=crash)
    error, layers = answer.activation_error, answer.layers
    if error and answer.enclosed:
        lengths = lengths_of(own) if observation.by_last_outputs else None
        layers = enclosed_below(own, layers[-1], lengths, error)
    if observation.by_last_outputs:
        verdict = verdict_on_last_outputs(own, answer.name, observation.outputs, layers, error)
    else:
        with np.errstate(all="ignore"):
            certificates = certify(own, layers, activation_error=error)
            verdict = compare(own, answer.name, observation.outputs, certificates)
        if verdict.wrong and _may_have_other_bits(answer, verdict, error):
            return Verdict("inconclusive", answer.name, own, OTHER_BITS)
    if not (why := answer.enclosed):
        return verdict
    return replace(verdict, reason=f"{verdict.reason}; {ENCLOSED} ({why}): {RETURN_LAYERS}")
