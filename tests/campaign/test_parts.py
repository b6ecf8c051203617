"""The parts that decide what a campaign draws, counts and covers; each must be able to fail."""

import json
import random
import sys
from dataclasses import replace

import pytest

from harness.campaign import shard, side_effects
from harness.campaign import versions as versions_module
from harness.campaign.coverage import Coverage, possible
from harness.campaign.feedback import Feedback
from harness.campaign.plan import Plan, groups, shards
from harness.campaign.shard import Task, case_of, judge_shard
from harness.campaign.side_effects import watch
from harness.campaign.steer import FEATURES, Ratios
from harness.campaign.tally import (
    KINDS_OF_FAILURE,
    LOWEST,
    MORE,
    Tally,
    bin_of,
)
from harness.campaign.versions import changes, versions
from harness.draw.features import classes
from harness.draw.generate import choices_at, sample_cases
from harness.draw.limits import limits
from harness.judge.judge import judge
from harness.judge.observe import LeftBehind
from harness.mistakes.catalogue import BY_NAME
from harness.runs.batches import Block, judge_block
from harness.runs.resolve import resolve
from harness.runs.summary import REASONS
from references.numpy_rnn import run
from tests.campaign import hostile

PLAN = Plan(
    {"numpy": 1, "torch": 1, "keras/graph": 1, "keras": 10, "keras/unroll": 100},
    10_000,
    None,
    0,
    {},
    60.0,
    4096,
    16,
    0.002,
)


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch):
    monkeypatch.setattr(shard, "here_is", lambda name, index: None)
    monkeypatch.setattr(shard, "still_here", lambda: None)
    monkeypatch.setattr(
        side_effects, "_drop_output", lambda: False
    )  # else the descriptor is taken from pytest: it is a worker's to take


def test_shards_cover_every_case_of_every_implementation_once():
    seen = {name: [] for name in PLAN.implementations}
    for number, one in enumerate(shards(PLAN)):
        assert one.number == number
        for name in one.names:
            seen[name] += range(one.start, one.stop)
    assert all(indices == list(range(10_000)) for indices in map(sorted, seen.values()))


def test_those_that_are_judged_on_a_share_have_processes_of_their_own():
    assert groups(PLAN) == {
        "numpy": ("numpy",),
        "torch": ("torch",),
        "keras": ("keras/graph",),
        "keras, shares": ("keras", "keras/unroll"),
    }


def test_a_users_function_has_a_process_of_its_own():
    plan = replace(
        PLAN, implementations={"mine.py:one": 1, "mine.py:other": 1, "torch": 1, "torch/packed": 1}
    )
    assert list(groups(plan).values()) == [
        ("mine.py:one",),
        ("mine.py:other",),
        ("torch", "torch/packed"),
    ]


def test_one_that_has_ended_processes_is_judged_no_more_once_that_is_settled():
    plan = replace(PLAN, implementations={"numpy": 1}, ahead=3)
    learned = Feedback(plan)
    without = []
    for one in [one for one, _ in zip(shards(plan), range(8), strict=False)]:
        without.append("numpy" in learned.task(one).without)
        learned.add(one.number, one.group, {"numpy": {"deaths": 3, "drawn": {}, "top": []}})
    assert (
        without == [False] * 4 + [True] * 4
    )  # 3 and 3 deaths are those of shards 0 and 1: settled for shard 4


def test_the_clock_of_a_case_runs_for_its_call_and_again_for_its_verdict():
    """Else the last call of a block would pay for all verdicts."""
    told = []
    block = Block(("numpy",), (0, 1, 2), 0, limits(), {})
    for row in judge_block(block, {"numpy": run}, lambda name, index: told.append(index)):
        told.append(f"verdict {row.at}")  # noqa: PERF401 - it grows in between
    assert told == [0, 1, 2, 0, "verdict 0", 1, "verdict 1", 2, "verdict 2"]


def test_every_second_shard_of_a_group_is_steered_or_none_is():
    kinds = [one.kind for one in shards(PLAN) if one.group == "torch"]
    assert kinds[:4] == ["blind", "steered", "blind", "steered"]
    assert {one.kind for one in shards(replace(PLAN, steer=False))} == {"blind"}


