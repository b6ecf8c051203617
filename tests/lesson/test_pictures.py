from dataclasses import replace
from xml.etree import ElementTree

import pytest

from harness.lesson.alt_texts import alt_text
from harness.lesson.pictures import PICTURES, picture


def test_pictures_are_well_formed_have_words_and_no_date(pictures, plain):
    for name, both in pictures.items():
        for svg in both:
            root = ElementTree.fromstring(svg)
            assert (root.get("role"), root.get("aria-label")) == ("img", alt_text(name, plain))
            assert "metadata" not in svg
            assert "date" not in svg


def test_the_same_picture_each_time(pictures, plain):
    assert picture("fading", plain) == pictures["fading"]
    assert pictures["fading"]._repr_svg_() == pictures["fading"].wide


@pytest.mark.parametrize("name", ["sequences", "ternary", "chaos"])
def test_every_implementation_is_drawn_however_many_there_are(plain, name):
    field = {"sequences": "single", "chaos": "chaotic"}.get(name, name)
    one = getattr(plain, field)
    (outcome,) = one.outcomes.values()
    titles = [f"implementation {number}" for number in range(4)]
    many = replace(plain, **{field: one._replace(outcomes=dict.fromkeys(titles, outcome))})
    figure = PICTURES[name](many, 700)
    words = {axes.get_title() for axes in figure.axes}
    for axes in figure.axes:
        words |= set(axes.get_legend_handles_labels()[1])
    assert set(titles) <= words
