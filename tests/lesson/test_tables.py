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


def test_the_printed_parts_of_a_bound_give_the_printed_bound(plain):
    rows = {row[0]: row[1:] for row in table("bound", plain).rows}
    assert rows["n, terms"] == ("97", "97")
    assert rows["u"] == ("5.960464e-08", "1.110223e-16")
    for column in (0, 1):
        n, u, gamma, own, S, _, slope, output, *results = (
            float(row[column]) for row in rows.values()
        )
        from_sum, from_tanh, allowed, difference = results
        assert f"{n * u / (1 - n * u):.3e}" == f"{gamma:.3e}"
        assert f"{slope * (gamma + own) * S:.4e}" == f"{from_sum:.4e}"
        assert f"{(8 * 2 * u + 2.0**-51) * abs(output):.4e}" == f"{from_tanh:.4e}"
        assert f"{from_sum + from_tanh:.3e}" == f"{allowed:.3e}"
        assert 0 < difference < allowed


def test_the_table_of_mistakes_has_a_row_for_each_that_np_allclose_misses(plain):
    rows = {row[0]: row[1:] for row in table("comparison", plain).rows}
    assert tuple(rows) == plain.allclose.missed
    assert rows["U transposed"] == ("✗ missed", "✓ caught", "✓ caught")
    assert rows["state carried across calls"] == ("✗ missed", "✗ missed", "✓ caught")
    assert rows["tanh overflows"] == ("✗ missed",) * 3
