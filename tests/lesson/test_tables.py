import pytest

from harness.lesson.tables import TABLES, table


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_cell_for_each_heading(plain, name):
    shown = table(name, plain)
    assert shown.rows
    assert {len(row) for row in shown.rows} == {len(shown.headings)} == {len(shown.numbers)}


def test_agreement_is_said_and_so_is_its_absence(plain):
    (other,) = plain.single.others.values()
    assert table("together", plain).rows[0][-1] == "agrees"
    wrong = type(
        "M", (), {"single": plain.single._replace(others={"x": other._replace(agrees=False)})}
    )
    assert table("together", wrong).rows[0][-1] == "does not agree"


def test_the_table_of_mistakes_has_a_row_for_each_that_is_missed(plain):
    rows = {row[0]: row[1:] for row in table("blind", plain).rows}
    assert len(rows) == len(plain.blind.missed)
    assert rows["U transposed"] == ("✗ missed", "✓ seen", "✓ seen")
    assert rows["state carried across calls"] == ("✗ missed", "✗ missed", "✓ seen")
    assert rows["b_U dropped"] == ("✗ missed",) * 3
