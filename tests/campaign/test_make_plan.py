"""Names and shares; limits and variants written out."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.campaign.make_plan import make_plan, shares
from harness.campaign.plan import Plan, shards
from harness.implementations.find import NotFound
from references import installed
from tests.campaign.conftest import campaign


@pytest.mark.framework
def test_shares():
    assert shares("torch, keras/graph@10,torch/all@1000") == {
        "torch": 1,
        "keras/graph": 10,
        "torch/all": 1000,
    }
    Path("al@b.org").mkdir()
    Path("al@b.org/mine.py").touch()
    name = "al@b.org/mine.py:run"
    assert shares(f"{name},{name}s@7") == {name: 1, f"{name}s": 7}
    if {"torch", "keras"} <= set(installed()):
        assert shares(None) == {"torch": 1, "keras": 100, "keras/graph": 1}


def test_nothing_installed_is_a_sentence(monkeypatch):
    monkeypatch.setattr("harness.campaign.make_plan.default_frameworks", lambda: ())
    with pytest.raises(
        NotFound,
        match=(
            r"no framework is installed: pip install 'rnn-parity\[all\]', "
            r"or name --implementations"
        ),
    ):
        shares(None)


@pytest.mark.long
@pytest.mark.process
def test_limits_hold_and_all_is_written_out():
    done = campaign(
        "c",
        "--implementations",
        "torch/packed@50,torch/halves@50",
        "--cases",
        "100",
        "--time-steps",
        "3",
        "--dtype",
        "float64",
        "--workers",
        "1",
    )
    assert done.returncode in (0, 3), done.stderr  # on two cases, some variants refuse both
    assert "torch/packed" in done.stdout


@pytest.mark.framework
def test_a_row_of_verify_is_no_name_of_a_campaign():
    with pytest.raises(NotFound, match="name torch, and --cell gru"):
        shares("torch,torch gru")


def asked_here(calls):
    return [function(*arguments) for _, _, function, *arguments in calls]


def test_with_few_shapes_there_is_no_search_whose_limits_had_shapes_of_their_own(no_worker):
    for limits, steer in (({}, True), ({"layer_kinds": 5}, False), ({"shapes": 5}, False)):
        made, _ = make_plan(
            {"numpy": 1}, cases=50_000, seconds=None, seed=0, limits=limits, time_limit=60,
            memory_limit=4096, blind=False, examples=None, known=None, count=1,
            ask=asked_here,
        )  # fmt: skip
        assert made.steer is steer
        assert {one.kind for one in shards(made)} == ({"blind", "steered"} if steer else {"blind"})
    assert not any(map(made.wall_at, range(500)))
    assert any(map(replace(made, limits={}).wall_at, range(500)))
    assert Plan.from_json(json.loads(json.dumps(made.to_json()))).allowed().shapes == 5


@pytest.mark.process
def test_who_takes_only_some_of_the_cases_is_told_to_have_a_campaign_of_its_own():
    Path("mine.py").write_text("from references.cells.rnn import simple_rnn as rnn\n")
    small = ("--cases", "4", "--workers", "1", "--time-steps", "2")
    done = campaign("c", "--implementations", "mine.py:rnn,numpy", *small)
    assert (
        "mine.py:rnn takes only some of the cases that are drawn for all; a campaign of its own "
        "draws what it takes"
    ) in done.stderr
    assert "takes only some" not in campaign("d", "--implementations", "mine.py:rnn", *small).stderr
