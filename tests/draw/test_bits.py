"""Tests the random words: pinned numbers, ranges, and what Hypothesis shrinks towards."""

import numpy as np
import pytest

from harness.draw.bits import Bits, coded, seeded


def words(*values: int) -> Bits:
    """Bits that give these words again and again."""
    return Bits(lambda n: np.resize(np.array(values, np.uint64), n))


HIGHEST = (1 << 64) - 1
PINNED = [-841, 549, 177, 322]  # drawn once; a new stream is a new minor version


@pytest.mark.parametrize(("word", "number"), [(0, 0), (1 << 63, 5), (HIGHEST, 9)])
def test_a_whole_number_is_below_its_end(word: int, number: int) -> None:
    assert words(word).below(10) == number
    assert words(word).choose("abcdefghij") == "abcdefghij"[number]


def test_the_zero_word_is_the_simplest_number() -> None:
    zero = words(0)
    assert zero.up_to(3, 2, 2).tolist() == [[0, 0], [0, 0]]
    assert zero.signs(2).tolist() == [1, 1]
    assert zero.fractions(24, 2).tolist() == [0, 0]


def test_integers_reach_both_ends_and_small_words_give_small_ones() -> None:
    fifths = words(*(((2 * i + 1) << 63) // 5 for i in range(5)))
    drawn = fifths.up_to(2, 5)
    assert sorted(drawn.tolist()) == [-2, -1, 0, 1, 2]
    assert np.abs(drawn).tolist() == [0, 1, 1, 2, 2]


def test_fractions_are_multiples_in_their_range() -> None:
    lowest, highest = words(1 << 63, (1 << 63) - 1).fractions(3, 2)
    assert (lowest, highest) == (-1, 0.75)
    many = seeded(1).fractions(24, 1000)
    assert ((many >= -1) & (many < 1)).all()
    assert not np.fmod(many * 2.0**23, 1).any()


def test_seeded_bits_are_the_same_everywhere_and_depend_on_every_part_of_the_seed() -> None:
    assert seeded(3, 97).up_to(1000, 4).tolist() == PINNED
    assert seeded(3, 98).up_to(1000, 4).tolist() != PINNED
    assert seeded(4, 97).up_to(1000, 4).tolist() != PINNED


def test_the_digits_of_a_code_are_the_numbers_of_an_array_of_any_size() -> None:
    one, other = coded(lambda: 0xF1), coded(lambda: 0xF1)
    assert (one.words(2) >> np.uint64(60)).tolist() == [1, 15]
    assert (other.words(20) >> np.uint64(60)).tolist() == [1, 15] + [0] * 18


def test_a_code_from_2_to_the_63_on_is_a_seed() -> None:
    dense = coded(lambda: 1 << 63).words(20)
    assert len(set(dense.tolist())) == 20
    assert np.array_equal(dense, coded(lambda: 1 << 63).words(20))
