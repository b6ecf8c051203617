from dataclasses import replace

import numpy as np

from harness.lesson.alt_texts import ALT_TEXTS, alt_text
from harness.lesson.pictures import PICTURES


def test_every_picture_has_one():
    assert set(ALT_TEXTS) == set(PICTURES)


def test_it_has_the_numbers(plain):
    assert f"falling steadily from {plain.fading.difference[0]:.1e}" in alt_text("fading", plain)
    assert f"grows to {plain.chaotic.largest('difference'):.1e}" in alt_text("chaos", plain)


def test_it_says_whether_all_is_the_same(plain):
    assert "The grids are all the same" in alt_text("ternary", plain)
    (outcome,) = plain.ternary.outcomes.values()
    wrong = outcome._replace(sequence=np.zeros_like(outcome.sequence))
    ternary = plain.ternary._replace(outcomes={"x": wrong})
    text = alt_text("ternary", replace(plain, ternary=ternary))
    assert "The grids are not all the same" in text
