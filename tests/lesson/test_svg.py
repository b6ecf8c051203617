import re

from matplotlib.figure import Figure

from harness.lesson.svg import COLOURS, page_svg


def test_pictures_follow_the_pages_colours(pictures):
    for svg in (svg for picture in pictures.values() for svg in picture):
        literal = set(re.findall(r"#[0-9a-f]{6}", re.sub(r"var\([^)]*\)", "", svg)))
        assert literal <= {"#ffffff"}, literal
        assert not any(stand_in in svg for stand_in in COLOURS)


def test_a_colour_of_matplotlibs_own_would_be_noticed():
    figure = Figure()
    figure.subplots().plot([1, 2])
    assert "#1f77b4" in page_svg(figure, "x", "a line")


def test_ids_do_not_clash_and_are_all_there(pictures):
    svgs = [svg for picture in pictures.values() for svg in picture]
    ids = [name for svg in svgs for name in re.findall(r'\bid="([^"]+)"', svg)]
    assert ids
    assert len(ids) == len(set(ids))
    uses = {name for svg in svgs for name in re.findall(r'(?:url\(#|href="#)([^")]+)', svg)}
    assert uses == set(ids)
