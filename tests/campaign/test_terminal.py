"""The report on a terminal: no control characters, and whatever a journal may hold."""

import math
from pathlib import Path

import pytest

from harness.campaign.terminal import _findings, _implementation, _run
from harness.report.as_json import number


@pytest.mark.deep
@pytest.mark.process
def test_the_terminal_shows_no_control_character(markup):
    output = markup[1].stdout
    assert "\x1b" not in output
    assert "<script>alert('x')</script> & \\x1b[31m" in output
    assert "Not the same:" in output
    assert "rnn-parity explain FILE" in output


@pytest.mark.parametrize(("ratio", "text"), [(0.5, "0.500"), (math.inf, "inf")])
def test_a_ratio_of_tiny_numbers_may_be_infinite(ratio, text):
    row = {"name": "it", "refusals": {}, "worst_at": {"place": "h", "rebuild": "x"}, "sight": None}
    row |= {"worst_ratio": 0.25, "tiny_ratio": number(ratio), "cells": {}}
    row["coverage"] = {"refused": 0, "judged": 1, "pairs": 2}
    assert f"on tiny numbers the worst is {text}" in next(_implementation(row))


def test_a_smallest_case_of_an_older_journal_is_not_in_words():
    first = {"kind": "differs", "reason": "y", "where": {}, "raised_at": None, "rebuild": "x"}
    finding = {"implementation": "it", "count": 2, "first": first, "saved": "a.case"}
    finding |= {"diagnosis": {"sentence": ""}, "smallest": {"snippet": "..."}}
    document = {"implementations": [{"name": "it", "findings": [finding]}]}
    lines = [*_findings(document, Path("c.report"))]
    assert "  smallest   see the saved case" in lines


def test_a_name_is_quoted_where_it_is_to_be_pasted():
    run = {"verdicts_per_second": 1.0, "peak_mebibytes": 1, "changed": {}}
    document = {"run": run, "shards": 1, "implementations": [], "interrupted": True}
    document |= {"campaign": "my friday", "plan": {"seed": 0}, "seconds": 1.0}
    assert "rnn-parity campaign resume 'my friday' goes on" in next(_run(document))
