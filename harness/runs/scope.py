"""Says what an implementation was judged on, and where that proves too little."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from harness.draw.limits import CHOICES, Limits
from harness.printable import how_many, in_words
from harness.runs.coverage import CASES, Coverage
from harness.runs.values import WHOLE, Value, be, words

FLAGS = {"mask": "masks", "initial_state": "initial_states"}  # features, and their limits


@dataclass(frozen=True)
class Scope:
    """What one implementation was judged on, in words."""

    judged: int
    refused: tuple[str, ...] = ()  # what it always refused
    missing: tuple[str, ...] = ()  # what else it was never judged on
    gap: str = ""  # why the cases prove too little, and what to do, in sentences

    def __str__(self) -> str:
        if not self.refused:
            return in_words(self.missing)
        text = f"{in_words(self.refused)} {be(self.refused)} refused"
        if self.missing:
            text += f"; {in_words(self.missing)} {be(self.missing)} in no case that was judged"
        return text


def scope_of(
    name: str, coverage: Coverage, examples: int, allowed: Limits, interrupted: bool
) -> Scope:
    """Sums up a run of `examples` cases within these limits, which Ctrl-C may have ended."""
    knowledge = coverage.knowledge()
    refused = [value for value in knowledge.blamed if knowledge.refuses(value)]
    if ("mask", True) in refused and ("mask", WHOLE) in refused:
        refused.remove(("mask", WHOLE))
    missing = [v for v in coverage.values if not (knowledge.judged[v] or knowledge.refuses(v))]
    gap = _gap(coverage, examples, allowed)
    judged = coverage.sums["judged"]
    if gap and interrupted:
        gap = f"{name} was judged on {how_many(judged, 'case')} when the run was interrupted."
    elif gap:
        gap = f"{name} {gap}. {_advice(coverage, allowed, _limits(refused, allowed))}"
    return Scope(judged, tuple(words(refused, allowed)), tuple(words(missing, allowed)), gap)


def _gap(coverage: Coverage, examples: int, allowed: Limits) -> str:
    """Says what there is too little of; empty where there is enough."""
    judged, refused = coverage.sums["judged"], coverage.sums["refused"]
    if judged < min(examples, CASES):
        reason = f", as it refused {refused:,}" if refused else ""
        return f"was judged on {judged:,} of {how_many(coverage.sums.total(), 'case')}{reason}"
    knowledge = coverage.knowledge()
    thin = [
        value
        for value in coverage.values
        if knowledge.judged[value] < coverage.need and not knowledge.refuses(value, coverage.need)
    ]
    if not thin:
        return ""
    few = f"fewer than {coverage.need} cases" if coverage.need > 1 else "no case"
    return f"was judged on {few} of {in_words(words(thin, allowed))}"


def _advice(coverage: Coverage, allowed: Limits, limits: dict[str, Any]) -> str:
    if limits:
        return f"Add run.limits = {limits!r}: then only cases are drawn that it takes."
    if not (allowed.shapes or allowed.layer_kinds) and coverage.sums["refused"]:
        return "Add run.limits with the sizes and options that it takes, or try more cases."
    return more_cases(allowed.shapes, allowed.layer_kinds)


def more_cases(shapes: int | None, layer_kinds: int | None) -> str:
    """Says how to get cases that show more, where there are at most so many shapes and kinds."""
    few = [f"{shapes} shapes"] if shapes else []
    few += [f"{layer_kinds} kinds of layers"] if layer_kinds else []
    if not few:
        return "Try more cases."
    return f"Allow more than {in_words(few)}, or try more cases."


def _limits(refused: Collection[Value], allowed: Limits) -> dict[str, Any]:
    """Returns limits that leave out what was refused, as far as limits can."""
    limits: dict[str, Any] = {}
    for name in CHOICES:
        values = dict.fromkeys(allowed.choices[name])
        rest = [value for value in values if (name, value) not in refused]
        if rest and len(rest) < len(values):
            limits[name] = rest if len(rest) > 1 else rest[0]
    return limits | {limit: False for name, limit in FLAGS.items() if (name, True) in refused}
