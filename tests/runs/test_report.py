"""The Report of a run: its table, sentence, exit status, and HTML."""

from collections import Counter
from dataclasses import replace

import pytest

from harness import verify
from harness.mistakes.catalogue import BY_NAME
from harness.runs.report import MOST_LINES, columns_of
from harness.runs.scope import Scope
from harness.runs.summary import Summary
from references.numpy_rnn import run

SMALL = {"time": (2, 4), "batch": (1, 2), "input_size": (2, 3), "hidden_size": (2, 3)}


@pytest.fixture(scope="module")
def report():
    return verify("numpy", examples=5, **SMALL)


def with_summary(report, **changes):
    return replace(report, summaries=(replace(report.summaries[0], **changes),))


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


def test_a_column_of_bad_news_stands_only_where_there_is_some(report):
    entry = {"name": "it", **report.summaries[0].to_json()}
    optional = {"crashed", "inconclusive", "known", "wider", "undecided"}
    assert not optional & set(columns_of([entry]))
    bad = entry | {"counts": {"crashed": 1234}, "undecided": 2, "wider": 3}
    columns = columns_of([entry, bad])
    assert (columns["crashed"], columns["undecided"]) == (["0", "1,234"], ["0", "2"])
    assert columns["wider"] == ["0", "3"]
    assert "known" not in columns


@pytest.mark.parametrize(
    ("dtype", "end"),
    [
        ("float64", "and are, in float64."),
        (("float32",), "and are, in float32."),
        (("float32", "float64"), "and are."),
        ((), "and are."),
    ],
)
def test_the_sentence_ends_with_the_only_dtype(report, dtype, end):
    asked = replace(report, limits={"dtype": dtype})
    assert asked.sentence.endswith(end)
    assert with_summary(asked, wider=1).sentence.endswith("and are.")


@pytest.mark.parametrize(
    ("counts", "blind", "status", "start"),
    [
        ({"agrees": 5}, False, 0, "numpy computes what the hand-written loop computes"),
        ({"agrees": 4, "differs": 1}, False, 1, "Not the same: numpy on 1 of 5 cases does not "),
        ({"agrees": 4, "crashed": 1}, True, 1, "Not the same: numpy on 1 of 5 cases does not "),
        ({"refused": 5}, False, 3, "Cannot tell: numpy never agreed on a case"),
        ({"agrees": 5}, True, 3, "Cannot tell: the cases on which numpy agreed would have "),
    ],
)
def test_the_sentence_and_the_exit_status_say_the_same(report, counts, blind, status, start):
    result = with_summary(report, counts=Counter(counts), blind=blind)
    assert (result.exit_status, result.agrees) == (status, status == 0)
    assert result.sentence.startswith(start)
    assert str(result).rstrip().endswith(result.sentence)


@pytest.mark.parametrize(
    ("count", "text"), [(1234, "1,234 cases, which were refused"), (1, "1 case, which was refused")]
)
def test_where_no_values_are_counted_as_in_a_campaign_the_sentence_says_how_much_was_refused(
    report, count, text
):
    campaign = replace(with_summary(report, counts=Counter(agrees=9, refused=count)), scopes={})
    assert f" layers. Not judged: {text}. Each of " in campaign.sentence
    assert campaign.exit_status == 0
    silent = replace(with_summary(report, counts=Counter(agrees=9)), scopes={})
    assert "Not judged" not in silent.sentence


def test_what_was_never_judged_stands_in_the_sentence_once_for_all_of_whom_it_is_true(report):
    two = (*report.summaries, Summary("other", Counter({"agrees": 5})))
    scopes = {"numpy": Scope(5, ("relu", "masks")), "other": Scope(5, ("relu", "masks"))}
    assert " layers. Not judged: relu and masks were refused. Each of " in (
        replace(report, scopes={"numpy": scopes["numpy"]}).sentence
    )
    both = replace(report, summaries=two, scopes=scopes).sentence
    assert both.count("Not judged of numpy and other: relu and masks were refused.") == 1
    names = "abcd"
    many = replace(
        report,
        summaries=tuple(Summary(name, Counter({"agrees": 5})) for name in names),
        scopes={name: Scope(5, (name,)) for name in names},
    )
    assert (
        "of c: c was refused. The JSON report lists the same for the others. Each" in many.sentence
    )
    assert report.exit_status == 0


