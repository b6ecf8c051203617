"""Names the known mistake, or the two together, that reproduce an implementation's outputs."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from harness.judge.certificate import certify
from harness.judge.compare import compare
from harness.judge.judge import all_layers, from_zeros, judge, other_weights
from harness.judge.observe import Implementation, observe
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from harness.mistakes.describe_difference import describe
from harness.mistakes.mistake import NOTHING, Edits, Mistake, combined, run
from harness.mistakes.probes import probes
from references.case import Case, Outputs
from references.numpy_rnn import run as loop

OFTEN = 20  # calls on one case, to see whether outputs vary


@dataclass(frozen=True)
class Diagnosis:
    """The mistakes that explain a failure, and a sentence; no names where no known mistake fits."""

    names: tuple[str, ...]  # several look alike; each is a mistake, or two joined by " + "
    sentence: str

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class _Sample:
    """A case, the implementation's outputs, and the right ones."""

    case: Case
    outputs: Outputs
    layers: tuple[np.ndarray, ...]
    right: Outputs

    def fits(self, edits: Edits) -> bool:
        """The loop with these edits gives the same outputs.

        Where the edits change nothing but the case, it is enough that its enclosures hold them.
        """
        if _same(self.outputs, self.right if edits == NOTHING else run(self.case, edits)):
            return True
        if any(edits[1:]) or not self.layers:
            return False
        case = edits.prepare(self.case)
        return compare(case, "", self.outputs, certify(case, self.layers)).kind == "agrees"


def diagnose(
    case: Case, implementation: Implementation, suspected: Collection[str] = ()
) -> Diagnosis:
    """Compares the implementation with every known mistake, on the case and on a few exact ones.

    Where some of the `suspected` mistakes fit, alone or two together, it tries no others.
    """
    samples = [one for item in (*probes(case), case) if (one := _sample(item, implementation))]
    if not samples:
        return _malformed(case, implementation)
    # Any mistake that comes to NaN there would match.
    if all(np.isnan(sample.outputs.sequence).all() for sample in samples):
        return Diagnosis((), "Every output is NaN, on the failing case and on the probes.")
    if mistake := _from_call_to_call(case, implementation):
        return _alone([mistake])
    wrong = [sample for sample in samples if not sample.fits(NOTHING)]
    if not wrong:
        return _now_and_then(samples[0], implementation)
    suspects = [mistake for mistake in MISTAKES if mistake.name in suspected]
    if diagnosis := _among(suspects, samples) or _among(MISTAKES, samples):
        return diagnosis
    difference = describe(wrong[0].outputs.sequence, wrong[0].right.sequence)
    return Diagnosis((), f"Matches no known mistake. {difference}")


def _sample(case: Case, implementation: Implementation) -> _Sample | None:
    outputs = observe(case, implementation).outputs
    if outputs is None:
        return None
    layers, trouble = all_layers(case, implementation, outputs)
    return _Sample(case, outputs, () if trouble else tuple(layers), loop(case))


def _among(mistakes: Iterable[Mistake], samples: Sequence[_Sample]) -> Diagnosis | None:
    """The mistakes that fit alone, else any two of them that fit together."""
    plain = [mistake for mistake in mistakes if not mistake.stateful]
    singles = [mistake for mistake in plain if _fit(mistake.edits, [mistake], samples)]
    if singles:
        return _alone(singles)
    pairs = list(_pairs(plain, samples))
    if not pairs:
        return None
    names = tuple(f"{one.name} + {other.name}" for one, other in pairs[:4])
    fixes = "; ".join(mistake.fix for mistake in pairs[0])
    sentence = f"Matches with two mistakes together: {' or '.join(names)}. To fix it: {fixes}."
    return Diagnosis(names, sentence)


def _alone(mistakes: Sequence[Mistake]) -> Diagnosis:
    first, *others = mistakes
    alike = ""
    if others:
        alike = f" ({' or '.join(mistake.name for mistake in others)} would look the same)"
    sentence = f"Matches with {first.name}{alike}: {first.sentence} To fix it: {first.fix}."
    return Diagnosis(tuple(mistake.name for mistake in mistakes), sentence)


