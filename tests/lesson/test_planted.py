import math

import pytest

from harness.lesson.charts import chart
from harness.lesson.planted import _cases, shown
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from harness.mistakes.mistake import Mistake


def test_the_whole_catalogue_is_there_and_each_is_diagnosed(plain):
    assert [item.name for item in plain.planted] == [mistake.name for mistake in MISTAKES]
    assert [item.name for item in plain.planted if item.name not in item.diagnosis] == []
    assert all(
        (item.sentence, item.fix) == (BY_NAME[item.name].sentence, BY_NAME[item.name].fix)
        for item in plain.planted
    )


def test_the_step_at_which_they_part_is_a_step_at_which_they_differ(plain):
    for item in plain.planted:
        assert (item.parts is None) == (not item.where.startswith(("Row", "Layer", "Direction"))), (
            item.name
        )
        if item.parts is not None:
            assert f"step {item.parts}, " in item.where or item.where.startswith("Layer"), item.name
            assert item.right[item.parts] != item.wrong[item.parts], item.name


def test_most_part_visibly(plain):
    visible = [
        item
        for item in plain.planted
        if any(
            not math.isclose(a, b, rel_tol=0.02)
            for a, b in zip(item.right, item.wrong, strict=False)
        )
    ]
    assert len(visible) > 0.8 * len(plain.planted)


def test_a_mistake_that_no_case_shows_is_an_error():
    with pytest.raises(
        LookupError, match="none of the lesson's cases shows the mistake none at all"
    ):
        shown(Mistake("none at all", ""), list(_cases()))


def test_a_course_breaks_where_a_number_is_missing(plain):
    (item,) = (item for item in plain.planted if item.name == "NaN")
    drawn = chart(item)
    assert len(drawn.crosses) == len(item.wrong) - 1
    assert "nan" not in repr(drawn)
    assert len(chart(item._replace(wrong=(1.0, math.nan, 2.0))).wrong) == 2


def test_a_course_of_equal_numbers_has_a_height(plain):
    drawn = chart(plain.planted[0]._replace(right=(1.0, 1.0), wrong=(1.0, 1.0)))
    assert drawn.right == "12.0,65.0 308.0,65.0"
