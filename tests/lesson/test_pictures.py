import re
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

from harness.lesson.in_words import WORDS, in_words
from harness.lesson.pictures import PICTURES, picture
from harness.lesson.svg import COLOURS, page_svg


@pytest.fixture(scope="module")
def drawn(plain):
    return {name: picture(name, plain) for name in PICTURES}


def test_every_picture_has_words():
    assert set(WORDS) == set(PICTURES)


def test_pictures_follow_the_pages_colours(drawn):
    for shown in drawn.values():
        for svg in shown:
            literal = set(re.findall(r"#[0-9a-f]{6}", re.sub(r"var\([^)]*\)", "", svg)))
            assert literal <= {"#ffffff"}, literal
            assert not any(stand_in in svg for stand_in in COLOURS)


def test_a_colour_of_matplotlibs_own_would_be_noticed():
    figure = Figure()
    figure.subplots().plot([1, 2])
    assert "#1f77b4" in page_svg(figure, "x", "a line")


def test_pictures_are_well_formed_have_words_and_no_date(drawn, plain):
    for name, shown in drawn.items():
        for svg in shown:
            root = ElementTree.fromstring(svg)
            assert (root.get("role"), root.get("aria-label")) == ("img", in_words(name, plain))
            assert "metadata" not in svg
            assert "date" not in svg


def test_ids_do_not_clash_and_are_all_there(drawn):
    svgs = [svg for shown in drawn.values() for svg in shown]
    ids = [found for svg in svgs for found in re.findall(r'\bid="([^"]+)"', svg)]
    assert len(ids) == len(set(ids))
    referred = {found for svg in svgs for found in re.findall(r'(?:url\(#|href="#)([^")]+)', svg)}
    assert referred == set(ids)


def test_the_same_picture_each_time(drawn, plain):
    assert picture("fading", plain) == drawn["fading"]
    assert drawn["fading"]._repr_svg_() == drawn["fading"].wide


def test_the_words_carry_the_numbers(plain):
    assert f"falling steadily from {plain.fading.difference[0]:.1e}" in in_words("fading", plain)
    (other,) = plain.ternary.others.values()
    wrong = plain.ternary._replace(
        others={"x": other._replace(sequence=np.zeros_like(other.sequence))}
    )
    assert "all the same" in in_words("ternary", plain)
    assert "not all the same" in WORDS["ternary"](type("M", (), {"ternary": wrong}))
