import json
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from harness.models.comparison import Setting
from harness.report.as_json import schema
from harness.report.comparison import comparison_json, comparison_junit, comparison_markdown
from tests.models.test_comparison import EQUAL, OTHER, comparison
from tests.report.stubs import wrong


@pytest.fixture(scope="module")
def result():
    return comparison(EQUAL, OTHER, of=wrong, other=(Setting("reset_after", True, False),))


def test_json_fits_the_schema_and_says_what_relates(result):
    document = json.loads(comparison_json(result))
    jsonschema.validate(document, schema())
    assert (document["kind"], document["exit"]) == ("compare", 1)
    assert document["sentence"] == result.sentence
    assert document["comparison"]["settings"] == [{"name": "reset_after", "a": True, "b": False}]
    assert [row["holds"] for row in document["comparison"]["arrays"]] == [True, False]
    assert document["comparison"]["arrays"][1]["relation"] == "B has A's transposed"


def test_junit_has_a_test_for_each_array_and_fails_those_that_differ(result):
    root = ET.fromstring(comparison_junit(result))
    arrays, *rows = root
    assert arrays.get("name") == "arrays of a and b"
    failures = [case.get("name") for case in arrays if case.find("failure") is not None]
    assert failures == ["reset_after is the same", "layer 0: weight_hh_l0, recurrent_kernel"]
    assert (arrays.get("tests"), arrays.get("failures")) == ("3", "2")
    assert len(rows) == len(result.report.summaries)
    assert ET.fromstring(comparison_junit(comparison(EQUAL))).get("failures") == "0"


def test_markdown_has_the_sentence_the_arrays_and_the_verdicts(result):
    text = comparison_markdown(result)
    assert text.startswith("### rnn-parity: ❌ fails\n")
    assert "B has A" in text
    assert "implementation" in text
