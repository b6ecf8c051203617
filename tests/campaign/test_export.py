"""Rows for other programs."""

import json
import math
from types import SimpleNamespace

import pytest

from harness.campaign.export import rows
from tests.campaign.conftest import HERE, campaign, exported


@pytest.mark.process
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


def test_an_infinite_ratio_is_a_text_which_every_program_reads(monkeypatch):
    monkeypatch.setattr("harness.campaign.export.document", lambda journal: ({},))
    monkeypatch.setattr("harness.campaign.export.findings_of", lambda document: ())
    shard = dict.fromkeys(("shard", "versions", "part", "seconds", "memory", "committed"))
    shard["tables"] = {"mine": {"cases": 1, "counts": {}, "worst_ratio": math.inf}}
    journal = SimpleNamespace(plan=SimpleNamespace(seed=0), rows=lambda: [shard])
    (row,) = json.loads(json.dumps(list(rows(journal)), allow_nan=False))
    assert row["worst_ratio"] == {"mine": "Infinity"}
