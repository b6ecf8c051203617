"""A campaign describes implementations, and records a case as text and as a file."""

import base64

import pytest

from harness import sample_cases
from harness.campaign.investigate import describe, measure_sight, record
from harness.campaign.plan import Plan
from harness.draw.saved import read_case
from harness.implementations.find import NotFound


def test_names_limits_and_versions_are_described():
    facts = describe(["numpy"])
    assert facts["names"] == ["numpy"]
    assert facts["limits"] == {"numpy": {}}
    assert "numpy" in facts["versions"]
    assert "python" in facts["environment"]


@pytest.mark.process
def test_what_is_no_name_is_refused():
    with pytest.raises(NotFound, match="implementation is 'nothing'"):
        describe(["nothing"])


def test_a_record_holds_the_case_itself():
    case = next(sample_cases(1, time=2, hidden_size=2, input_size=1))
    table = record(case, "it", "it differs", case.origin)
    again, facts = read_case("a record", base64.b64decode(table["saved"]))
    assert again.inputs.tobytes() == case.inputs.tobytes()
    assert (facts["implementation"], facts["reason"]) == ("it", "it differs")
    assert table["case"] == repr(case)


def test_what_the_plan_forces_is_no_reason_why_cases_miss_a_mistake():
    limits = {"initial_states": False, "time": 1, "hidden_size": 1, "input_size": 1, "masks": False}
    plan = Plan({"x": 1}, 3, None, 0, limits, 60.0, 4096, 32, 0.002)
    missed = measure_sight(plan, [0, 1, 2])["missed"]
    assert missed
    assert not any("initial state" in reason for reason in missed.values())
