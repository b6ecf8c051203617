"""The report fits its schema and names files that are there."""

import copy
from collections import Counter
from html import escape
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from harness.campaign.open_journal import begin
from harness.campaign.page import page
from harness.campaign.report import document, findings_of, write
from harness.campaign.tally import Tally
from harness.campaign.terminal import print_report
from harness.report.as_json import schema
from tests.campaign.journals import FACTS, PATH, PLAN, RESULT

pytestmark = pytest.mark.process


def test_every_report_fits_the_schema(markup):
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(markup[2], schema())


def test_the_schema_is_strict_enough_to_see_a_lost_field(markup):
    for path in (
        ("implementations", 0, "findings"),
        ("run", "memory"),
        ("plan", "seed"),
        ("implementations", 0, "histogram"),
    ):
        document = copy.deepcopy(markup[2])
        place = document
        for name in path[:-1]:
            place = place[name]
        del place[path[-1]]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document, schema())


def test_every_field_is_described(markup):
    def walk(value, node):
        node = schema()["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
        if isinstance(value, dict) and "properties" in node:
            assert set(value) <= set(node["properties"])
            for name, inner in value.items():
                walk(inner, node["properties"][name])
        if isinstance(value, list) and "items" in node:
            for inner in value:
                walk(inner, node["items"])

    walk(markup[2], schema())


def test_a_finding_says_how_far_outside_its_first_output_lies(markup):
    firsts = [finding["first"] for finding in findings_of(markup[2])]
    for first in firsts:
        assert ("deviation" in first) == (first["where"] is not None)


def test_findings_point_at_files_that_are_there(markup):
    for finding in findings_of(markup[2]):
        assert (markup[0] / "<b>c.report" / finding["saved"]).is_file()


def test_what_a_reader_must_know_besides_is_said_on_the_terminal_and_on_the_page(markup):
    tally = Tally("numpy", Counter(agrees=3), by_last_outputs=3, cases=3)
    result = {**RESULT, "tables": {"numpy": tally.to_json()}, "coverage": {"numpy": ["0", "0"]}}
    with begin(PATH, PLAN, FACTS) as journal:
        journal.commit(0, result, 1.0)
        (note,) = document(journal)[0]["notes"]
    assert note.startswith("numpy was judged by its last outputs")
    contents = {**markup[2], "notes": [note, "a <note>"]}
    console = Console(record=True, width=200)
    print_report(contents, Path("c.report"), console)
    text = console.export_text()
    for line in contents["notes"]:
        assert line in text
        assert f"<p>{escape(line)}</p>" in page(contents)


def test_a_report_that_is_not_written_to_its_end_leaves_the_one_before(tmp_path, monkeypatch):
    write({"schema": 2, "implementations": []}, {}, tmp_path)
    before = (tmp_path / "report.json").read_bytes()

    def half(path, data):
        with path.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError("no space")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match="no space"):
        write({"schema": 2, "implementations": [{"findings": []}]}, {}, tmp_path)
    assert (tmp_path / "report.json").read_bytes() == before
