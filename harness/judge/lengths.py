"""Chooses the lengths to which a case is cut for a function that gives its last output alone."""

import itertools
from typing import NamedTuple

import numpy as np

from references.case import Case

EVERY = 512  # steps of a case that is cut to each of its lengths
STEPS = 1 << 18  # of all calls on a longer case: seconds, in a loop. That on the whole is extra
LONGEST = 10_000  # steps: their last lengths are within STEPS, and enclosing them takes seconds
FIRST = 256  # lengths of a longer case that follow one another from 1 on
WIDTH = 4  # neighbours in a group of the others
MOST = 64  # groups
# Of a group's place within its share of the lengths: squares by the golden ratio have no period.
GOLDEN, WHOLE = 2654435769, 1 << 32


class Lengths(NamedTuple):
    """The lengths of a case: the first ones, then groups of neighbours, of which the last ends it.

    In two directions they are counted from either end.
    """

    time: int
    first: int  # so many from 1 on
    groups: tuple[int, ...] = ()  # the shortest length of each

    @property
    def is_all(self) -> bool:
        """True where no length is left out."""
        return self.first == self.time

    @property
    def all(self) -> list[int]:
        """Every length, in order."""
        others = (start + number for start in self.groups for number in range(WIDTH))
        return [*range(1, self.first + 1), *others]

    def steps_after(self, neighbours: int) -> np.ndarray:
        """Steps from 0 on of which so many before stand in the same group: (groups, the others)."""
        starts = np.array(self.groups, int).reshape(-1, 1)
        return starts - 1 + np.arange(neighbours, WIDTH)

    @property
    def without_groups(self) -> "Lengths":
        """The first lengths alone."""
        return self._replace(groups=())


def lengths_of(case: Case) -> Lengths:
    """Every length, or of a long case a sample, which is the same for each case of its size.

    With a mask a sample is the first ones: the state before a step may be any earlier output.
    """
    time = case.time
    if time <= EVERY:
        return Lengths(time, time)
    if case.mask is not None:
        return Lengths(time, FIRST)
    steps = STEPS // case.config.num_directions - FIRST * (FIRST + 1) // 2 - (WIDTH - 1) * time
    return Lengths(time, FIRST, (*_groups(FIRST, time - WIDTH, steps), time - WIDTH + 1))


def judged_steps(case: Case, by_sample: bool) -> Case:
    """The case, or its first steps where it was judged by a sample of lengths."""
    return case.first_steps(lengths_of(case).first) if by_sample else case


def _groups(low: int, high: int, steps: int) -> list[int]:
    """Starts of groups above `low` and up to `high`, one in each of equal shares."""
    size = high - low
    # Its end is the most that a group of a share can take: together half a share more than half.
    count = (steps // WIDTH - size // 2) // (low + size // 2)
    count = max(0, min(MOST - 1, count, size // WIDTH))
    ends = [low + size * number // count for number in range(count + 1)] if count else []
    pairs = itertools.pairwise(ends)
    return [
        start + 1 + (number * number * GOLDEN % WHOLE * (end - start - WIDTH + 1) // WHOLE)
        for number, (start, end) in enumerate(pairs, 1)
    ]
