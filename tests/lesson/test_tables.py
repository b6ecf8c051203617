from dataclasses import replace

import pytest

from harness.lesson.tables import TABLES, table


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_cell_for_each_heading(plain, name):
    headings, rows, numbers = table(name, plain)
    assert rows
    assert {len(row) for row in rows} == {len(headings)} == {len(numbers)}


def test_it_says_who_agrees_and_who_does_not(plain):
    (outcome,) = plain.single.outcomes.values()
    assert table("outcomes", plain).rows[0][-1] == "agrees"
    single = plain.single._replace(outcomes={"x": outcome._replace(agrees=False)})
    assert table("outcomes", replace(plain, single=single)).rows[0][-1] == "does not agree"


def test_the_parts_of_a_bound_are_in_both_formats(plain):
    rows = {row[0]: row[1:] for row in table("bound", plain).rows}
    assert rows["n, terms"] == ("98", "98")
    assert rows["u"] == ("5.960e-08", "1.110e-16")
    same = plain.bounds[0]._replace(actual=plain.bounds[0].expected)
    rows = table("bound", replace(plain, bounds=(same, same))).rows
    assert rows[-1] == ("difference of the loop", "0", "0")


def test_the_table_of_mistakes_has_a_row_for_each_that_np_allclose_misses(plain):
    rows = {row[0]: row[1:] for row in table("comparison", plain).rows}
    assert tuple(rows) == plain.allclose.missed
    assert rows["U transposed"] == ("✗ missed", "✓ caught", "✓ caught")
    assert rows["state carried across calls"] == ("✗ missed", "✗ missed", "✓ caught")
    assert rows["b_U dropped"] == ("✗ missed",) * 3