def test_the_verdicts_are_known_beforehand():
    assert PLAN.verdicts == 30_000 + 1_000 + 100
    assert replace(PLAN, cases=None, seconds=5.0).verdicts is None


def test_a_plan_survives_json():
    plan = replace(PLAN, limits={"time": (1, 5), "dtype": ("float32",)}, examples=("abc",))
    again = Plan.from_json(json.loads(json.dumps(plan.to_json())))
    assert again.allowed() == plan.allowed()
    assert again.examples == plan.examples


HIGH = ["relu", "chaotic", "float32", "3", "1", "2-7"]


def tables(ratio, values=HIGH, cases=200):
    drawn = {f"{feature} {value}": cases for feature, value in zip(FEATURES, values, strict=True)}
    return {"x": {"drawn": drawn, "top": [[ratio, values]] * 5, "deaths": 0}}


def test_the_bandits_go_where_ratios_are_high_and_go_on_trying_others():
    ratios = Ratios(limits())
    assert ratios.best("0") == {}
    every = {
        f"{feature} {value}": 4000 for feature, values in ratios._values.items() for value in values
    }
    ratios.add({"x": {"drawn": every, "top": []}})
    for _ in range(12):
        ratios.add(tables(0.9))
        for values in (
            ["tanh", "large", "float64", "1", "17+", "17+"],
            ["linear", "saturated", "float64", "2", "2-7", "8-16"],
        ):
            ratios.add(tables(0.1, values))
    chosen = [ratios.best(str(number)) for number in range(200)]
    assert all(
        sample_cases(
            1, **{name: tuple(v) if isinstance(v, list) else v for name, v in part.items()}
        )
        for part in chosen
    )
    wanted = {
        "nonlinearity": "relu",
        "regimes": ["chaotic"],
        "dtype": "float32",
        "num_layers": 3,
        "hidden_size": [1, 1],
    }
    for name, value in wanted.items():
        share = sum(part[name] == value for part in chosen) / len(chosen)
        assert share > 0.5, (name, share)
    assert len({str(part) for part in chosen}) > 3
    assert not [part for part in chosen if part["regimes"] == ["tiny"]]
    assert ratios.best("7") == ratios.best("7")


def test_what_is_steered_stays_within_the_given_limits():
    allowed = limits(hidden_size=(5, 20), nonlinearity="linear", regimes=("mantissa", "tiny"))
    ratios = Ratios(allowed)
    ratios.add(tables(0.5, ["linear", "mantissa", "float32", "1", "8-16", "1"]))
    for number in range(50):
        part = ratios.best(str(number))
        assert (part["nonlinearity"], part["regimes"]) == ("linear", ["mantissa"])
        assert part["hidden_size"] in ([5, 7], [8, 16], [17, 20])


def test_tiny_numbers_and_failures_teach_nothing():
    verdict = judge(next(sample_cases(1, nonlinearity="relu", regimes=("chaotic",))), run, "x")
    assert verdict.worst_ratio > 0
    tally = Tally("x")
    features_of = dict(zip(FEATURES, HIGH, strict=True))
    at = {"case": 0, "part": {}, "rebuild": ""}
    tally.count(verdict, at, features_of | {"regime": "tiny"})
    assert (tally.top, tally.worst_ratio, tally.tiny_ratio) == ([], 0.0, verdict.worst_ratio)
    assert tally.worst_at is None
    tally.count(verdict, at, features_of)
    assert tally.top == [[verdict.worst_ratio, HIGH]]


def result_of(plan, one):
    return judge_shard(Task(plan, one, {}, frozenset()), ())


