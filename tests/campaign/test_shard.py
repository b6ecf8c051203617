"""One shard in a worker."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.campaign.plan import Shard
from harness.campaign.shard import Task, case_of, judge_shard
from harness.draw.generate import sample_cases
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
