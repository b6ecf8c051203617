"""JSON: fits its own schema, which would notice; holds no NaN; says what the report says."""

import copy
import json
from collections import Counter
from dataclasses import replace
from functools import cache

import jsonschema
import pytest

from harness import verify
from harness.implementations.answers import Use
from harness.report.as_json import SCHEMA, as_json, document, schema
from harness.runs.ledger import differences
from tests.report.stubs import (
    NASTY,
    SMALL,
    crashes,
    known,
    not_a_number,
    refuses,
    report,
    run,
    stub,
    summary,
    wrong,
)

VERSIONED = (
    "python",
    "numpy",
    "torch",
    "keras",
    "tensorflow",
    "onnx",
    "onnxruntime",
)  # the last five where another test has loaded them
REPORTS = {
    "right": lambda: report(run),
    "wrong": lambda: report(run, wrong),
    "not a number": lambda: report(not_a_number, nonlinearity="linear", regimes=("contracting",)),
    "crashes": lambda: report(crashes, examples=1),
    "refuses": lambda: report(refuses),
    "known": lambda: stub(known()),
    "worst ratio is none": lambda: stub(summary("a", worst_ratio=float("nan"))),
    "text is nasty": lambda: stub(summary(NASTY, 1), sentence=NASTY, environment={NASTY: NASTY}),
}


def loaded(text):
    """Parsed as strictly as anyone parses it."""
    return json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


@cache
def validator():
    jsonschema.Draft202012Validator.check_schema(schema())
    return jsonschema.Draft202012Validator(schema())


