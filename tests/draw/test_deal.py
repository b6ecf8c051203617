"""Tests that any two choices meet in all their levels, and that a case needs no other case."""

from itertools import combinations

import numpy as np
import pytest

from harness.draw.bits import Bits, seeded
from harness.draw.deal import BLOCK, LEVELS, dealt

HIGHEST = (1 << 64) - 1


def levels(count: int, seed: int = 5, start: int = 0) -> np.ndarray:
    """The levels (count, 13) of cases of a stream, read off as a choice of one in thirteen."""
    rows = []
    for index in range(start, start + count):
        bits = dealt(seeded(seed, index), seed, index)
        rows.append([bits.below(LEVELS) for _ in range(LEVELS)])
    return np.array(rows)


@pytest.mark.parametrize("start", [0, BLOCK, 7 * BLOCK])
def test_any_two_choices_meet_once_in_all_their_levels_in_a_block(start: int) -> None:
    table = levels(BLOCK, start=start)
    for one, other in combinations(range(LEVELS), 2):
        assert len(set(zip(table[:, one], table[:, other], strict=True))) == BLOCK


def test_thirteen_cases_in_a_row_have_each_level_of_a_choice_once() -> None:
    for first in range(0, BLOCK, LEVELS):
        assert (np.sort(levels(LEVELS, start=first), axis=0) == np.arange(LEVELS)[:, None]).all()


def test_blocks_and_seeds_are_shuffled_apart() -> None:
    first = levels(BLOCK)
    assert (first != levels(BLOCK, start=BLOCK)).mean() > 0.8
    assert (first != levels(BLOCK, seed=6)).mean() > 0.8


def test_a_case_alone_is_dealt_what_it_is_dealt_among_the_others() -> None:
    assert (levels(1, start=200) == levels(201)[200]).all()


def test_a_word_stands_in_its_level_where_the_random_word_says() -> None:
    for word, end in ((0, 0), (HIGHEST, 1)):
        bits = dealt(Bits(lambda n, word=word: np.full(n, word, np.uint64)), 5, 0)
        for level in levels(1)[0]:
            assert bits.below(LEVELS << 20) == pytest.approx(level + end << 20, abs=1)


def test_there_are_words_for_thirteen_choices_and_no_more() -> None:
    bits = dealt(seeded(5, 0), 5, 0)
    for _ in range(LEVELS):
        bits.below(2)
    with pytest.raises(StopIteration):
        bits.below(2)
