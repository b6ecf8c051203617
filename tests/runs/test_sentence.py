"""The sentence that ends a report says what was shown, and no more."""

from collections import Counter
from dataclasses import replace

import pytest

from harness.runs.scope import Scope
from harness.runs.summary import Summary
from tests.runs.small_reports import rows, with_summary

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
        ({"agrees": 4, "crashed": 1}, True, 1, "Not the same: numpy crashed on 1 of 5 cases."),
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
    ("few", "advice"),
    [
        ({}, "Try more cases."),
        ({"shapes": 5}, "Allow more than 5 shapes, or try more cases."),
        ({"layer_kinds": 7}, "Allow more than 7 kinds of layers, or try more cases."),
    ],
)
def test_cases_that_hide_mistakes_have_the_advice_that_fits_the_limits(report, few, advice):
    blind = replace(with_summary(report, blind=True), limits=few)
    assert blind.sentence.endswith(f"would have hidden plain mistakes. {advice}")
    known = replace(with_summary(report, blind=True, known=Counter({"ut": 5})), limits=few)
    assert known.sentence.endswith(
        f"plain mistakes. The others meet known deviations: narrow their `where`. {advice}"
    )


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


def test_agreement_but_for_known_differences_says_so(report):
    result = with_summary(report, known=Counter({"torch-positional-dtype": 2}))
    assert "but for 2 verdicts that meet known differences" in result.sentence
    one = with_summary(report, known=Counter({"torch-positional-dtype": 1}))
    assert "but for 1 verdict that meets known differences" in one.sentence
    assert "numpy met a known difference 2 times: " in str(result)


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
    failing = with_summary(report, counts=Counter(agrees=4, differs=3))
    for count, end in ((150, "150 cases were never tried."), (1, "1 case was never tried.")):
        given_up = replace(failing, untried={"numpy": count})
        assert given_up.sentence.endswith(f" computes. numpy was given up: {end}")
    assert failing.sentence.endswith(" computes.")


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


def test_large_cases_are_named_beside_rows_of_cells_that_have_none(report):
    beside = rows(report, gru=(("torch",), {"time": 9}))
    beside.summaries[0].large["time"] = 77
    try:
        assert "Large cases of numpy, with one large size each, reached T = 77." in beside.sentence
    finally:
        del beside.summaries[0].large["time"]


def test_crashes_alone_are_said_to_be_crashes(report):
    counts = Counter(agrees=3, crashed=2)
    crashed = with_summary(report, counts=counts)
    assert crashed.sentence == "Not the same: numpy crashed on 2 of 5 cases."
    both = with_summary(report, counts=counts + Counter(differs=1)).sentence
    assert both == (
        "Not the same: numpy on 3 of 6 cases does not compute what the hand-written loop computes."
    )
