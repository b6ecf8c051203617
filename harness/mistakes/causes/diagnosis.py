"""Names the known mistake, or the two together, that reproduce an implementation's outputs."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harness.judge.calls.observe import Implementation, observe
from harness.judge.calls.returned import LOOKS_LIKE
from harness.mistakes.catalogue import BY_NAME, of_cells
from harness.mistakes.causes.across_calls import mistake_across_calls, of_one_call, varies
from harness.mistakes.causes.author import fix_for, is_possible
from harness.mistakes.causes.describe_difference import describe_sample, first_to_differ
from harness.mistakes.causes.evidence import Sample
from harness.mistakes.causes.pairs import Pair, fitting_pairs
from harness.mistakes.causes.probes import on_probe, poorer, probes, with_small_outputs
from harness.mistakes.causes.rounded_outputs import rounded_outputs
from harness.mistakes.causes.share import MOST, Share
from harness.mistakes.causes.sigmoids import sigmoids
from harness.mistakes.causes.unread_weights import is_right, keeps_weights, unread_weights
from harness.mistakes.causes.wide_state import wide_state
from harness.mistakes.mistake import Edits, Mistake
from references.case import Case

NEARLY_ALL = 0.9  # the share of what differs from which one mistake is named alone
TINY = 2.0**-10  # outputs below are tiny
SEVERAL = 3  # others that are listed beside the mistake that is named


@dataclass(frozen=True)
class Diagnosis:
    """The mistakes that explain a failure, and a sentence; no names where no known mistake fits."""

    names: tuple[str, ...]  # several look alike; each is a mistake, or two joined by " + "
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def diagnose(
    case: Case,
    implementation: Implementation,
    suspected: Collection[str] = (),
    witnesses: Iterable[Case] = (),
) -> Diagnosis:
    """Compares the implementation with every known mistake, on the case and on a few exact ones.

    The `witnesses` are larger cases that fail alike: what is named must explain them, too. Where
    some of the `suspected` mistakes fit, alone or two together, it tries no others.
    """
    own = Sample.of(case, implementation)
    if not own:
        return _malformed([case, *witnesses], implementation)
    larger = [*filter(None, (Sample.of(witness, implementation) for witness in witnesses))]
    exact = [*_probes(own, implementation)]
    samples = [*exact, own, *larger]
    if (number := _one_number(samples)) is not None:
        return Diagnosis((), f"Every output is {number}, on the failing case and on the probes.")
    if exact and keeps_weights(of_one_call(exact[0].case, implementation), implementation):
        return _alone([BY_NAME["weights of an earlier call"]], implementation)
    if mistake := mistake_across_calls(samples[0].case, implementation):
        return _alone([mistake], implementation)
    if sentence := unread_weights(own, larger, exact, implementation) or _at_the_end(samples):
        return Diagnosis((), sentence)
    if not (all_wrong := [sample for sample in samples if sample.is_wrong]):
        return _now_and_then(samples[0], implementation, own.case.time, case.time)
    if _leaves_out_upper_layers(samples, implementation):
        return _alone([BY_NAME["only the first layer"]], implementation)
    possible = _possible(case, implementation)
    suspects = [mistake for mistake in possible if mistake.name in suspected]
    # Those that give the very numbers that are wrong: nearly always all that can fit.
    wrong = all_wrong[0]
    likely = [one for one in possible if one.applies(wrong.case) and wrong.equals(one.edits)]
    # Two together are known by equal bits, which no rounded case shows, nor one that is right.
    of_two = next((sample for sample in exact if sample.is_wrong), None)
    for mistakes, of_pairs in ((suspects, of_two), (likely, None), (possible, of_two)):
        if diagnosis := _among(mistakes, samples, implementation, of_pairs):
            return diagnosis
    return _of_none(case, first_to_differ(all_wrong), implementation)


def _at_the_end(samples: Sequence[Sample]) -> str:
    """Says how finished outputs are rounded, of right states; empty where they are not."""
    return wide_state(samples) or rounded_outputs(samples)


def _leaves_out_upper_layers(samples: Sequence[Sample], implementation: Implementation) -> bool:
    """Every wrong sequence is what the implementation gives for the first layer alone, and right.

    Of two calls the bits are equal, whatever the order in which it adds up.
    """
    wrong = [sample for sample in samples if sample.is_wrong]
    return all(_is_of_first_layer(one, implementation) for one in wrong)


def _is_of_first_layer(sample: Sample, implementation: Implementation) -> bool:
    if sample.case.config.num_layers == 1:
        return False
    part = sample.case.first_layers(1)
    lowest = observe(part, implementation).outputs
    if lowest is None or not np.array_equal(lowest.sequence, sample.outputs.sequence):
        return False
    return is_right(part, lowest)


def _possible(case: Case, implementation: Implementation) -> list[Mistake]:
    """The mistakes that who wrote this can have made with the case's cell, in each call."""
    of_cell = (*of_cells([case.config.cell]), *sigmoids(case.config.cell))
    return [one for one in of_cell if not one.stateful and is_possible(one, implementation)]


