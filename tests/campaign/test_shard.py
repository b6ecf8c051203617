"""One shard in a worker."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.campaign.plan import Shard
from harness.campaign.shard import Death, Task, case_of, judge_shard
from harness.draw.generate import sample_cases
from harness.draw.large import RATE
from harness.draw.limits import limits
from harness.runs.batches import Block, judge_block
from references.notebook import LIMITS
from references.numpy_rnn import run
from tests.campaign.plans import PLAN

pytestmark = pytest.mark.usefixtures("no_worker")


def test_the_clock_of_a_case_runs_for_its_call_and_again_for_its_verdict():
    """Else the last call of a block would pay for all verdicts."""
    told = []
    block = Block(("numpy",), (0, 1, 2), 0, limits(), {})
    for row in judge_block(block, {"numpy": run}, lambda name, index: told.append(index)):
        told.append(f"verdict {row.at}")  # noqa: PERF401 - it grows in between
    assert told == [0, 1, 2, 0, "verdict 0", 1, "verdict 1", 2, "verdict 2"]


@pytest.mark.process
def test_a_notebook_function_computes_what_the_plan_says(monkeypatch, tmp_path):
    """A part that steering narrows to one nonlinearity says nothing of what it computes."""
    monkeypatch.chdir(tmp_path)
    Path("relu.py").write_text(
        "import numpy as np\n"
        "def rnn(inputs, W, U, b):\n"
        "    h, outputs = 0 * b, []\n"
        "    for x in inputs:\n"
        "        h = np.maximum(W @ x + U @ h + b, 0)\n"
        "        outputs.append(h)\n"
        "    return np.stack(outputs)\n"
    )
    name, part = "relu.py:rnn", {"nonlinearity": "relu"}
    shard = Shard(0, name, (name,), 0, 8, "steered")
    for nonlinearity, kind in ((["relu"], "agrees"), (["relu", "tanh"], "refused")):
        limits = LIMITS | {"nonlinearity": nonlinearity}
        plan = replace(PLAN, implementations={name: 1}, limits=limits)
        tables = judge_shard(Task(plan, shard, part, frozenset()), ())["tables"]
        assert tables[name]["counts"] == {kind: 8}


def test_a_failure_is_built_again_from_what_the_journal_holds():
    plan = replace(PLAN, limits={"time": [1, 5]})
    case = case_of(plan, {"case": 12, "part": {"nonlinearity": "relu", "regimes": ["chaotic"]}})
    assert case.config.nonlinearity == "relu"
    assert case.time <= 5
    again = eval(case.origin, {"sample_cases": sample_cases})
    assert again.inputs.tobytes() == case.inputs.tobytes()


@pytest.mark.slow
def test_a_campaign_mixes_in_large_cases_by_index():
    plan = replace(PLAN, implementations={"numpy": 1}, large=RATE, limits={"dtype": "float32"})
    stop = 3 * RATE
    shard = Shard(0, "numpy", ("numpy",), 0, stop, "steered")
    part = {"hidden_size": [2, 3], "regimes": ["chaotic"]}
    result = judge_shard(Task(plan, shard, part, frozenset()), ())
    table = result["tables"]["numpy"]
    assert table["counts"] == {"agrees": stop}
    assert table["reach"]["hidden_size"] == 3
    assert table["large"]
    walls = [wall for index in range(stop) if (wall := plan.wall_at(index))]
    assert len(walls) == 3
    assert set(table["large"]) == {wall.name for wall in walls}
    plain = judge_shard(Task(replace(plan, large=0), shard, part, frozenset()), ())
    assert plain["tables"]["numpy"]["large"] == {}


@pytest.mark.deep
def test_a_failure_on_a_large_case_is_built_again(monkeypatch):
    plan = replace(PLAN, implementations={"numpy": 1}, large=RATE)
    monkeypatch.setattr(
        "harness.campaign.shard.implementation_of",
        lambda name: lambda case: wrong_where_large(case),
    )
    shard = Shard(0, "numpy", ("numpy",), 0, 8 * RATE, "blind")
    table = judge_shard(Task(plan, shard, {}, frozenset()), ())["tables"]["numpy"]
    assert table["counts"]["differs"] >= 4
    for failure in table["failures"]:
        at = json.loads(json.dumps(failure["at"]))
        assert at["case"] % RATE == RATE - 1
        case, again = case_of(plan, at), eval(at["rebuild"], {"sample_cases": sample_cases})
        assert is_large(case)
        assert case.inputs.tobytes() == again.inputs.tobytes()
        assert case.origin == at["rebuild"]
    death = Death("numpy", RATE - 1, "ended")
    dead = judge_shard(Task(plan, shard, {}, frozenset()), (death,))["tables"]["numpy"]
    (crash,) = (failure for failure in dead["failures"] if failure["ended"])
    assert is_large(case_of(plan, crash["at"]))


def is_large(case):
    config = case.config
    sizes = (case.time - 40, case.batch - 4, config.input_size - 32, config.hidden_size - 64)
    return max(*sizes, config.num_layers - 3) > 0


def wrong_where_large(case):
    return run(case).sequence + 1 if is_large(case) else run(case)
