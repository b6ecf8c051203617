"""Rows for other programs."""

import pytest

from tests.campaign.conftest import HERE, campaign, exported

pytestmark = pytest.mark.process


@pytest.mark.deep
def test_the_rows_of_an_export_add_up():
    implementation = f"{HERE / 'hostile'}.py:exits"
    done = campaign(
        "c", "--implementations", f"numpy,{implementation}@2", "--cases", "300", "--seed", "2"
    )
    assert done.returncode == 0, done.stdout  # case 3 is no multiple of 2
    rows = exported("c")
    assert [row["shard"] for row in rows] == list(range(len(rows)))
    assert {row["seed"] for row in rows} == {2}
    assert sum(row["cases"] for row in rows) == 300 + 150
    assert sum(row["counts"].get(implementation, {"agrees": 0})["agrees"] for row in rows) == 150
    assert all(row["versions"]["numpy"] for row in rows)