def _one_number(samples: Sequence[Sample]) -> str | None:
    """Returns the number that every output of every sample is; None where they are several.

    Any mistake that comes to NaN there would match, and of several samples with one number the
    steps and units that any mistake loses, and a second one fills up.
    """
    if all(np.isnan(sample.outputs.sequence).all() for sample in samples):
        return "NaN"
    numbers = {float(n) for sample in samples for n in np.unique(sample.outputs.sequence)}
    return f"{numbers.pop():g}" if len(numbers) == 1 < len(samples) else None


def _probes(own: Sample, implementation: Implementation) -> Iterator[Sample]:
    """The probes that the implementation takes; from zeros where it takes no initial state.

    A notebook's GRU of one b takes none with a bias of U h. Where all outputs of its `own` case are
    tiny, as many mistakes lose them, there is a probe more, whose outputs are small.
    """
    tiny = np.abs(own.right.sequence).max(initial=0) < TINY
    for probe in (*probes(own.case), *([with_small_outputs(own.case)] if tiny else [])):
        for one in (probe, *poorer(probe)):
            if sample := Sample.of(one, implementation, on_probe):
                yield sample
                break


def _among(
    mistakes: Sequence[Mistake],
    samples: Sequence[Sample],
    implementation: Implementation,
    of_pairs: Sample | None,
) -> Diagnosis | None:
    """The mistakes that explain all, else any two that do together, else the one that comes close.

    Two are looked for on the sample `of_pairs`. One that explains nearly all is named alone: a
    second that is not there would be worse.
    """
    shares = {mistake.name: _share([mistake], mistake.edits, samples) for mistake in mistakes}
    best = max(shares.values(), default=0.0)
    if best >= NEARLY_ALL:
        chosen = [mistake for mistake in mistakes if shares[mistake.name] == best]
        return _alone(chosen, implementation)
    if not of_pairs:
        return None

    def explains(pair: Pair, edits: Edits) -> bool:
        return _share(pair, edits, samples) == 1

    if together := list(fitting_pairs(mistakes, of_pairs, implementation, explains)):
        return _together(together, implementation)
    if best < MOST:
        return None
    chosen = [mistake for mistake in mistakes if shares[mistake.name] == best]
    return _alone(chosen, implementation, f"At least {best:.0%} of what differs matches with")


def _together(
    pairs: Sequence[tuple[Mistake, Mistake]], implementation: Implementation
) -> Diagnosis:
    names = tuple(f"{one.name} + {other.name}" for one, other in pairs[:4])
    fixes = "; ".join(dict.fromkeys(fix_for(mistake, implementation) for mistake in pairs[0]))
    sentence = f"Matches with two mistakes together: {' or '.join(names)}. To fix it: {fixes}."
    return Diagnosis(names, sentence)


def _alone(
    mistakes: Sequence[Mistake], implementation: Implementation, start: str = "Matches with"
) -> Diagnosis:
    first, *others = mistakes
    alike = ""
    if others:
        names = [mistake.name for mistake in others]
        if len(names) > SEVERAL:
            names[SEVERAL - 1 :] = [f"{len(names) - SEVERAL + 1} more"]
        alike = f"It would look the same with {' or '.join(names)}. "
    fix = fix_for(first, implementation)
    sentence = f"{start} {first.name}: {first.sentence} {alike}To fix it: {fix}."
    return Diagnosis(tuple(mistake.name for mistake in mistakes), sentence)