def test_what_a_shard_learns_does_not_depend_on_the_order_in_which_others_end():
    plan = replace(
        PLAN,
        implementations={"numpy": 1},
        cases=3000,
        limits={"time": (1, 3), "hidden_size": (1, 4)},
        ahead=3,
    )
    whole = list(shards(plan))
    results = {one.number: result_of(plan, one)["tables"] for one in whole[:9]}
    told = []
    for seed in range(3):
        learned = Feedback(plan)
        for number in range(9):  # each window of three comes in any order
            if number % 3 == 0:
                for other in random.Random(seed).sample(range(number, number + 3), 3):
                    learned.add(other, "numpy", results[other])
        told.append([learned.task(one).sub_limits for one in whole[:9]])
    assert told[0] == told[1] == told[2]
    assert any(told[0])


def test_tables_of_parts_add_up_to_that_of_the_whole():
    cases = list(sample_cases(60, seed=2))
    verdicts = [
        judge(case, hostile.wrong if number % 7 == 0 else run, "x")
        for number, case in enumerate(cases)
    ]
    whole, halves = Tally("x"), (Tally("x"), Tally("x"))
    for index, verdict in enumerate(verdicts):
        for table in (whole, halves[index >= 30]):
            at = {"case": index, "part": {}, "rebuild": ""}
            table.count(verdict, at, dict(zip(FEATURES, HIGH, strict=True)))
    merged = Tally("x")
    for half in halves:
        merged.merge(Tally.from_json("x", json.loads(json.dumps(half.to_json()))))
    for name in whole.to_json().keys() - {"drawn", "top"}:
        assert getattr(merged, name) == getattr(whole, name), name
    assert whole.failures
    assert whole.counts.total() == 60


def test_what_has_no_end_is_kept_in_bounds_and_all_of_it_counted():
    case = next(sample_cases(1, nonlinearity="tanh"))
    tally, verdict = Tally("x"), judge(case, hostile.wrong, "x")
    letters = str.maketrans("0123456789", "abcdefghij")  # what differs in numbers alone is one kind
    for number in range(1000):
        at = {"case": number, "part": {}, "rebuild": ""}
        tally.count(replace(verdict, kind="refused", reason=f"no {number}", first=None), at)
        reason = str(number).translate(letters)
        tally.count(replace(verdict, kind="crashed", first=None, reason=reason), at)
    assert len(tally.refusals) == REASONS + 1
    assert tally.refusals.total() == 1000
    assert sum(failure["count"] for failure in tally.failures) == 1000
    assert len(tally.failures) == KINDS_OF_FAILURE + 1
    assert tally.failures[-1]["group"] == ["crashed", MORE, ""]
    assert tally.failures[-1]["at"]["case"] == KINDS_OF_FAILURE


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (0.0, 0),
        (1e-30, 1),
        (2.0**-LOWEST, 1),
        (0.5, LOWEST),
        (0.51, LOWEST + 1),
        (1.0, LOWEST + 1),
        (1.1, LOWEST + 2),
        (float("nan"), LOWEST + 2),
    ],
)
def test_bins_are_powers_of_two(ratio, expected):
    assert bin_of(ratio) == expected


def test_every_pair_that_occurs_is_possible_and_nearly_all_possible_ones_occur():
    allowed = limits()
    pairs = set(possible(allowed))
    met = Coverage(["numpy"], allowed)
    case = next(sample_cases(1))
    verdict = judge(case, run, "numpy")
    for index in range(4000):
        met.add(verdict, classes(*choices_at(index, 0, allowed)))
    (judged_pairs, refused) = met.bits()["numpy"]
    (covered, _) = met._pairs["numpy"]
    assert covered <= pairs
    assert int(judged_pairs, 16).bit_count() == len(covered) > 0.97 * len(pairs)
    assert int(refused, 16) == 0


def test_pairs_follow_the_limits():
    few = possible(
        limits(
            nonlinearity="relu",
            dtype="float32",
            time=1,
            masks=False,
            regimes=("mantissa", "chaotic"),
        )
    )
    assert not [
        pair
        for pair in few
        if "tanh" in str(pair) or "ternary" in str(pair) or "float64" in str(pair)
    ]
    assert len(few) == len(set(few)) < len(possible(limits())) / 2


