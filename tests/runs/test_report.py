"""The Report of a run: its exit status, what it raises, and its HTML."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.runs.small_reports import with_summary


def test_the_worst_implementation_decides_the_exit_status_and_none_is_no_agreement(report):
    (right,) = report.summaries
    wrong = replace(right, name="wrong", counts=Counter(differs=1))
    silent = replace(right, name="silent", counts=Counter())
    for summaries, status in (
        ((), 3),
        ((right, silent), 3),
        ((silent, wrong, right), 1),
        ((right, right), 0),
    ):
        made = replace(report, summaries=summaries)
        assert (made.exit_status, bool(made)) == (status, status == 0)


def test_only_a_report_that_agrees_raises_nothing(report):
    report.raise_if_failed()
    with pytest.raises(AssertionError, match="Cannot tell: the cases on which numpy agreed"):
        with_summary(report, blind=True).raise_if_failed()


def test_the_html_is_escaped_and_open_where_something_is_wrong(report):
    assert "<details><summary>" in report._repr_html_()
    html = with_summary(report, name="<b>&", counts=Counter(differs=1))._repr_html_()
    assert "<b>&" not in html
    assert "&lt;b&gt;&amp; on 1 of 1 case " in html
    assert "<details open>" in html