def _malformed(cases: Sequence[Case], implementation: Implementation) -> Diagnosis:
    """The mistakes that draw the same complaints, where there are no outputs to compare.

    On a probe, too: what is wrong with one unit or one row alone is no mistake that always shows.
    """
    cases = [*cases, _plainest(cases[0])]
    observations = [observe(case, implementation) for case in cases]
    complaints = [_without_dtype(one.reason) for one in observations]
    of_cell = of_cells([cases[0].config.cell])
    alike = [one for one in of_cell if _complaints(one, cases) == complaints]
    if alike:
        return _alone(alike, implementation)
    first, *_ = observations
    is_there = first.kind == "differs"
    what = "What it gives cannot be compared" if is_there else "It gives no outputs to compare"
    return Diagnosis((), f"{what}: {first.reason}.")


def _of_none(case: Case, wrong: Sample, implementation: Implementation) -> Diagnosis:
    """Describes what no known mistake explains.

    Another layout may show on a probe, and not on this case: as many rows as steps hide it.
    """
    other = observe(_plainest(case), implementation)
    if LOOKS_LIKE in other.reason:
        return Diagnosis((), f"On a case of other sizes {other.reason}.")
    return Diagnosis((), f"Matches no known mistake. {describe_sample(wrong)}")


def _plainest(case: Case) -> Case:
    return poorer(probes(case)[0])[-1]


def _complaints(mistake: Mistake, cases: Iterable[Case]) -> list[str]:
    """What the judge says of this mistake on each case."""
    return [_without_dtype(observe(case, mistake.plant()).reason) for case in cases]


def _without_dtype(reason: str) -> str:
    """Any narrower dtype is the same mistake."""
    return re.sub(r"has dtype float(16|32|64),", "has dtype", reason)


def _share(mistakes: Sequence[Mistake], edits: Edits, samples: Sequence[Sample]) -> float:
    """The share of all that is outside, of which there is some, that the mistakes explain."""
    if all(sample.repeats(edits, mistakes) for sample in samples):
        return 1.0
    ways = samples[0].ways(edits)
    return max(_share_by(mistakes, edits, samples, observed) for observed in ways)


def _share_by(
    mistakes: Sequence[Mistake], edits: Edits, samples: Sequence[Sample], observed: bool
) -> float:
    """The same, in one of the ways of `Sample.share`; 0 where most of some sample is left."""
    if _is_hopeless(mistakes, edits, samples, observed):
        return 0.0
    total = Share()
    # What decides comes first: where something is wrong, and the cheapest of these.
    for sample in sorted(samples, key=lambda one: (not one.outside(observed), one.steps)):
        applies = any(one.applies(sample.case) for one in mistakes)
        if not applies and not sample.outside(observed):
            continue
        share = sample.share(edits, mistakes, observed and not sample.shows_whole(edits))
        if share.is_decided:
            if applies and share.outside and share.value < MOST:
                return 0.0
            total += share
    return total.value


def _is_hopeless(
    mistakes: Sequence[Mistake], edits: Edits, samples: Sequence[Sample], observed: bool
) -> bool:
    """The share is below MOST, as plain arrays tell, which takes a tenth of the time.

    They may err on one probe: where a sum cancels, the mistake's enclosures are wide.
    """
    wrong = [sample for sample in samples if sample.outside(observed)]
    possible = [sample for sample in wrong if sample.can_have(mistakes)]
    lost = sum(sample.outside(observed) for sample in wrong) - sum(
        sample.outside(observed) for sample in possible
    )
    # explained / (explained + lost) is at least MOST from here on.
    least = max(1, lost * MOST / (1 - MOST))
    explained, missed = 0, 0
    for sample in possible:
        if explained >= least and not sample.is_probe:
            continue
        most = sample.most_explained(edits, mistakes, observed)
        missed += sample.is_probe and not most
        if missed > 1:
            return True
        explained += most
    return explained < least


def _now_and_then(
    sample: Sample, implementation: Implementation, steps: int, time: int
) -> Diagnosis:
    """Tells whether outputs vary that are right nearly always, or were not all looked at."""
    if steps < time:
        right = f"no wrong output was observed in the first {steps:,} steps"
        return Diagnosis((), f"No known mistake was tried: {right}.")
    if varies(sample.case, sample.outputs, implementation):
        return _alone([BY_NAME["different on every call"]], implementation)
    return Diagnosis((), "Called again, it is right: on the failing case and on the probes.")
