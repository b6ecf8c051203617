import math

from harness.lesson.charts import chart


def example(plain, name):
    return next(one for one in plain.examples if one.mistake.name == name)


def test_a_line_breaks_where_a_number_is_missing(plain):
    one = example(plain, "NaN")
    lines = chart(one)
    assert len(lines.crosses) == len(one.wrong) - 1
    assert "nan" not in repr(lines)
    assert len(chart(one._replace(wrong=(1.0, math.nan, 2.0))).wrong) == 2


def test_a_line_of_equal_numbers_has_a_height(plain):
    lines = chart(plain.examples[0]._replace(right=(1.0, 1.0), wrong=(1.0, 1.0)))
    assert lines.right == "12.0,65.0 308.0,65.0"


def test_both_lines_have_one_scale_and_the_step_at_which_they_differ_its_place(plain):
    one = plain.examples[0]._replace(right=(0.0, 2.0, 0.0), wrong=(0.0, 4.0), split=1)
    lines = chart(one)
    assert (lines.low, lines.high) == (0.0, 4.0)
    assert lines.right == "12.0,118.0 160.0,65.0 308.0,118.0"
    assert lines.wrong == ("12.0,118.0 160.0,12.0",)
    assert lines.split == 160.0
    assert chart(one._replace(split=None)).split is None
