"""How failures become findings, with a worker that only tells what it was asked."""

from pathlib import Path

import pytest

from harness.campaign.executors import Stopped
from harness.campaign.investigate import diagnose_failure
from harness.campaign.open_journal import begin
from harness.campaign.plan import Plan
from harness.campaign.result import UNKNOWN, findings, sights
from harness.campaign.tally import MORE, Tally
from harness.processes.process import Ended
from harness.runs.failures import OUTPUTS

PLAN = Plan({"x": 1}, 1000, None, 0, {}, 60.0, 4096, 32, 0.002)


@pytest.fixture
def journal():
    with begin(Path("c.campaign"), PLAN, {"versions": {}, "environment": {}}) as made:
        yield made


def failure(case, *features, what=OUTPUTS, place="layer 0, direction 0"):
    at = {"case": case, "part": {}, "rebuild": f"case {case}"}
    return {
        "group": ["differs", what, place, *features],
        "count": 10,
        "at": at,
        "reason": "",
        "where": place,
        "ended": False,
    }


class Worker:
    """Gives diagnoses by the case's number, and no smaller cases."""

    def __init__(self, names):
        self.names, self.asked = names, []

    def __call__(self, calls):
        return [self.answer(*call) for call in calls]

    def answer(self, group, bounds, function, plan, name, at, more):
        if function is not diagnose_failure:
            return Ended("was not asked", None)
        self.asked.append((at["case"], list(more)))
        found = self.names(at["case"])
        return (
            found
            if isinstance(found, Ended)
            else {"names": found, "sentence": "Matches." if found else "Matches no known mistake."}
        )


def found(journal, worker, failures):
    return [
        (one["count"], one["diagnosis"]["names"], one["place"])
        for one in findings(journal, {"x": Tally("x", failures=failures)}, worker)
    ]


def test_failures_that_look_alike_are_one_finding_wherever_they_are_and_are_suspected_first(
    journal,
):
    worker = Worker(lambda case: ["a", "b"] if case < 3 else ["b", "c"])
    failures = [
        failure(number, number, place=f"layer {number}, direction 0") for number in range(5)
    ]
    assert found(journal, worker, failures) == [(50, ["b"], "layer 0, direction 0")]
    assert [more for _, more in worker.asked] == [
        [],
        ["a", "b"],
        ["a", "b"],
        ["a", "b"],
        ["a", "b", "c"],
    ]


def test_two_mistakes_together_are_suspected_one_by_one(journal):
    worker = Worker(lambda case: ["a + b"])
    assert found(journal, worker, [failure(0, 0), failure(1, 1)]) == [
        (20, ["a + b"], "layer 0, direction 0")
    ]
    assert worker.asked[1] == (1, ["a", "b"])


def test_two_causes_at_one_place_are_two_findings(journal):
    worker = Worker(lambda case: [["a"], ["b"]][case % 2])
    assert found(journal, worker, [failure(number, number) for number in range(4)]) == [
        (20, ["a"], "layer 0, direction 0"),
        (20, ["b"], "layer 0, direction 0"),
    ]


@pytest.mark.parametrize("none", [[], Ended("took longer than 5 seconds", None)])
def test_what_matches_no_known_mistake_is_grouped_by_place_and_not_looked_for_for_ever(
    journal, none
):
    worker = Worker(lambda case: none)
    failures = [
        failure(number, number, place=f"layer {number % 2}, direction 0")
        for number in range(3 * UNKNOWN)
    ]
    assert found(journal, worker, failures) == [
        (30 * UNKNOWN // 2, [], "layer 0, direction 0"),
        (30 * UNKNOWN // 2, [], "layer 1, direction 0"),
    ]
    assert len(worker.asked) == UNKNOWN


def test_each_is_looked_into_once(journal):
    worker = Worker(lambda case: ["a"])
    once = found(journal, worker, [failure(0)])
    assert found(journal, worker, [failure(0)]) == once
    assert len(worker.asked) == 1


def test_what_the_cases_could_have_shown_is_told_or_tried_again_never_left_out(journal):
    tables = {"x": Tally("x", agreed=[0, 1])}
    with pytest.raises(
        Stopped,
        match=(
            r"could show is not known: the process ended the process by SIGKILL; "
            r"to try again: rnn-parity"
        ),
    ):
        sights(
            journal,
            tables,
            lambda calls: [Ended("ended the process by SIGKILL", None) for _ in calls],
        )
    assert sights(journal, tables) == {}
    told = {"applicable": 3, "caught": 2, "blind": True, "median_cases": 1.5, "missed": {"a": "b"}}
    told |= {"untried": 0, "sentence": "2 of 3"}
    assert sights(journal, tables, lambda calls: [told for _ in calls]) == {"x": told}
    assert sights(journal, tables) == {"x": told}  # kept


def test_of_a_share_what_a_users_function_was_judged_on_is_told_too():
    every = {"torch": 100, "mine.py:run": 100}
    plan = Plan(every, 1000, None, 0, {}, 60.0, 4096, 32, 0.002)
    told = {"applicable": 3, "caught": 2, "blind": True, "median_cases": 1.5, "missed": {}}
    told |= {"untried": 0, "sentence": "2 of 3"}
    with begin(Path("c.campaign"), plan, {"versions": {}, "environment": {}}) as journal:
        tables = {name: Tally(name, agreed=[0]) for name in every}
        found = sights(journal, tables, lambda calls: [told for _ in calls])
        assert found == {"mine.py:run": told}


def test_what_is_no_matter_of_outputs_is_not_diagnosed(journal):
    worker = Worker(lambda case: ["a"])
    assert found(
        journal, worker, [failure(0, what="raised ValueError"), failure(1, what=MORE, place="")]
    ) == [
        (10, [], "layer 0, direction 0"),
        (10, [], ""),
    ]
    assert worker.asked == []


def test_groups_of_one_case_are_ordered_whatever_their_features_are(journal):
    worker = Worker(lambda case: [])
    one, other = (
        failure(0, True, what="raised ValueError"),
        failure(0, "x", what="raised ValueError"),
    )
    assert found(journal, worker, [one, other]) == found(journal, worker, [other, one])


def test_a_defect_of_ours_is_raised_and_is_no_finding(journal):
    def broken(*_):
        raise RuntimeError("TypeError: no")

    with pytest.raises(RuntimeError, match="TypeError: no"):
        findings(journal, {"x": Tally("x", failures=[failure(0)])}, broken)
