"""Counts what an implementation was judged on, value by value, and learns what it refuses.

A value is a feature's: one of a Config's choices, with or without a mask or an initial state. Sizes
are not counted.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from harness.draw.generate import Choices
from harness.draw.limits import CHOICES, Limits
from references.case import Case, Config

CASES = 20  # judged cases without which nothing is proved, or all where fewer are asked for
ENOUGH = 5  # judged cases of each value; one in SHARE of all where fewer are asked for
SHARE = 40
SURE = 5  # refusals of cases in which nothing else was refused, after which a value is left out
FLAGS = {"mask": "masks", "initial_state": "initial_states"}  # features, and their limits

WHOLE = "whole"  # a mask without a step that it hides

Value = tuple[str, Any]
Values = frozenset[Value]

# What a value is called, and whether a verb after it stands in the plural.
WORDS: dict[Value, tuple[str, bool]] = {
    ("bidirectional", True): ("two directions", True),
    ("bidirectional", False): ("one direction", False),
    ("bias", True): ("a bias", False),
    ("bias", False): ("no bias", False),
    ("go_backwards", True): ("go_backwards", False),
    ("go_backwards", False): ("reading forwards", False),
    ("mask", True): ("masks", True),
    ("mask", WHOLE): ("masks that hide nothing", True),
    ("mask", False): ("no mask", False),
    ("initial_state", True): ("initial states", True),
    ("initial_state", False): ("no initial state", False),
}


def values_of(case: Case) -> Values:
    """Returns the values of a case. A mask that hides nothing is a value of its own."""
    mask: object = case.mask is not None
    if case.mask is not None and case.mask.all():
        mask = WHOLE
    return _values(case.config, mask, bool(case.h_0.any()), case.masked_output)


def expected_values(config: Config, choices: Choices) -> Values:
    """Returns the values that a case of these choices has nearly always."""
    mask = choices.mask_kind != "none"
    return _values(config, mask, choices.with_state, choices.masked_output)


def _values(config: Config, mask: object, with_state: bool, masked_output: str) -> Values:
    values: set[Value] = {(name, getattr(config, name)) for name in CHOICES}
    values |= {("mask", mask), ("initial_state", with_state)}
    if mask:
        values.add(("masked_output", masked_output))
    return frozenset(values)


def counted(allowed: Limits) -> list[Value]:
    """Lists the values that have to be judged, as far as the limits allow them."""
    values = [(name, value) for name in CHOICES for value in dict.fromkeys(allowed.choices[name])]
    return [*values, ("mask", False), *([("mask", True)] if allowed.masks else [])]


class Knowledge(NamedTuple):
    """What the verdicts so far tell about each value."""

    judged: Counter[Value]
    # Values that were never accepted -> refusals that nothing else explains.
    blamed: Mapping[Value, int]
    hopeless: Values  # those that are not worth a call
    wanted: Values  # those of which cases are to be looked for

    def refuses(self, value: Value, often: int) -> bool:
        """Tells whether the value alone was refused at least so often, and always."""
        return self.blamed.get(value, 0) >= max(often, 1)


@dataclass(frozen=True)
class Scope:
    """What one implementation was judged on, in words."""

    judged: int
    refused: tuple[str, ...] = ()  # what it always refused
    missing: tuple[str, ...] = ()  # what it was never judged on, though it does not refuse it
    gap: str = ""  # why the cases prove too little, and what to do, in sentences
    plural: bool = False  # a verb after `refused` stands in the plural

    def __str__(self) -> str:
        parts = []
        if self.refused:
            were = "were" if self.plural else "was"
            parts.append(f"{listed(self.refused)} {were} refused")
        if self.missing:
            parts.append(f"no case had {listed(self.missing, 'or')}")
        return "; ".join(parts)


class Coverage:
    """Adds up the verdicts on one implementation by the values of their cases, in any order."""

    def __init__(self, name: str, allowed: Limits, examples: int) -> None:
        self._name, self._allowed, self._examples = name, allowed, examples
        self._counts: dict[Values, Counter[str]] = {}
        self._order = {value: place for place, value in enumerate(counted(allowed))}
        self._sums: Counter[str] = Counter()
        self.need = min(ENOUGH, examples // SHARE)

    def add(self, values: Values, kind: str) -> None:
        """Counts a verdict of this kind."""
        key = kind if kind in ("refused", "inconclusive") else "judged"
        self._counts.setdefault(values, Counter())[key] += 1
        self._sums[key] += 1

    @property
    def accepted(self) -> int:
        """The number of cases that were not refused."""
        return self._sums["judged"] + self._sums["inconclusive"]

    @property
    def share(self) -> float:
        """The share of all cases that were not refused."""
        return self.accepted / max(1, self._sums.total())

    def knowledge(self) -> Knowledge:
        """Returns what follows from all verdicts so far."""
        judged, accepted = self._of("judged"), self._of("judged", "inconclusive")
        blamed = self._blame(accepted) if self.accepted else {}
        wanted = (
            value
            for value in self._order
            if judged[value] < self.need
            and accepted[value] < 4 * self.need  # else its cases cannot be decided
            and blamed.get(value, 0) < self.need
        )
        hopeless = frozenset(value for value, alone in blamed.items() if alone >= SURE)
        return Knowledge(judged, blamed, hopeless, frozenset(wanted))

    def scope(self, interrupted: bool) -> Scope:
        """Says what the implementation was judged on, and where that proves too little."""
        knowledge, judged = self.knowledge(), self._sums["judged"]
        refused = [value for value in self._by_order(knowledge.blamed)]
        refused = [value for value in refused if knowledge.refuses(value, 1)]
        thin = [
            value
            for value in self._order
            if knowledge.judged[value] < self.need and not knowledge.refuses(value, self.need)
        ]
        missing = [v for v in self._order if not knowledge.judged[v] and v not in refused]
        gap = ""
        if judged < min(self._examples, CASES):
            gap = f"was judged on {judged} of {self._sums.total():,} cases"
            if self._sums["refused"]:
                gap += f", as it refused {self._sums['refused']:,}"
        elif thin:
            words = listed(self._words(thin), "or")
            gap = f"was judged on fewer than {self.need} cases with {words}"
        if gap and interrupted:
            gap = f"{self._name} was judged on {judged} cases when the run was interrupted."
        elif gap:
            gap = f"{self._name} {gap}. {self._advice(refused)}"
        if ("mask", True) in refused and ("mask", WHOLE) in refused:
            refused.remove(("mask", WHOLE))
        words = tuple(self._words(refused))
        plural = any(WORDS.get(value, ("", False))[1] for value in refused) or len(words) > 1
        plural |= words == ("several layers",)
        return Scope(judged, words, tuple(self._words(missing)), gap, plural)

    def _words(self, values: list[Value]) -> Iterator[str]:
        """Says values in a sentence, the many of one feature together."""
        for name in dict.fromkeys(name for name, _ in values):
            own = [value for value in values if value[0] == name]
            every = dict.fromkeys(self._allowed.choices.get(name, ()))
            rest = [content for content in every if (name, content) not in own]
            if name == "nonlinearity" and len(own) > 1 and len(rest) == 1:
                yield f"all nonlinearities but {rest[0]}"
            elif name == "num_layers" and len(own) > 1 and rest == [1]:
                yield "several layers"
            else:
                yield from map(word, own)

    def _advice(self, refused: list[Value]) -> str:
        if limits := self._limits(refused):
            text = json.dumps(limits).replace("true", "True").replace("false", "False")
            return f"Add run.limits = {text}: only such cases are drawn then."
        if self._sums["refused"]:
            return "Add run.limits with the sizes and options that it takes, or try more examples."
        return "Try more examples."

    def _limits(self, refused: list[Value]) -> dict[str, Any]:
        """Returns limits that leave out what was refused, as far as limits can."""
        limits: dict[str, Any] = {}
        for name in CHOICES:
            values = list(dict.fromkeys(self._allowed.choices[name]))
            rest = [value for value in values if (name, value) not in refused]
            if rest and len(rest) < len(values):
                limits[name] = rest if len(rest) > 1 else rest[0]
        flags = {limit: False for name, limit in FLAGS.items() if (name, True) in refused}
        return limits | flags

    def _of(self, *kinds: str) -> Counter[Value]:
        """Counts the cases of these kinds by value."""
        sums: Counter[Value] = Counter()
        for values, counts in self._counts.items():
            if count := sum(counts[kind] for kind in kinds):
                sums.update(dict.fromkeys(values, count))
        return sums

    def _blame(self, accepted: Counter[Value]) -> dict[Value, int]:
        """Returns the fewest values that explain the refusals: see Knowledge.blamed.

        Takes the value that explains most of those left, again and again; no case that was accepted
        has it. What no single value explains is left out.
        """
        refusals = {
            values: counts["refused"] for values, counts in self._counts.items() if counts["refused"]
        }
        left, blamed = dict(refusals), set()
        while left:
            explains: Counter[Value] = Counter()
            for values, count in left.items():
                explains.update({value: count for value in values if not accepted[value]})
            if not explains:
                break
            best = max(self._by_order(explains), key=explains.__getitem__)
            blamed.add(best)
            left = {values: count for values, count in left.items() if best not in values}
        return {
            value: sum(n for values, n in refusals.items() if values & blamed == {value})
            for value in self._by_order(blamed)
        }

    def _by_order(self, values: Any) -> Iterator[Value]:
        """Yields values in an order that nothing but themselves decides."""
        last = len(self._order)
        yield from sorted(values, key=lambda value: (self._order.get(value, last), repr(value)))


def word(value: Value) -> str:
    """Says a value in a sentence."""
    name, content = value
    if name == "num_layers":
        return f"{content} layer{'s' if content > 1 else ''}"
    if name == "masked_output":
        return f"masked_output {content}"
    return WORDS[value][0] if value in WORDS else str(content)


def listed(words: Any, joint: str = "and") -> str:
    """Returns `a`, `a and b`, or `a, b and c`."""
    words = list(words)
    return f" {joint} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