def _malformed(case: Case, implementation: Implementation) -> Diagnosis:
    """The mistakes that draw the same complaint, where there are no outputs to compare."""
    reason = observe(case, implementation).reason
    applicable = (mistake for mistake in MISTAKES if mistake.applies(case))
    alike = [one for one in applicable if observe(case, one.plant()).reason == reason]
    if alike:
        return _alone(alike)
    sentence = f"It gives no outputs to compare, neither here nor on the probes: {reason}."
    return Diagnosis((), sentence)


def _fit(edits: Edits, mistakes: Collection[Mistake], samples: Iterable[_Sample]) -> bool:
    """All samples fit: to the mistaken loop where a mistake applies, elsewhere to the right one."""
    return all(
        sample.fits(edits if any(one.applies(sample.case) for one in mistakes) else NOTHING)
        for sample in samples
    )


def _pairs(
    mistakes: Iterable[Mistake], samples: Sequence[_Sample]
) -> Iterator[tuple[Mistake, Mistake]]:
    """Two mistakes that fit together, in either order; the first probe rules out nearly all."""
    probe = samples[0]
    applicable = [mistake for mistake in mistakes if mistake.applies(probe.case)]
    for one, other in combinations(applicable, 2):
        orders = [(one, other)]
        if any(map(all, zip(one.edits[:2], other.edits[:2], strict=True))):
            orders.append((other, one))
        for pair in orders:
            edits = combined(pair[0].edits, pair[1].edits)
            if (
                edits
                and _same(probe.outputs, run(probe.case, edits))
                and _fit(edits, pair, samples)
            ):
                yield pair
                break


def _same(one: Outputs, other: Outputs) -> bool:
    """Equal sequences, and equal final states where both have them."""
    if not np.array_equal(one.sequence, other.sequence, equal_nan=True):
        return False
    return (
        one.h_n is None or other.h_n is None or np.array_equal(one.h_n, other.h_n, equal_nan=True)
    )


def _right(case: Case, outputs: Outputs) -> bool:
    return _same(outputs, loop(case)) or judge(case, lambda _: outputs, calls=1).kind == "agrees"


def _from_call_to_call(case: Case, implementation: Implementation) -> Mistake | None:
    """The mistake that shows only in a second call: something stays from the first, or varies."""
    probe, *_ = probes(case)
    others = other_weights(probe)
    zeros = from_zeros(others)
    calls = [observe(item, implementation) for item in (probe, probe, others, zeros)]
    first, second, third, fourth = (call.outputs for call in calls)
    if first is None or second is None or third is None or not np.isfinite(first.sequence).all():
        return None
    weights_matter = not np.array_equal(loop(probe).sequence, loop(others).sequence)
    if weights_matter and np.array_equal(first.sequence, third.sequence) and _right(probe, first):
        return BY_NAME["weights of an earlier call"]
    if not _same(first, second):
        carried = _goes_on(probe, first, second)
        name = "state carried across calls" if carried else "different on every call"
        return BY_NAME[name]
    if not _right(probe, first):
        return None
    if fourth is not None and _goes_on(zeros, third, fourth):
        return BY_NAME["zero state not reset"]
    return BY_NAME["one buffer for all calls"] if calls[0].overwritten() else None


def _now_and_then(sample: _Sample, implementation: Implementation) -> Diagnosis:
    """Tells whether outputs vary that are right nearly always."""
    for _ in range(OFTEN):
        outputs = observe(sample.case, implementation).outputs
        if outputs is None or not _same(outputs, sample.outputs):
            return _alone([BY_NAME["different on every call"]])
    return Diagnosis((), "Called again, it is right: on the failing case and on the probes.")


def _goes_on(case: Case, before: Outputs, outputs: Outputs) -> bool:
    """The outputs are right for a start where the call before them ended, and else wrong."""
    h_0 = before.h_n
    if h_0 is None or not np.isfinite(h_0).all() or _right(case, outputs):
        return False
    return _right(replace(case, h_0=h_0), outputs)
