"""From a case and an implementation to a verdict."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from harness.judge.certificate import certify
from harness.judge.compare import compare
from harness.judge.observe import Implementation, Observation, flushes_subnormals, observe
from harness.judge.verdict import Verdict
from references.case import Case, CellWeights, Outputs


def judge(case: Case, implementation: Implementation, name: str | None = None, calls: int = 2) -> Verdict:
    """The verdict, of any kind, from that many calls. Raises only for arguments that are no case and no function."""
    name = name or name_of(implementation)
    if not isinstance(case, Case):
        raise TypeError(f"case is a {type(case).__name__}, expected a references.case.Case")
    if not callable(implementation):
        raise TypeError(f"implementation is {implementation!r}, expected a function run(case) -> Outputs")
    if flushes_subnormals():
        raise RuntimeError(
            "this thread reads subnormal numbers as zero, so that no bound can be trusted; undo torch.set_flush_denormal(True), "
            "or leave out the library that was built with -ffast-math"
        )
    verdict = _judge_once(case, implementation, name)
    if verdict.kind != "agrees" or calls < 2:
        return verdict
    second = _judge_once(other_weights(case), implementation, name)
    if second.kind not in ("differs", "crashed"):
        return verdict
    return replace(second, reason=f"{second.reason} (in a second call of the same shapes, with other weights; the first call was right)")


def other_weights(case: Case) -> Case:
    """The same case but for the signs of W and b: what a second call with new weights must follow."""
    weights = tuple(CellWeights(np.negative(cell.W), cell.U, np.negative(cell.b_W), np.negative(cell.b_U)) for cell in case.weights)
    return replace(case, weights=weights, origin=f"other_weights({case.origin})" if case.origin else "")


def name_of(implementation: Implementation) -> str:
    """`module:function`, as far as the implementation has such names."""
    return f"{getattr(implementation, '__module__', '?')}:{getattr(implementation, '__qualname__', type(implementation).__name__)}"


def _judge_once(case: Case, implementation: Implementation, name: str) -> Verdict:
    observation = observe(case, implementation)
    layers: Sequence[np.ndarray] = ()
    if observation.outputs is not None:
        layers, trouble = all_layers(case, implementation, observation.outputs)
        observation = trouble or observation
    if observation.outputs is None:
        return Verdict(observation.kind, name, case, observation.reason, cause=observation.cause)
    with np.errstate(all="ignore"):
        return compare(case, name, observation.outputs, certify(case, layers))


def all_layers(case: Case, implementation: Implementation, outputs: Outputs) -> tuple[Sequence[np.ndarray], Observation | None]:
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
