"""Each field of a journal is checked, and the sentence says which one is wrong."""

import json

import pytest

from harness.campaign.fields import OUTCOMES, RESULT, TALLY, TEXTS, Damage, check, read
from harness.campaign.tally import Tally
from harness.runs.summary import LATER

FULL = json.loads(json.dumps(Tally("numpy").to_json()))


def test_what_a_tally_writes_has_the_form():
    check(FULL, TALLY, "a tally")
    check({"tables": {"numpy": FULL}, "coverage": {"numpy": ["0", "f"]}, "part": {}}, RESULT, "it")


@pytest.mark.parametrize("name", FULL)
def test_a_field_that_is_missing_or_of_another_type_is_named(name):
    if name not in (*LATER, "against"):
        with pytest.raises(Damage, match=f"^shard 3 has no {name}$"):
            check({k: v for k, v in FULL.items() if k != name}, TALLY, "shard 3")
    with pytest.raises(Damage, match=r"^(shard 3\.|it)"):
        check(FULL | {name: "x"}, TALLY, "shard 3")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"cases": -1}, "shard 3.cases is -1, which it cannot be"),
        ({"cases": True}, "shard 3.cases is True, which it cannot be"),
        ({"cases": 10**16}, f"shard 3.cases is {10**16}, which it cannot be"),
        ({"worst_ratio": "NaN"}, "shard 3.worst_ratio is 'NaN', which it cannot be"),
        ({"histogram": [0]}, "shard 3.histogram is [0], which it cannot be"),
        ({"known": {"id": -1}}, "shard 3.known.id is -1, which it cannot be"),
        ({"against": {"id": -1}}, "shard 3.against.id is -1, which it cannot be"),
        ({"counts": {"a\x1b\n": 1}}, r"shard 3.counts is {'a\x1b\n': 1}, which it cannot be"),
        ({"refusals": {"a\x1b": "x"}}, r"shard 3.refusals.a\x1b is 'x', which it cannot be"),
        ({"failures": [{}]}, "shard 3.failures[0] has no at"),
        ({"top": [[0.5, ["x"]]]}, "shard 3.top[0] is [0.5, ['x']], which it cannot be"),
        ({"top": [[]]}, "shard 3.top[0] is [], which it cannot be"),
    ],
)
def test_a_value_that_cannot_be_is_shown_with_its_place(change, sentence):
    with pytest.raises(Damage) as raised:
        check(FULL | change, TALLY, "shard 3")
    assert str(raised.value) == sentence


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 0, 1.5])
def test_a_ratio_may_be_no_number(number):
    check(FULL | {"worst_ratio": number}, TALLY, "it")


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, b"{}", 3, None])
def test_what_is_no_json_is_a_sentence(text):
    with pytest.raises(Damage, match=r"^its versions is no (JSON|text)$"):
        read(text, TEXTS, "its versions")


def test_a_saved_case_is_base64_and_not_empty():
    form = OUTCOMES["smallest"]
    check({"saved": "YWJj"}, form, "it")
    for saved in ("", "é", 3, "YWJ"):
        with pytest.raises(ValueError, match=r"cannot be|padding"):
            check({"saved": saved}, form, "it")
