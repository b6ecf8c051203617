import math

from harness.lesson.charts import chart


def example(plain, name):
    return next(one for one in plain.examples if one.mistake.name == name)


def test_a_line_breaks_where_a_number_is_missing(plain):
    one = example(plain, "NaN")
    lines = chart(one)
    assert len(lines.wrong.points) == len(one.wrong) - 1
    assert "nan" not in repr(lines)
    assert len(chart(one._replace(wrong=(1.0, math.nan, 2.0))).wrong.pieces) == 2


def test_a_line_of_equal_numbers_has_a_height(plain):
    lines = chart(plain.examples[0]._replace(right=(1.0, 1.0), wrong=(1.0, 1.0)))
    assert lines.right.pieces == ("12.0,65.0 308.0,65.0",)


def test_both_lines_have_one_scale_and_the_step_at_which_they_differ_its_place(plain):
    one = plain.examples[0]._replace(right=(0.0, 2.0, 0.0), wrong=(0.0, 4.0), split=1)
    lines = chart(one)
    assert (lines.low, lines.high) == (0.0, 4.0)
    assert lines.right.pieces == ("12.0,118.0 160.0,65.0 308.0,118.0",)
    assert lines.wrong.pieces == ("12.0,118.0 160.0,12.0",)
    assert lines.split == 160.0
    assert chart(one._replace(split=None)).split is None


def test_lines_that_coincide_get_their_difference_on_a_log_axis(plain):
    one = plain.examples[0]._replace(right=(0.0, 1.0, 0.5, 0.0), wrong=(2e-3, 1.0, 0.50001, 2e-6))
    lines = chart(one)
    assert (lines.least, lines.most) == (1e-6, 1e-2)
    assert len(lines.difference.pieces) == 2  # the second step is equal
    (_, high), (_, middle), (_, low) = lines.difference.points
    assert high < middle < low  # an SVG's y points down
    top, bottom = (118.0 - 106.0 * (math.log10(one) + 6) / 4 for one in (2e-3, 2e-6))
    assert (high, low) == (round(top, 1), round(bottom, 1))


def test_lines_that_are_equal_or_apart_get_none(plain):
    one = plain.examples[0]._replace(right=(0.0, 1.0), wrong=(0.0, 1.0))
    assert chart(one).difference is None
    assert chart(one._replace(wrong=(0.0, 0.9))).difference is None
    assert chart(one._replace(wrong=(0.0, math.nan))).difference is None


def test_without_a_second_line_the_first_is_drawn_alone(plain):
    lines = chart(plain.examples[0]._replace(wrong=(), split=None))
    assert lines.wrong.pieces == lines.wrong.points == ()
    assert lines.difference is None
