"""Names the mistake that reproduces what an implementation gave: on probes and on the failing case, alone or two together."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from harness.judge.certificate import certify
from harness.judge.compare import compare
from harness.judge.judge import all_layers, judge, other_weights
from harness.judge.observe import Implementation, observe
from harness.mistakes.catalogue import MISTAKES
from harness.mistakes.describe_difference import facts
from harness.mistakes.mistake import Edits, Mistake, combined, run
from harness.mistakes.probes import probes
from references.case import Case, Outputs
from references.numpy_rnn import run as loop


@dataclass(frozen=True)
class Diagnosis:
    """What went wrong, as far as can be told. `names` are mistakes that cannot be told apart, or nothing."""

    names: tuple[str, ...]  # each a mistake, or two joined by " + "
    sentence: str

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class _Seen:
    """A case with what the implementation gave on it, and what is right."""

    case: Case
    outputs: Outputs
    layers: tuple[np.ndarray, ...]
    right: Outputs


def diagnose(
    case: Case, implementation: Implementation, suspected: Collection[str] = ()
) -> Diagnosis:
    """Runs the implementation on the case and on a few dense, exact ones, and compares with every mistake of the catalogue.

    Where some of the `suspected` mistakes fit, alone or two together, no others are looked for.
    """
    seen = [found for item in (*probes(case), case) if (found := _see(item, implementation))]
    if not seen:
        return _malformed(case, implementation)
    if all(
        np.isnan(item.outputs.sequence).all() for item in seen
    ):  # any mistake that comes to NaN there would match
        return Diagnosis((), "Every output is NaN, on the failing case and on the probes.")
    remembered = _remembered(case, implementation)
    if remembered:
        return _named([remembered])
    wrong = [
        item for item in seen if not _same(item.outputs, item.right) and not _inside(item, Edits())
    ]
    if not wrong:
        return Diagnosis((), "Called again, it is right: on the failing case and on the probes.")
    return (
        _among(seen, [mistake for mistake in MISTAKES if mistake.name in suspected])
        or _among(seen, MISTAKES)
        or Diagnosis(
            (),
            "Matches no known mistake. "
            + facts(wrong[0].outputs.sequence, wrong[0].right.sequence),
        )
    )


def _among(seen: list[_Seen], mistakes: Iterable[Mistake]) -> Diagnosis | None:
    """Those of the mistakes that fit alone, else any two of them together."""
    plain = [mistake for mistake in mistakes if not mistake.stateful]
    singles = [mistake for mistake in plain if _fits(mistake.edits, [mistake], seen)]
    if singles:
        return _named(singles)
    pairs = list(_pairs(seen, plain))
    if not pairs:
        return None
    names = tuple(f"{one.name} + {other.name}" for one, other in pairs[:4])
    one, other = pairs[0]
    return Diagnosis(
        names, f"Matches with two mistakes together, {' or '.join(names)}: {one.fix}; {other.fix}."
    )


def _malformed(case: Case, implementation: Implementation) -> Diagnosis:
    """Where there are no outputs to compare: the mistakes that draw the same complaint."""
    complaint = observe(case, implementation)
    same = [
        mistake
        for mistake in MISTAKES
        if mistake.applies(case) and observe(case, mistake.plant()).reason == complaint.reason
    ]
    return (
        _named(same)
        if same
        else Diagnosis(
            (),
            f"It gives no outputs to compare, neither here nor on the probes: {complaint.reason}.",
        )
    )


def _see(case: Case, implementation: Implementation) -> _Seen | None:
    observation = observe(case, implementation)
    if observation.outputs is None:
        return None
    layers, trouble = all_layers(case, implementation, observation.outputs)
    return _Seen(case, observation.outputs, () if trouble else tuple(layers), loop(case))


def _named(mistakes: list[Mistake]) -> Diagnosis:
    first = mistakes[0]
    others = (
        f" ({' or '.join(mistake.name for mistake in mistakes[1:])} would look the same)"
        if len(mistakes) > 1
        else ""
    )
    return Diagnosis(
        tuple(mistake.name for mistake in mistakes),
        f"Matches with {first.name}{others}: {first.sentence} To mend it: {first.fix}.",
    )


def _fits(edits: Edits, mistakes: Iterable[Mistake], seen: list[_Seen]) -> bool:
    """Whether the mistaken loop gives what was observed, everywhere; somewhere in it the right loop does not."""
    for item in seen:
        if not any(mistake.applies(item.case) for mistake in mistakes):
            if not _same(item.outputs, item.right) and not _inside(item, Edits()):
                return False
            continue
        predicted = run(item.case, edits)
        if not _same(item.outputs, predicted) and not _inside(item, edits):
            return False
    return True


def _same(observed: Outputs, predicted: Outputs) -> bool:
    """Equal sequences, and equal final states where one was given."""
    if not np.array_equal(observed.sequence, predicted.sequence, equal_nan=True):
        return False
    if observed.h_n is None or predicted.h_n is None:
        return True
    return np.array_equal(observed.h_n, predicted.h_n, equal_nan=True)


def _inside(item: _Seen, edits: Edits) -> bool:
    """Whether every output lies inside the enclosure of the changed case; only for mistakes that change nothing but the case."""
    if edits.step or edits.carry or edits.masked or edits.outputs or not item.layers:
        return False
    case = edits.case(item.case) if edits.case else item.case
    return compare(case, "", item.outputs, certify(case, item.layers)).kind == "agrees"


def _pairs(seen: list[_Seen], mistakes: Iterable[Mistake]) -> Iterator[tuple[Mistake, Mistake]]:
    """Two mistakes at once, in either order, that fit; the first probe sorts nearly all of them out."""
    applicable = [
        mistake for mistake in mistakes if any(mistake.applies(item.case) for item in seen)
    ]
    for one, other in combinations(applicable, 2):
        if not (one.applies(seen[0].case) and other.applies(seen[0].case)):
            continue
        both_orders = (one.edits.case and other.edits.case) or (
            one.edits.outputs and other.edits.outputs
        )
        for first, second in ((one, other), (other, one)) if both_orders else ((one, other),):
            edits = combined(first.edits, second.edits)
            if (
                edits
                and _same(seen[0].outputs, run(seen[0].case, edits))
                and _fits(edits, (one, other), seen)
            ):
                yield first, second
                break


def _right(case: Case, outputs: Outputs) -> bool:
    """Whether these are right outputs of the case."""
    return _same(outputs, loop(case)) or judge(case, lambda _: outputs, calls=1).kind == "agrees"


def _remembered(case: Case, implementation: Implementation) -> Mistake | None:
    """A mistake that keeps something from call to call, by what two calls give."""
    by_name = {mistake.name: mistake for mistake in MISTAKES if mistake.stateful}
    probe = probes(case)[0]
    calls = [observe(item, implementation).outputs for item in (probe, probe, other_weights(probe))]
    first, second, third = calls
    if first is None or second is None or third is None or not np.isfinite(first.sequence).all():
        return None
    weights_matter = not np.array_equal(loop(probe).sequence, loop(other_weights(probe)).sequence)
    if weights_matter and np.array_equal(first.sequence, third.sequence) and _right(probe, first):
        return by_name["weights of an earlier call"]
    if _same(first, second):
        return None
    if first.h_n is not None and np.isfinite(first.h_n).all():
        continued = replace(probe, h_0=first.h_n)
        if _right(continued, second):
            return by_name["state carried across calls"]
    return by_name["different on every call"]
