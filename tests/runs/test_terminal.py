"""What a report prints: the table, and the lines below it."""

from collections import Counter
from dataclasses import replace

import pytest

from harness import verify
from harness.mistakes.catalogue import BY_NAME
from harness.report.markdown import as_markdown
from harness.runs.summary import Summary
from harness.runs.terminal import MOST_LINES
from references.numpy_rnn import run
from tests.runs.small_reports import SMALL, rows, with_summary


def transposed(case):
    return BY_NAME["U transposed"].plant()(case)


def in_many_ways(case):
    """Fails in seven ways: five crashes, wrong numbers, a wrong shape."""
    if case.time == 2:
        return run(case).sequence[:, :-1]
    if case.batch == 1 and case.time > 3:
        eval(compile(f"{chr(10) * (case.time % 5)}1/0", "ways.py", "exec"))
    return run(case).sequence * 2


def test_the_table_has_a_row_of_sums_for_each_implementation(report):
    heading, _, row, *_ = str(report).strip().splitlines()
    (summary,) = report.summaries
    cells = dict(zip(heading.split(), row.split(), strict=True))
    assert cells == {
        "implementation": "numpy",
        "agrees": "5",
        "differs": "0",
        "refused": "0",
        "outputs": f"{summary.outputs:,}",
        "equal": f"{summary.exact:,}",
        "ratio": f"{summary.worst_ratio:.3f}",
    }


@pytest.mark.process
def test_a_run_in_which_nothing_could_be_called_judged_no_case(tmp_path):
    (tmp_path / "mine.py").write_text("def run(case): ...\n")
    result = verify(f"{tmp_path / 'mine.py'}:nosuch", examples=5)
    assert "\nno case was judged, seed 0, " in str(result)
    assert "no case was judged, seed 0, " in as_markdown(result)


def test_refusals_are_printed_most_frequent_first_and_then_how_to_repeat_the_run(report):
    result = with_summary(report, refusals=Counter({"rare": 1, "frequent": 3}))
    text = str(result)
    frequent, rare = "numpy refused 3: frequent", "numpy refused 1: rare"
    assert text.index(frequent) < text.index(rare) < text.index("5 cases, seed 0, time=(2, 4), ")
    assert "interrupted" not in text
    assert "interrupted: this is what was known after 5 verdicts" in str(
        replace(result, interrupted=True)
    )


@pytest.mark.parametrize("implementation", [transposed, in_many_ways])
def test_a_failing_report_has_at_most_twelve_lines_and_v_has_all(implementation):
    failing = verify(implementation, examples=60, time=(2, 9), batch=(1, 2), hidden_size=(2, 4))
    (findings,) = failing.findings.values()
    short, whole = str(failing), failing.text(verbose=True)
    lines = short.strip().splitlines()[3:]
    assert lines[0].strip() == ""
    assert len(lines) - 1 <= MOST_LINES == 12
    assert lines[-1] == failing.sentence
    assert lines[-2].endswith("; -v prints all of it")
    assert all(line.startswith(findings[0].lines()[0][:20]) for line in lines[1:2])
    assert "-v prints" not in whole
    assert all(str(finding) in whole for finding in findings)
    assert "would have caught" not in whole
    assert [finding.count for finding in findings] == sorted(
        (finding.count for finding in findings), reverse=True
    )
    assert sum(finding.count for finding in findings) == failing.summaries[0].failure_count


@pytest.mark.slow
def test_more_ways_to_fail_than_lines_are_counted():
    failing = verify(in_many_ways, examples=60, time=(2, 9), batch=(1, 2), hidden_size=(2, 4))
    name, (findings,) = failing.names[0], failing.findings.values()
    assert len(findings) > 4
    text = str(failing)
    shown = [finding for finding in findings if finding.head in text]
    assert f"{name} failed in {len(findings) - len(shown)} more ways: see -v" in text
    noted = replace(failing, notes=("a note",) * 9, interrupted=True)
    text = str(noted)
    assert f"{name} failed in {len(findings) - 1} more ways: see -v" in text
    assert len(text.strip().splitlines()[4:]) == MOST_LINES
    assert noted.text(verbose=True).count("a note") == 9


@pytest.mark.slow
def test_beside_one_that_fails_the_others_still_say_what_they_could_have_seen():
    both = verify(transposed, "numpy", examples=20, **SMALL)
    assert set(both.sights) == {"numpy"}
    assert str(both).count("these cases would have caught") == 1


def test_a_report_with_rows_of_cells_says_how_many_cases_they_had(report):
    text = str(rows(report, gru=(("torch",), {"time": 9}), lstm=(("torch",), {"time": 9})))
    assert "5 cases, 2 of gru, 2 of lstm, seed 0" in text
    assert [line.split()[1] for line in text.splitlines() if line.startswith(" torch")] == [
        "gru",
        "lstm",
    ]


@pytest.mark.slow
def test_one_that_is_inconclusive_says_why_though_others_agree():
    def whole_only(case):
        if case.config.num_layers == 1:
            raise ValueError("fewer layers")
        return run(case).sequence

    limits = {"num_layers": 2, "bidirectional": False, "cell": "rnn", "nonlinearity": "tanh"}
    limits |= {"regimes": ("chaotic", "contracting"), "time": (30, 40), "masks": False}
    report = verify(whole_only, examples=8, hidden_size=32, **limits)
    counts = report.summaries[0].counts
    assert counts["agrees"]
    assert counts["inconclusive"]
    assert "was inconclusive, first as the bound of " in str(report)


def test_the_reason_of_another_row_is_never_given(report):
    first, other = (Summary(name, Counter(inconclusive=1)) for name in ("torch", "torch gru"))
    verdicts = [
        replace(report.verdicts[0], kind="inconclusive", implementation=name, reason=f"of {name}")
        for name in ("torch", "torch gru")
    ]
    both = replace(report, summaries=(first, other), make_verdicts=lambda: tuple(verdicts))
    assert "torch gru was inconclusive, first as of torch gru" in str(both)
    assert "torch was inconclusive, first as of torch\n" in str(both)
