"""Measures how much of what differs a mistake explains, on a case that was run."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Self

import numpy as np

from harness.judge.all_layers import all_layers
from harness.judge.bounds.enclosure import NoRule
from harness.judge.calls.observe import Implementation, observe
from harness.judge.lengths import lengths_of
from harness.mistakes.causes.boundaries import (
    Place,
    at_places,
    first_outside,
    where_masked_last,
    where_wrong,
)
from harness.mistakes.causes.comparison import Pair, inside, is_narrow, is_near, last_states, same
from harness.mistakes.causes.share import ENOUGH, MOST, Share
from harness.mistakes.enclose import enclose
from harness.mistakes.mistake import NOTHING, Edits, Mistake, finish, run
from harness.mistakes.right_variants import edits_in_order, from_the_other_end, one_by_one
from references.case import Case, Outputs
from references.numpy_rnn import run as loop

MOST_BOUNDARIES = 24  # in all layers and directions; each is another run on enclosures


@dataclass(frozen=True)
class Sample:
    """A case, what the implementation put out, and the right outputs."""

    case: Case
    outputs: Outputs
    # Every layer's sequence, None where it cannot be known; empty where none can.
    layers: tuple[np.ndarray | None, ...]
    run: Callable[[Case, Edits], Outputs] = run  # the loop, or one that remembers

    @classmethod
    def of(
        cls,
        case: Case,
        implementation: Implementation,
        run: Callable[[Case, Edits], Outputs] = run,
    ) -> Self | None:
        """Runs the implementation; None where it gives no outputs.

        Of a case of which a sample of lengths is observed, it takes the first steps.
        """
        observation = observe(case, implementation)
        outputs, lengths = observation.outputs, lengths_of(case)
        if outputs is None:
            return None
        if observation.by_last_outputs and not lengths.is_all:
            return cls.of(case.first_steps(lengths.first), implementation, run)
        # Wrong final states, which differ from those of fewer layers, hide no sequence.
        sequences = replace(outputs, h_n=None)
        layers = all_layers(case, implementation, sequences)
        unknown = len(layers.sequences) - 1 if layers.enclosed else 0
        observed = (*[None] * unknown, *layers.sequences[unknown:])
        return cls(case, outputs, observed, run)

    @cached_property
    def right(self) -> Outputs:
        """What the hand-written loop gives."""
        return loop(self.case)

    def _outside(self, observed: bool) -> list[np.ndarray]:
        """Which numbers of each array are not right: from the states observed, or from its own.

        An error of finished outputs shows in the second way where it is, in the first everywhere.
        """
        return self._outside_observed if observed and self.layers else self._outside_own

    @cached_property
    def _outside_observed(self) -> list[np.ndarray]:
        return [~inside(*pair) for pair in self._pairs(NOTHING, [], observed=True)]

    @cached_property
    def _outside_own(self) -> list[np.ndarray]:
        if self.layers:
            return [~inside(*pair) for pair in self._pairs(NOTHING, [], observed=False)]
        pairs = [(self.outputs.sequence, self.right.sequence)]
        pairs += last_states(self.outputs, self.right)
        return [actual != expected for actual, expected in pairs]

    def outside(self, observed: bool) -> int:
        """How many numbers are not right."""
        return sum(int(one.sum()) for one in self._outside(observed))

    @property
    def outside_sequence(self) -> np.ndarray | None:
        """Which outputs lie outside of what follows from the states observed before them.

        None where equal bits tell more: where all is exact, and where the states are not known.
        Where only the other layers or states are wrong, none lies outside.
        """
        if not self.layers or self._is_exact:
            return None
        return self._outside_observed[len(self._sequences) - 1]

    @cached_property
    def _is_exact(self) -> bool:
        """No number has room: what is not equal is wrong."""
        pairs = self._pairs(NOTHING, [], observed=bool(self.layers))
        return not any(expected.imag.any() for _, expected in pairs)

    def shows_whole(self, edits: Edits) -> bool:
        """The loop with these edits tells all layers of the whole case, as its numbers are exact.

        Calls on fewer layers cannot show what mixes up several.
        """
        several = self.case.config.num_layers > 1 and not self._own_layers
        return several and self.is_probe and self._is_exact and not edits.boundary

    @property
    def wrong_states(self) -> dict[str, np.ndarray]:
        """Which numbers (L*D, B, H) of h_n and of c_n are not right, of what it returns of them."""
        names = [name for name in ("h_n", "c_n") if getattr(self.outputs, name) is not None]
        arrays = self._outside(True)  # the states stand last
        return dict(zip(names, arrays[len(arrays) - len(names) :], strict=True))

    @property
    def is_probe(self) -> bool:
        """Its case is short, and the same for many diagnoses."""
        return self.run is not run

    @property
    def steps(self) -> int:
        """How many steps are taken, in all layers and directions."""
        return self.case.time * len(self.case.weights)

    @property
    def is_wrong(self) -> bool:
        """Some number is not right."""
        return self.outside(True) > 0

    def share(self, edits: Edits, mistakes: Sequence[Mistake], observed: bool) -> Share:
        """How much of what is outside these edits explain, where one of the mistakes applies.

        Steps start from the states `observed`, or else from those that the mistaken loop has.
        """
        total = self.outside(observed)
        nothing = Share(0, total, 0, total)
        if not self.can_have(mistakes):
            return nothing
        if self.equals(edits):
            return Share(total, 0, 0, total)
        if observed and edits.outputs:  # states cannot be observed: nothing but equal bits counts
            return nothing
        try:
            pairs = self._predict(edits, mistakes, observed) if self.layers else []
        except (NoRule, np.exceptions.ComplexWarning):  # a change of which no enclosure is known
            return nothing
        if not pairs or any(actual.shape != expected.shape for actual, expected in pairs):
            return nothing
        share = Share()
        for outside, (actual, expected) in zip(self._outside(observed), pairs, strict=False):
            is_inside, decided = inside(actual, expected), is_narrow(actual, expected)
            share += (
                int((outside & is_inside & decided).sum()),
                int((outside & ~is_inside).sum()),
                int((~outside & ~is_inside).sum()),
                int(outside.sum()),
            )
        if not total and not (share.contradicted or edits.boundary) and self._would_show(edits):
            return share._replace(contradicted=self.outputs.sequence.size)
        return share

    def most_explained(self, edits: Edits, mistakes: Sequence[Mistake], observed: bool) -> int:
        """How many numbers outside these edits can explain; 0 where the share is below MOST.

        What they compute on plain arrays lies in the enclosures, and what is far from that in none
        that is narrow. All are taken for narrow on a probe, and for wide elsewhere, and where a
        mistake has a mark: it rounds to a narrower format, and a sum may lose all its bits.
        """
        total = self.outside(observed)
        if edits.boundary or self.equals(edits) or any(one.mark for one in mistakes):
            return total
        if not self.layers or (observed and edits.outputs):
            return 0
        near, contradicted = 0, 0
        pairs = self._pairs(edits, mistakes, observed, on_arrays=True)
        for outside, (actual, other) in zip(self._outside(observed), pairs, strict=False):
            if actual.shape != other.shape:
                return 0
            close = is_near(actual, other)
            near += int((outside & close).sum())
            contradicted += int((~outside & ~close).sum())
        if self.is_probe:
            return near if near - contradicted >= MOST * total else 0
        return near if near >= MOST * ENOUGH * total else 0

    def _would_show(self, edits: Edits) -> bool:
        """The loop with these edits is itself wrong here, whatever its enclosures leave open.

        In other orders of its sums, too: what one order loses, another may keep.
        """
        orders = (edits_in_order(edits, dot) for dot in (from_the_other_end, one_by_one))
        return all(map(self._is_wrong_by, (edits, *orders)))

    def _is_wrong_by(self, edits: Edits) -> bool:
        outputs = run(self.case, edits)
        expected = enclose(self.case, NOTHING, outputs.layers)
        return not bool(inside(outputs.sequence, expected.sequence).all())

    def can_have(self, mistakes: Sequence[Mistake]) -> bool:
        """One of the mistakes applies, and no other look of the sequence rules one out."""
        return any(one.applies(self.case) for one in mistakes) and all(
            one.mark is None or one.mark(self.outputs.sequence) for one in mistakes
        )

    def repeats(self, edits: Edits, mistakes: Sequence[Mistake]) -> bool:
        """All is as these edits have it, bit for bit: their share is 1, if anything is wrong."""
        return self.can_have(mistakes) and self.equals(edits)

    def equals(self, edits: Edits, loops: Callable[[Edits], Outputs] | None = None) -> bool:
        """The loop with these edits gives the same numbers, bit for bit.

        `loops` gives what the loop puts out before its finished outputs are changed.
        """
        try:
            outputs = (loops or partial(self.run, self.case))(edits._replace(outputs=()))
            return same(self.outputs, finish(self.case, edits, outputs))
        except ValueError:  # two edits that do not go together: shapes do not meet
            return False

    def has_shape(self, edits: Edits) -> bool:
        """The loop with these edits gives arrays of the same shapes."""
        other = run(self.case, edits)
        return other.sequence.shape == self.outputs.sequence.shape and other.h_n is not None

    def _predict(self, edits: Edits, mistakes: Sequence[Mistake], observed: bool) -> list[Pair]:
        if not edits.boundary:
            return list(self._pairs(edits, mistakes, observed))
        if self.case.c_0 is not None:
            return self._at_boundaries(edits, mistakes, observed)
        # Chunk by chunk, a row that is masked at the boundary loses its state as well.
        changes = {"carry": edits.boundary, "hold": edits.hold or edits.boundary}
        right, other = (
            list(self._pairs(edits._replace(boundary=None, **change), mistakes, observed))
            for change in ({"carry": None}, changes)
        )
        outside, count = self._outside(observed), len(self._sequences)
        sequences = map(partial(where_wrong, self.case), outside[:count], right, other)
        states = right[count:]  # the final ones; wrong ones alone are no sign of a boundary
        if any(wrong.any() for wrong in outside[:count]):
            choose = partial(where_masked_last, self.case)
            states = list(map(choose, outside[count:], states, other[count:]))
        return [*sequences, *states]

    def _at_boundaries(
        self, edits: Edits, mistakes: Sequence[Mistake], observed: bool
    ) -> list[Pair]:
        """Puts a boundary before the step that first leaves its enclosure, then before the next.

        What an LSTM's c loses changes every later step, and nobody observes c.
        """
        places: set[Place] = set()
        while True:
            changed = edits._replace(**at_places(edits.boundary, places), boundary=None)
            pairs = list(self._pairs(changed, mistakes, observed))
            more = first_outside(self.case, zip(self._sequences, pairs, strict=False)) - places
            enough = 2 * (len(places) + len(more)) > self.case.time * len(self.case.weights)
            if not more or enough or len(places) >= MOST_BOUNDARIES:
                return pairs
            places |= more

    def ways(self, edits: Edits) -> tuple[bool, ...]:
        """The values of `observed` with which to judge edits.

        What a whole run computes in a lower layer may differ from a run of that layer alone.
        """
        if edits.outputs:
            return (False, True)
        several = self.case.config.num_layers > 1 and not self._own_layers
        return (True, False) if several else (True,)

    @property
    def _sequences(self) -> dict[int, np.ndarray]:
        """The sequences that are known, by the number of their layer, lowest first."""
        return {number: one for number, one in enumerate(self.layers) if one is not None}

    @property
    def _own_layers(self) -> bool:
        return self.outputs.layers is not None

    def _pairs(
        self, edits: Edits, mistakes: Sequence[Mistake], observed: bool, on_arrays: bool = False
    ) -> Iterator[Pair]:
        """Each array, and its enclosure by these edits: layer by layer, then the final states.

        A final state is left out where the edits say nothing of it.
        """
        enclosed = partial(self._enclosed, observed=observed, on_arrays=on_arrays)
        whole = enclosed(self.case, edits)
        if self._own_layers and whole.layers:
            yield from zip(self._sequences.values(), whole.layers, strict=True)
        else:
            for number in [*self._sequences][:-1]:
                part = self.case.first_layers(number + 1)
                applies = not mistakes or any(mistake.applies(part) for mistake in mistakes)
                yield (
                    self._sequences[number],
                    enclosed(part, edits if applies else NOTHING).sequence,
                )
            yield self.outputs.sequence, whole.sequence
        yield from last_states(self.outputs, whole)

    def _enclosed(self, case: Case, edits: Edits, observed: bool, on_arrays: bool) -> Outputs:
        if on_arrays and not observed:
            return (self.run if case is self.case else run)(case, edits)
        layers = self.layers[: case.config.num_layers] if observed else None
        return enclose(case, edits, layers, on_arrays)