def test_classes_of_a_case():
    config, choices = choices_at(0, 0, limits())
    choices = choices._replace(time=9, batch=1, mask_kind="left", masked_output="zero")
    found = classes(config, choices)
    assert (found["time"], found["batch"], found["mask"]) == ("8-16", "1", "left zero")


def test_a_failure_is_built_again_from_what_the_journal_holds():
    plan = replace(PLAN, limits={"time": [1, 5]})
    case = case_of(plan, {"case": 12, "part": {"nonlinearity": "relu", "regimes": ["chaotic"]}})
    assert case.config.nonlinearity == "relu"
    assert case.time <= 5
    again = eval(case.origin, {"sample_cases": sample_cases})
    assert again.inputs.tobytes() == case.inputs.tobytes()


def test_what_changes_for_all_is_told_and_put_back():
    import numpy as np

    before = np.geterr()
    case = next(sample_cases(1))
    with pytest.raises(
        LeftBehind, match="it changed NumPy's error state, which concerns all that runs after it"
    ):
        watch(hostile.errstate)(case)
    assert np.geterr() == before
    random.seed(1)
    state = random.getstate()
    with pytest.raises(LeftBehind, match="it seeded Python's random numbers"):
        watch(hostile.seeds)(case)
    assert random.getstate() == state


def test_what_it_raises_itself_is_not_hidden_where_nothing_else_is_wrong():
    with pytest.raises(ValueError, match="the size"):
        watch(hostile.raises)(next(sample_cases(1)))


def loaded(monkeypatch, path):
    """The versions that a new process finds."""
    monkeypatch.setattr(versions_module, "_digests", {})
    for name in [
        name
        for name, module in sys.modules.items()
        if str(path.parent) in str(getattr(module, "__file__", ""))
    ]:
        monkeypatch.delitem(sys.modules, name)
    resolve(f"{path}:run")
    return versions([f"{path}:run"])


def test_versions_tell_a_changed_file_also_one_that_was_imported_from_beside(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # the files are of one second
    path, beside = tmp_path / "mine.py", tmp_path / "campaign_test_kernel.py"
    path.write_text("from campaign_test_kernel import run\n")
    beside.write_text("def run(case): return 1\n")
    before = loaded(monkeypatch, path)
    beside.write_text("def run(case): return 2\n")
    assert changes(before, versions([f"{path}:run"])) == ""  # this process has loaded the old one
    after = loaded(monkeypatch, path)
    assert changes(before, after).startswith(f"{path}: campaign_test_kernel.py was sha256 ")
    path.write_text("from campaign_test_kernel import run  # changed\n")
    assert changes(after, loaded(monkeypatch, path)).startswith(f"{path} was sha256 ")
    assert changes(before, before) == changes({}, before) == changes(before, versions()) == ""


def test_a_framework_that_is_gone_is_a_change():
    assert (
        changes({"tensorflow-cpu": "2.17"}, {"tensorflow": "2.21"})
        == "tensorflow-cpu was 2.17 and is not installed"
    )


def test_two_files_of_one_name_are_two_versions(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    names = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(f"def run(case): return '{folder}'\n")
        names.append(f"{tmp_path / folder / 'mine.py'}:run")
        resolve(names[-1])
    assert len({value for name, value in versions(names).items() if "mine.py" in name}) == 2


def test_a_planted_mistake_is_counted_as_what_it_is():
    plan = replace(PLAN, implementations={"numpy": 1}, cases=300)
    tally = Tally("numpy")
    for index, case in enumerate(sample_cases(50)):
        verdict = judge(case, BY_NAME["U transposed"].plant(), "numpy")
        at = {"case": index, "part": {}, "rebuild": ""}
        tally.count(verdict, at, dict(zip(FEATURES, HIGH, strict=True)))
    assert tally.counts["differs"] == sum(failure["count"] for failure in tally.failures)
    assert tally.counts["differs"] > 20
    assert tally.worst_ratio > 1  # as in a run of verify
    right = result_of(plan, next(shards(plan)))
    assert right["tables"]["numpy"]["counts"] == {
        "agrees": 250 if right["tables"]["numpy"]["cases"] == 250 else 300
    }
