"""The table of a result: which columns it has, and that numbers stay whole."""

import io
from pathlib import Path

from rich.console import Console

from harness.runs.summary import Summary
from harness.runs.tables import columns_of, print_table, terminal_table


def test_a_column_of_bad_news_stands_only_where_there_is_some(report):
    entry = {"name": "it", **report.summaries[0].to_json()}
    optional = {"crashed", "inconclusive", "known", "wider", "undecided"}
    assert not optional & set(columns_of([entry]))
    bad = entry | {"counts": {"crashed": 1234}, "undecided": 2, "wider": 3}
    columns = columns_of([entry, bad])
    assert (columns["crashed"], columns["undecided"]) == (["0", "1,234"], ["0", "2"])
    assert columns["wider"] == ["0", "3"]
    assert "known" not in columns


def test_the_manual_says_what_each_column_counts(report):
    entry = {"name": "it", **report.summaries[0].to_json()}
    counts = dict.fromkeys(("crashed", "inconclusive", "known"), 1)
    columns = columns_of([entry | {"counts": counts, "wider": 1, "undecided": 1}])
    manual = Path(__file__).parents[2].joinpath("harness/report/README.md").read_text("utf-8")
    rows = [line for line in manual.splitlines() if line.startswith("| `")]
    assert [heading for heading in columns if not any(f"`{heading}`" in row for row in rows)] == [
        "implementation"
    ]


def test_numbers_are_whole_however_narrow_the_terminal_is():
    entry = {"name": "mine.py:a_long_name_of_a_function", **Summary("it").to_json()}
    entry |= {"outputs": 1_234_567, "exact": 765_432, "worst_ratio": 5322435923254037.0}
    for width in (30, 60, 80, 200):
        console = Console(file=io.StringIO(), width=width, force_terminal=False)
        print_table(console, terminal_table(columns_of([entry])))
        text = console.file.getvalue()
        assert all(f"{word} " in f"{text} " for word in ("1,234,567", "765,432", "ratio"))
        assert "5.3e+15" in text
        assert "mine.py:a_long" in text