def test_too_few_judged_cases_are_no_agreement_and_the_sentence_says_why(report):
    thin = with_summary(report, thin=True)
    scopes = {"numpy": Scope(5, gap="numpy was judged on 5 of 90 cases.")}
    thin = replace(thin, scopes=scopes)
    assert thin.exit_status == 3
    assert thin.sentence == "Cannot tell: numpy was judged on 5 of 90 cases."
    with pytest.raises(AssertionError, match="Cannot tell: numpy was judged on 5"):
        thin.raise_if_failed()
    assert replace(
        thin, summaries=(replace(thin.summaries[0], counts=Counter({"differs": 1})),)
    ).sentence.startswith("Not the same")


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
        assert replace(report, summaries=summaries).exit_status == status


def test_agreement_but_for_known_differences_says_so(report):
    result = with_summary(report, known=Counter({"torch-positional-dtype": 2}))
    assert "but for 2 verdicts that meet known differences" in result.sentence
    assert "numpy met a known difference 2 times: " in str(result)


def test_refusals_are_printed_most_frequent_first_and_then_how_to_repeat_the_run(report):
    result = with_summary(report, refusals=Counter({"rare": 1, "frequent": 3}))
    text = str(result)
    frequent, rare = "numpy refused 3: frequent", "numpy refused 1: rare"
    assert text.index(frequent) < text.index(rare) < text.index("5 cases, seed 0, time=(2, 4), ")
    assert "interrupted" not in text
    assert "interrupted: this is what was known after 5 verdicts" in str(
        replace(result, interrupted=True)
    )


def transposed(case):
    return BY_NAME["U transposed"].plant()(case)


def in_many_ways(case):
    """Fails in seven ways: five crashes, wrong numbers, a wrong shape."""
    if case.time == 2:
        return run(case).sequence[:, :-1]
    if case.batch == 1 and case.time > 3:
        eval(compile(f"{chr(10) * (case.time % 5)}1/0", "ways.py", "exec"))
    return run(case).sequence * 2


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


def test_beside_one_that_fails_the_others_still_say_what_they_could_have_seen():
    both = verify(transposed, "numpy", examples=20, **SMALL)
    assert set(both.sights) == {"numpy"}
    assert str(both).count("these cases would have caught") == 1


def test_only_a_report_that_agrees_raises_nothing(report):
    report.raise_if_failed()
    with pytest.raises(AssertionError, match="Cannot tell: the cases on which numpy agreed"):
        with_summary(report, blind=True).raise_if_failed()


def test_the_html_is_escaped_and_open_where_something_is_wrong(report):
    assert "<details><summary>" in report._repr_html_()
    html = with_summary(report, name="<b>&", counts=Counter(differs=1))._repr_html_()
    assert "<b>&" not in html
    assert "&lt;b&gt;&amp; on 1 of 1 cases" in html
    assert "<details open>" in html


REACH = Counter(time=40, batch=4, input_size=32, hidden_size=64, num_layers=3)
RANGE = "for T up to 40, B up to 4, I up to 32, H up to 64, up to 3 layers"


def wide(report, *names, scopes=(), **changes):
    """A report of default sizes: each implementation has the reach, or what `changes` say of it."""
    summaries = tuple(
        replace(
            report.summaries[0],
            name=name,
            **{"reach": REACH, "large": Counter()} | changes.get(name, {}),
        )
        for name in names
    )
    sums = {name: Scope(5) for name in scopes}
    return replace(report, summaries=summaries, scopes=sums, limits={})


def test_the_verdict_names_the_range_that_all_implementations_were_judged_on(report):
    assert f"numpy computes what the hand-written loop computes, {RANGE}. Each" in (
        wide(report, "numpy").sentence
    )
    less = {"reach": Counter({**REACH, "hidden_size": 61, "time": 39})}
    both = wide(report, "a", "b", scopes=("a", "b"), b=less)
    assert "for T up to 39, B up to 4, I up to 32, H up to 61, up to 3 layers." in both.sentence


def test_the_range_of_one_that_is_only_sampled_stands_in_brackets(report):
    less = {"reach": Counter({**REACH, "hidden_size": 61})}
    sampled = wide(report, "a", "b", scopes=("a",), b=less)
    assert f"{RANGE} (b for H up to 61). Each" in sampled.sentence
    assert f"{RANGE}. Each" in wide(report, "a", "b", scopes=("a",)).sentence