def assert_fits(found):
    validator().validate(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", REPORTS)
def test_every_document_fits_the_schema(name):
    text = as_json(REPORTS[name]())
    text.encode("ascii")
    assert text.endswith("}\n")
    assert_fits(loaded(text))
    json.dumps(loaded(text), ensure_ascii=False).encode("utf-8")  # no half letters


@pytest.mark.slow
def test_the_schema_is_one_and_would_notice():
    good = document(report(run, wrong))
    assert good["schema"] == SCHEMA == schema()["properties"]["schema"]["const"]
    places = [
        (),
        ("tool",),
        ("implementations", 1),
        ("implementations", 0, "sight"),
        ("implementations", 1, "findings", 0),
    ]
    finding = places[-1]
    places += [(*finding, "smallest"), (*finding, "smallest", "where"), (*finding, "diagnosis")]
    for place in places:
        for field in schema_of(place)["required"]:
            bad = copy.deepcopy(good)
            del part(bad, place)[field]
            with pytest.raises(jsonschema.ValidationError):
                assert_fits(bad)
            if field not in ("limits", "text"):
                part(bad, place)[field] = object
                with pytest.raises(jsonschema.ValidationError):
                    assert_fits(bad)
    assert_fits(good | {"a field of tomorrow": 1})


def schema_of(place):
    """The part of the schema that speaks of that place."""
    names = {"implementations": "implementation", "findings": "finding", "smallest": "verdict"}
    found = schema()
    for step in place:
        if isinstance(step, str):
            found = schema()["$defs"][names[step]] if step in names else found["properties"][step]
            found = next(
                (item for item in found.get("oneOf", ()) if item.get("type") == "object"), found
            )
    return found


def part(found, place):
    for step in place:
        found = found[step]
    return found


@pytest.mark.slow
def test_it_says_what_the_report_says():
    made = report(run, wrong, seed=3, num_layers=(1, 2), regimes=("ternary", "contracting"))
    told = document(made)
    assert {name: told[name] for name in ("seed", "cases", "exit", "sentence", "seconds")} == {
        "seed": 3, "cases": 6, "exit": 1, "sentence": made.sentence, "seconds": made.seconds
    }  # fmt: skip
    assert told["tool"]["name"] == "rnn-parity"
    assert told["versions"] == {
        name: made.environment[name] for name in VERSIONED if name in made.environment
    }
    assert told["environment"] == made.environment
    assert told["limits"]["num_layers"] == [1, 2]
    for entry, expected in zip(told["implementations"], made.summaries, strict=True):
        assert (entry["name"], entry["counts"], entry["outputs"]) == (
            expected.name,
            expected.counts,
            expected.outputs,
        )
        assert (entry["exact"], entry["undecided"], entry["exit"]) == (
            expected.exact,
            expected.undecided,
            expected.exit_status,
        )
    right, mistaken = told["implementations"]
    assert right["findings"] == []
    assert right["sight"]["caught"] == len(made.sights[right["name"]].caught)
    (found,) = mistaken["findings"]
    (expected,) = made.findings[mistaken["name"]]
    assert (found["count"], found["text"]) == (expected.count, str(expected))
    place = expected.small.first
    assert found["smallest"]["where"]["unit"] == place.unit
    assert found["smallest"]["where"]["actual"] == place.actual
    assert found["smallest"]["deviation"] == expected.small.deviation > 0
    assert found["diagnosis"] == {
        "mistakes": list(expected.diagnosis.names),
        "sentence": str(expected.diagnosis),
    }
    assert mistaken["worst_ratio"] == "Infinity"


def test_a_number_that_json_lacks_is_a_word():
    where = document(REPORTS["not a number"]())["implementations"][0]["findings"][0]["first"][
        "where"
    ]
    assert where["actual"] == "NaN"
    finding = document(REPORTS["not a number"]())["implementations"][0]["findings"][0]
    assert finding["first"]["deviation"] == "Infinity"
    assert (
        document(stub(summary("a", worst_ratio=float("-inf"))))["implementations"][0]["worst_ratio"]
        == "-Infinity"
    )


def test_a_crash_has_the_line_that_raised():
    (finding,) = document(REPORTS["crashes"]())["implementations"][0]["findings"]
    for verdict in (finding["first"], finding["smallest"]):
        place = verdict["raised_at"]
        assert place["file"].endswith("tests/report/stubs.py")
        assert (place["error"], place["function"]) == ("ValueError", "crashes")
        assert place["source"] == "raise ValueError(NASTY)"
        assert verdict["deviation"] is None
    wrong_one = document(REPORTS["wrong"]())["implementations"][1]["findings"][0]
    assert wrong_one["first"]["raised_at"] is None


def test_uses_of_the_answer_are_listed_and_null_where_nobody_watched():
    use = Use("torch", "mine.py", 2)
    told = document(stub(summary("a"), summary("b"), uses={"a": (use,)}))
    assert [entry["uses_answer"] for entry in told["implementations"]] == [[use._asdict()], []]
    assert_fits(told)
    assert document(stub(summary("a")))["implementations"][0]["uses_answer"] is None


def test_a_number_that_slips_through_stops_the_writing(monkeypatch):
    monkeypatch.setattr("harness.report.as_json.number", float)
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        as_json(stub(summary("a", worst_ratio=float("nan"))))


def test_a_known_difference_is_told_with_its_source():
    (entry,) = document(stub(known()))["implementations"][0]["known"]
    first = differences()[0]
    assert entry == {
        "id": first.id,
        "count": 1,
        "observed": first.observed,
        "upstream": first.upstream,
    }


def test_an_interrupted_run_and_what_a_reader_must_know_are_told():
    told = document(stub(summary("a"), interrupted=True, notes=("one worker ended",)))
    assert (told["interrupted"], told["notes"]) == (True, ["one worker ended"])
    assert_fits(told)
    assert (document(stub(summary("a")))["interrupted"], document(stub(summary("a")))["notes"]) == (
        False,
        [],
    )


def test_the_document_says_for_which_sizes_it_holds():
    sizes = Counter(time=40, batch=4, input_size=32, hidden_size=64, num_layers=3)
    one = summary("a", reach=sizes, large=Counter(hidden_size=288))
    contents = document(stub(one, large=25, untried={"a": 7}))
    assert contents["large_cases"] == 25
    (entry,) = contents["implementations"]
    assert entry["reach"] == dict(sizes)
    assert entry["reach_of_large"] == {"hidden_size": 288}
    assert entry["never_tried"] == 7
    jsonschema.validate(contents, schema())


@pytest.mark.parametrize(
    ("name", "limits", "cell"),
    [
        ("torch", {}, "rnn"),
        ("torch gru", {}, "gru"),
        ("torch", {"cell": "lstm"}, "lstm"),
        ("torch", {"cell": ("gru", "gru")}, "gru"),
        ("torch", {"cell": ("gru", "lstm")}, None),
    ],
)
def test_a_row_has_its_only_cell_and_its_agreeing_cases_by_cell(name, limits, cell):
    one = summary(name, cells=Counter(gru=2))
    contents = document(stub(one, limits=limits, shares={"gru": 20}))
    assert_fits(contents)
    (entry,) = contents["implementations"]
    assert (entry["cell"], entry["cells"]) == (cell, {"gru": 2})
    assert contents["cases_of_cells"] == {"gru": 20}


@pytest.mark.slow
def test_the_first_output_that_differs_says_of_which_state_it_is():
    def swaps(case):
        outputs = run(case)
        return replace(outputs, c_n=outputs.h_n)

    contents = document(verify(swaps, examples=4, cell="lstm", regimes="contracting", **SMALL))
    assert_fits(contents)
    (entry,) = contents["implementations"]
    (finding,) = entry["findings"]
    assert finding["first"]["where"]["state"] == "c"
    other = document(REPORTS["wrong"]())["implementations"][1]["findings"][0]
    assert other["first"]["where"]["state"] == "h"
