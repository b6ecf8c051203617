"""Known deviations of one's own: met ones are counted, stale ones fail, wrong files are named."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, timedelta

import jsonschema
import numpy as np
import pytest

from harness import sample_cases, verify
from harness.draw.features import has
from harness.judge.judge import judge
from harness.judge.verdict import Verdict
from harness.report.as_json import document, schema
from harness.report.junit import as_junit
from harness.report.markdown import as_markdown
from harness.runs.deviations import WrongDeviations, deviation_of, read_deviations
from harness.runs.ledger import differences, settle
from references import from_notebook
from references.cells.rnn import simple_rnn

TOMORROW = date.today() + timedelta(days=1)
YESTERDAY = date.today() - timedelta(days=1)
PLAIN = {
    "num_layers": 1, "bidirectional": False, "masks": False, "initial_states": False,
    "go_backwards": False, "dtype": "float64",
}  # fmt: skip
LATE = "tests.runs.test_deviations:late"


def late(inputs, W, U, b):
    """Drops b from the fourth step on."""
    outputs = np.zeros((len(inputs), len(b)))
    for t, x in enumerate(inputs):
        before = outputs[t - 1] if t else np.zeros_like(b)
        outputs[t] = np.tanh(W @ x + U @ before + (b if t < 3 else 0 * b))
    return outputs


def entry(**changes):
    values = {
        "id": '"late-bias"', "implementations": f'["{LATE}"]', "kind": '"differs"',
        "where": "[{ time = 4 }]", "reason": '"it is fixed in the next release"',
        "expires": TOMORROW,
    }  # fmt: skip
    lines = (f"{k} = {v}" for k, v in {**values, **changes}.items() if v is not None)
    return "\n".join(["[[difference]]", *lines, ""])


@pytest.fixture
def known(tmp_path):
    def write(text):
        path = tmp_path / "known.toml"
        path.write_text(text)
        return path

    return write


@pytest.mark.slow
def test_met_ones_are_counted_and_shown_as_known(known):
    report = verify(late, examples=40, time=(1, 4), known=known(entry()))
    (summary,), (deviation,) = report.summaries, report.deviations
    assert report.exit_status == 0, str(report)
    assert deviation.state == "met"
    assert deviation.hits == summary.counts["known"] == summary.known["late-bias"] > 5
    assert not summary.failure_count
    sentence = f"known deviation late-bias was met {deviation.hits} times: it is fixed in the next"
    assert sentence in str(report)
    assert "meet known deviations of your own, which the report lists" in report.sentence
    assert sentence in as_markdown(report)


def test_what_no_entry_predicts_still_differs(known):
    (case,) = sample_cases(
        1, time=4, nonlinearity="tanh", regimes="contracting", bias=True, **PLAIN
    )
    verdict = judge(case, from_notebook(late), LATE, calls=1)
    assert verdict.kind == "differs"
    for changes, id in (
        ({}, "late-bias"),
        ({"where": "[{ time = 3 }]"}, None),
        ({"implementations": '["tests.runs.test_deviations:other"]'}, None),
        ({"kind": '"crashed"'}, None),
        ({"message": '"something else"'}, None),
        ({"message": '"outside what right arithmetic"'}, "late-bias"),
        ({"versions": '{ numpy = "<1" }'}, None),
        ({"expires": YESTERDAY}, None),
    ):
        deviations = read_deviations(known(entry(**changes)))
        match = deviation_of(verdict, deviations)
        assert (match and match.id) == id
        assert deviations[0].hits == bool(id)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "state", "status"),
    [
        ({"where": "[{ time = 2 }, { time = 3 }]"}, "no longer holds", 1),
        ({"where": "[{ time = 9 }]"}, "not tried", 0),
        pytest.param({"implementations": '["torch"]'}, "not tried", 0, marks=pytest.mark.deep),
        ({"where": "[{ time = 9 }]", "expires": YESTERDAY}, "expired", 1),
        ({"where": "[{ time = 9 }]", "versions": '{ numpy = "<1" }'}, "expired", 1),
        pytest.param(
            {"where": "[{ time = 9 }]", "versions": '{ nothing-of-it = "<1" }'},
            "not tried",
            0,
            marks=pytest.mark.deep,
        ),
    ],
)
def test_those_that_no_longer_hold_fail_the_run(known, changes, state, status):
    report = verify(late, examples=20, time=(1, 3), known=known(entry(**changes)))
    (deviation,) = report.deviations
    assert (deviation.state, report.exit_status) == (state, status)
    assert deviation.sentence in str(report)
    assert report.sentence.startswith("Out of date: late-bias in the file of") == bool(status)
    suites = ET.fromstring(as_junit(report))
    failures = [
        case.get("name") for case in suites.iter("testcase") if len(case.findall("failure"))
    ]
    assert failures == (["known deviation: late-bias"] if status else [])
    table = json.loads(json.dumps(document(report)))
    jsonschema.validate(table, schema())
    (written,) = table["deviations"]
    assert (written["state"], written["agreed"]) == (state, deviation.agreed)


@pytest.mark.slow
def test_an_agreement_elsewhere_does_not_count(known):
    report = verify(late, examples=30, time=(1, 3), known=known(entry(where="[{ time = 2 }]")))
    (deviation,) = report.deviations
    cases = [verdict.case for verdict in report.verdicts]
    assert deviation.agreed == sum(map(has(time=2), cases)) < len(cases)


def test_an_interrupted_run_says_nothing_of_what_no_longer_holds(known):
    def stop(count):
        if count == 5:
            raise KeyboardInterrupt

    path = known(entry(where="[{ batch = 1 }, { batch = 2 }, { batch = 3 }, { batch = 4 }]"))
    report = verify(late, examples=20, time=(1, 3), known=path, progress=stop)
    assert report.interrupted
    assert report.stale == []


def test_what_cannot_be_imported_meets_no_entry(known, tmp_path):
    (tmp_path / "broken.py").write_text("1 / 0")
    name = f"{tmp_path / 'broken.py'}:run"
    path = known(entry(implementations=f'["{name}"]', kind='"crashed"'))
    report = verify(name, examples=2, known=path)
    assert report.exit_status == 1
    assert report.deviations[0].hits == 0


ROUGH = "tests.runs.test_deviations:rough"


def rough(inputs, W, U, b):
    """A tanh out of a table, right to 1e-5."""
    outputs = np.zeros((len(inputs), len(b)))
    for t, x in enumerate(inputs):
        before = outputs[t - 1] if t else np.zeros_like(b)
        outputs[t] = np.round(np.tanh(W @ x + U @ before + b) * 50_000) / 50_000
    return outputs


BOUNDS = [
    ({}, True),
    ({"deviation": "1.1e-5"}, True),
    ({"deviation": "1"}, True),
    ({"deviation": "1e-7"}, False),
    ({"activation_error": "1e-5"}, True),
    ({"activation_error": "1e-7"}, False),
    ({"activation_error": "1e-7", "deviation": "1e-5"}, False),
    ({"activation_error": "1e-5", "deviation": "1e-5"}, True),
]


ORDINARY = {
    "nonlinearity": "tanh", "regimes": ("contracting", "chaotic"), "time": (2, 4),
    "hidden_size": (2, 9), **PLAIN,
}  # fmt: skip


@pytest.fixture(scope="module")
def differing():
    """Verdicts as a row has them, after a bound of 1e-5 was tried."""
    tried = replace(differences()[0], implementations=(ROUGH,), activation_error=1e-5)
    verdicts = [
        settle(judge(case, from_notebook(rough), ROUGH, calls=1), [tried])
        for case in sample_cases(10, **ORDINARY)
    ]
    assert {verdict.kind for verdict in verdicts} == {"differs"}
    return verdicts


@pytest.mark.parametrize(("bounds", "is_known"), BOUNDS)
def test_a_difference_larger_than_its_bound_is_another(known, differing, bounds, is_known):
    path = known(entry(implementations=f'["{ROUGH}"]', where="[{}]", **bounds))
    deviations = read_deviations(path)
    matches = [deviation_of(verdict, deviations) for verdict in differing]
    assert [bool(match) for match in matches] == [is_known] * len(differing)


@pytest.mark.process
def test_a_worker_process_tries_the_bound_too(known):
    """And the report says of the entry how large it may be."""
    bounds = {"activation_error": "1e-5", "deviation": "1e-5"}
    path = known(entry(implementations=f'["{ROUGH}"]', where="[{}]", **bounds))
    options = {"examples": 10, "known": path} | ORDINARY
    reports = [verify(ROUGH, workers=1, **options), verify(rough, **options)]
    for report in reports:
        assert report.summaries[0].counts == {"known": 10}, str(report)
        table = json.loads(json.dumps(document(report)))
        jsonschema.validate(table, schema())
        (written,) = table["deviations"]
        assert (written["activation_error"], written["deviation"]) == (1e-5, 1e-5)


def test_a_deviation_bounds_no_difference_of_another_kind(known):
    """Outputs are inside here: what differs is that a call changed those of the one before."""
    path = known(entry(implementations='["it"]', where="[{}]", deviation="1"))
    (deviation,) = read_deviations(path)
    (case,) = sample_cases(1)
    verdict = Verdict("differs", "it", case, "it changed earlier outputs")
    assert deviation_of(verdict, [deviation]) is None
    assert deviation_of(replace(verdict, wrong=1, deviation=0.5), [deviation])


MALFORMED = {
    "no TOML": ("x = [", "is no TOML: "),
    "no table": ("x = 1", r"has x, expected tables \[\[difference\]\] alone"),
    "nothing": ("", "has nothing, expected"),
    "no list": ("difference = 3", "has difference, expected"),
    "a number in it": ("difference = [3]", "entry 1: it is no table"),
    "no reason": (entry(reason=None), "entry 1: it lacks reason"),
    "an empty reason": (entry(reason='""'), "entry 1: reason is '', expected a text that is not"),
    "no expiry": (entry(expires=None), "it needs an expiry: versions = { package = '<2' }, or"),
    "an unknown key": (entry(colour='"red"'), "it has colour; an entry has id, implementations"),
    "a text for a date": (entry(expires='"soon"'), "expires is 'soon', expected a date such as"),
    "a time": (entry(expires="2030-01-31T10:00:00"), "expected a date without a time"),
    "no specifier": (
        entry(versions='{ numpy = "new" }'),
        "versions.numpy is 'new', expected a spe",
    ),
    "a number for one": (entry(versions="{ numpy = 2 }"), "versions.numpy is 2, expected a specif"),
    "a kind of its own": (entry(kind='"odd"'), "kind is 'odd', expected one of differs, crashed"),
    "an unknown feature": (
        entry(where="[{ colour = 1 }]"),
        "where asks for colour; a case has the",
    ),
    **{
        f"{name} = {value}": (entry(**{name: value}), f"{name} is .*, expected a number above 0")
        for name in ("deviation", "activation_error")
        for value in ('"2e-6"', "0", "-1e-6", "inf", "nan", "true", "[1e-6]")
    },
    "a bound of a crash": (entry(kind='"crashed"', deviation=1), "kind must be 'differs'"),
    "where of numbers": (entry(where="[1]"), "where must be a list of tables"),
    "names of numbers": (entry(implementations="[1]"), "implementations must be a list of names"),
    "twice": (entry() + entry(), "has an id that is there already: late-bias"),
    "a shipped id": (entry(id='"keras-go-backwards-mask"'), "already: keras-go-backwards-mask"),
    "deep": ("x = " + "[" * 100_000, "is no TOML"),
}


@pytest.mark.parametrize(("text", "sentence"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_file_is_named_with_a_sentence(known, text, sentence):
    path = known(text)
    with pytest.raises(WrongDeviations, match=f"known.toml.*{sentence}"):
        read_deviations(path)
    with pytest.raises(WrongDeviations):
        verify(late, examples=1, known=path)


def test_bytes_folders_and_large_files_are_named(tmp_path):
    path = tmp_path / "known.toml"
    path.write_bytes(b"\xff\xfe")
    for wrong in (path, tmp_path, tmp_path / "absent"):
        with pytest.raises(WrongDeviations):
            read_deviations(wrong)
    path.write_text("#" * (1 << 20) + "\n")
    with pytest.raises(WrongDeviations, match="has more than 1,048,576 bytes"):
        read_deviations(path)


def test_the_shipped_entries_have_the_form(known):
    from importlib.resources import files

    text = (files("harness") / "known_differences.toml").read_text(encoding="utf-8")
    own = known(text.replace('id = "', 'id = "own-'))
    assert len(read_deviations(own)) == text.count("[[difference]]")


def test_the_loop_without_a_file_has_no_deviations():
    assert verify(simple_rnn, examples=2).deviations == ()