def test_the_sentence_says_how_far_large_cases_reached(report):
    large = {"large": Counter(hidden_size=288, time=150)}
    one = wide(report, "a", a=large)
    assert f"{RANGE}. Large cases, with one large size each, reached T = 150, H = 288. Each" in (
        one.sentence
    )
    two = wide(report, "a", "b", scopes=("a",), a=large)
    assert "Large cases of a, with one large size each, reached" in two.sentence
    less = {"large": Counter(hidden_size=70)}
    common = wide(report, "a", "b", scopes=("a", "b"), a=large, b=less)
    assert "Large cases, with one large size each, reached H = 70. Each" in common.sentence


def test_a_run_without_large_cases_does_not_mention_them(report):
    assert "arge" not in str(report)
    assert "5 cases and 25 large ones, seed 0" in str(replace(report, large=25))
    assert "5 cases and 1 large one, seed 0" in str(replace(report, large=1))


def test_known_differences_are_no_reason_to_leave_out_the_range(report):
    known = replace(wide(report, "a").summaries[0], known=Counter({"x": 2}))
    sentence = replace(wide(report, "a"), summaries=(known,)).sentence
    assert f", {RANGE}, but for 2 verdicts that meet known differences" in sentence


def test_a_failure_says_how_many_cases_were_never_tried(report):
    failing = with_summary(report, counts=Counter(agrees=4, crashed=3))
    for count, end in ((150, "150 cases were never tried."), (1, "1 case was never tried.")):
        given_up = replace(failing, untried={"numpy": count})
        assert given_up.sentence.endswith(f" computes. numpy was given up: {end}")
    assert failing.sentence.endswith(" computes.")


def rows(report, **cells):
    """The report's row, and rows of cells beside it: by cell, the names and the sizes."""
    (one,) = report.summaries
    beside = [
        Summary(f"{name} {cell}", Counter(agrees=2), reach=Counter(reach), cells=Counter({cell: 2}))
        for cell, (names, reach) in cells.items()
        for name in names
    ]
    shares = dict.fromkeys(cells, 2)
    return replace(report, summaries=(one, *beside), shares=shares)


def test_the_sentence_says_for_which_cells_it_holds(report):
    both = ("torch", "keras/graph")
    sentence = rows(report, gru=(both, {"time": 9}), lstm=(both, {"time": 8})).sentence
    start, _, rest = sentence.partition("; ")
    assert start == (
        "numpy computes what the hand-written loop computes, "
        "for rnn, T from 2 to 4, B up to 2, I from 2 to 3, H from 2 to 3, up to 3 layers"
    )
    assert rest.startswith(
        "torch and keras/graph do so for gru, T from 2 to 9; "
        "torch and keras/graph do so for lstm, T from 2 to 8. "
    )
    alike = rows(report, gru=(both, {"time": 9}), lstm=(both, {"time": 9})).sentence
    assert "; torch and keras/graph do so for gru and lstm, T from 2 to 9. " in alike
    several = rows(report, gru=(both, {"time": 9}), lstm=(("torch",), {"time": 8})).sentence
    assert "; torch and keras/graph do so for gru, T from 2 to 9; torch does so for lstm" in several


def test_a_row_reaches_no_farther_than_the_other_of_its_cell(report):
    one = rows(report, gru=(("torch", "keras"), {"time": 9}))
    one.summaries[2].reach["time"] = 3
    assert "do so for gru, T from 2 to 3" in one.sentence


@pytest.mark.parametrize(
    ("cells", "start"),
    [
        ({"rnn": 5}, "for T"),
        ({"gru": 5}, "for gru, T"),
        ({"gru": 2, "lstm": 3}, "for gru and lstm, T"),
        ({}, "for T"),
    ],
)
def test_a_row_of_several_cells_says_on_which_it_agreed(report, cells, start):
    assert start in with_summary(report, cells=Counter(cells)).sentence


def test_a_report_with_rows_of_cells_says_how_many_cases_they_had(report):
    text = str(rows(report, gru=(("torch",), {"time": 9}), lstm=(("torch",), {"time": 9})))
    assert "5 cases, 2 of gru, 2 of lstm, seed 0" in text
    assert [line.split()[1] for line in text.splitlines() if line.startswith(" torch")] == [
        "gru",
        "lstm",
    ]


def test_large_cases_are_named_beside_rows_of_cells_that_have_none(report):
    beside = rows(report, gru=(("torch",), {"time": 9}))
    beside.summaries[0].large["time"] = 77
    try:
        assert "Large cases of numpy, with one large size each, reached T = 77." in beside.sentence
    finally:
        del beside.summaries[0].large["time"]
