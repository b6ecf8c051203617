"""From a case and an implementation to a verdict."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from harness.judge.certificate import certify
from harness.judge.compare import compare
from harness.judge.observe import Implementation, Observation, observe
from harness.judge.verdict import Verdict
from references.case import Case, Outputs


def check(case: Case, implementation: Implementation, name: str | None = None) -> Verdict:
    """A Verdict that agrees. Runs the implementation twice: a result may not change from call to call.

    Raises Mismatch (it differs, or crashed `from` its cause), Refused or Inconclusive, all of them AssertionErrors.
    """
    return judge(case, implementation, name).raise_if_not_verified()


def judge(case: Case, implementation: Implementation, name: str | None = None, calls: int = 2) -> Verdict:
    """The verdict, of any kind, from that many calls. Raises only for arguments that are no case and no function."""
    name = name or name_of(implementation)
    if not isinstance(case, Case):
        raise TypeError(f"case is a {type(case).__name__}, expected a references.case.Case")
    if not callable(implementation):
        raise TypeError(f"implementation is {implementation!r}, expected a function run(case) -> Outputs")
    first = observe(case, implementation)
    verdict = _judge_once(case, implementation, name, first)
    for _ in range(calls - 1):
        if verdict.kind != "agrees" or first.outputs is None:
            break
        again = observe(case, implementation)
        if again.outputs is None or not _same(first.outputs, again.outputs):
            # Other bits may both be right: a second call is judged like the first.
            verdict = _judge_once(case, implementation, name, again)
            verdict = replace(verdict, reason=f"{verdict.reason} (a second call with the same case gave something else than the first)")
    return verdict


def name_of(implementation: Implementation) -> str:
    """`module:function`, as far as the implementation has such names."""
    return f"{getattr(implementation, '__module__', '?')}:{getattr(implementation, '__qualname__', type(implementation).__name__)}"


def _judge_once(case: Case, implementation: Implementation, name: str, observation: Observation) -> Verdict:
    layers: Sequence[np.ndarray] = ()
    if observation.outputs is not None:
        layers, trouble = _all_layers(case, implementation, observation.outputs)
        observation = trouble or observation
    if observation.outputs is None:
        return Verdict(observation.kind, name, case, observation.reason, cause=observation.cause)
    return compare(case, name, observation.outputs, certify(case, layers))


def _all_layers(case: Case, implementation: Implementation, outputs: Outputs) -> tuple[Sequence[np.ndarray], Observation | None]:
    """Every layer's sequence: as given, or from runs on the case cut to its lowest layers."""
    L, D = case.config.num_layers, case.config.num_directions
    if outputs.layers is not None:
        if not np.array_equal(outputs.layers[-1], outputs.sequence, equal_nan=True):
            return (), Observation(None, reason="the last of its layers is not its sequence")
        return outputs.layers, None
    layers = []
    for count in range(1, L):
        lower = observe(case.first_layers(count), implementation)
        if lower.outputs is None:
            reason = f"on the case cut to its first {count} of {L} layers: {lower.reason}"
            return (), replace(lower, reason=reason)
        if outputs.final_state is not None and lower.outputs.final_state is not None:
            whole = outputs.final_state[(count - 1) * D : count * D]
            if not np.array_equal(lower.outputs.final_state[(count - 1) * D :], whole, equal_nan=True):
                reason = f"the states of layer {count - 1} differ between the whole case and the case cut to {count} layers"
                return (), Observation(None, "inconclusive", f"{reason}; give Outputs.layers")
        layers.append(lower.outputs.sequence)
    return [*layers, outputs.sequence], None


def _same(one: Outputs, other: Outputs) -> bool:
    """Equal sequences and final states, as far as `==` tells them apart."""
    if one.final_state is None or other.final_state is None:
        if one.final_state is not other.final_state:
            return False
    elif not np.array_equal(one.final_state, other.final_state, equal_nan=True):
        return False
    return np.array_equal(one.sequence, other.sequence, equal_nan=True)
