"""A finding: the first failure, made small, diagnosed and saved, whatever the implementation
does.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness import sample_cases, verify
from harness.draw.saved import load_case
from harness.draw.snippet import in_one_line, snippet
from harness.implementations.find import Unusable
from harness.judge.calls.crash import CrashPlace
from harness.judge.judge import judge
from harness.runs.failures import unusable
from harness.runs.findings import (
    Finding,
    Request,
    at_import,
    case_path,
    finding,
    is_stateful,
    unexamined,
)
from references import Unsupported
from references.case import Case, Outputs
from references.numpy_rnn import run

SMALL = {"time": (2, 6), "batch": (1, 3), "input_size": (2, 5), "hidden_size": (2, 5)}


def transposed(case: Case):
    from harness.mistakes.catalogue import BY_NAME

    return BY_NAME["U transposed"].plant()(case)


def crashes(case: Case):
    if case.time > 1:
        raise IndexError("no step 1")
    return run(case)


def finding_of(
    implementation, save: Path | None = None, name: str = "mine", count: int = 6, **limits
) -> Finding:
    cases = sample_cases(count, **SMALL | limits)
    verdicts = [judge(case, implementation, name) for case in cases]
    wrong = [verdict for verdict in verdicts if verdict.kind in ("differs", "crashed")]
    facts = {"numpy": np.__version__}
    return finding(Request(wrong[0], len(wrong), case_path(save, name), facts), implementation)


def test_the_whole_text_has_the_smallest_cases_numbers_diagnosis_count_snippet_and_file(tmp_path):
    result = finding_of(transposed, tmp_path / "new" / "folder")
    lines = str(result).splitlines()
    assert lines[0] == f"mine differs on {result.count} cases: {result.small.reason}"
    assert lines[1 : 1 + len(result.small.details())] == result.small.details()
    assert f"  actual      {result.small.first.actual!r}" in lines
    assert f"  shrunk from {result.first.case.origin}" in lines
    assert f"  diagnosis   {result.diagnosis}" in lines
    assert f"  failures    {result.count}; the smallest case found:" in lines
    assert all(f"    {line}" in lines for line in snippet(result.small.case).splitlines())
    replay = f"replay it with: rnn-parity explain {result.saved}"
    assert lines[-1] == f"  saved as    {result.saved}; {replay}"
    assert result.diagnosis.names[0] == "U transposed"


def test_the_short_text_has_seven_lines(tmp_path):
    result = finding_of(transposed, tmp_path)
    place = result.small.first
    room = f"give or take {place.allowed:.3g}" if place.allowed else "exactly"
    assert result.lines() == [
        f"mine differs on {result.count} cases: {result.small.reason}",
        f"  where       {place} (the first that differs)",
        f"  actual      {place.actual!r}",
        f"  expected    {place.expected!r}, {room}",
        f"  diagnosis   {result.diagnosis}",
        f"  smallest    {in_one_line(result.small.case)}",
        f"  replay      rnn-parity explain {result.saved}",
    ]


def test_a_case_that_could_not_be_shrunk_is_named_as_it_was_drawn():
    verdict = judge(next(sample_cases(1, **SMALL)), transposed, "mine")
    text = str(unexamined(Request(verdict, 2), "it ended"))
    assert "shrunk" not in text
    assert f"  rebuild     {verdict.case.origin}" in text.splitlines()


def test_what_cannot_be_used_has_a_sentence_and_its_place_and_no_case(tmp_path):
    crash = CrashPlace("NameError", "mine.py", 3, "<module>", "x = y")
    error = Unusable("mine.py cannot be imported: NameError")
    error.crash = crash
    result = at_import(unusable("mine.py:run", error))
    lines = [
        "mine.py:run cannot be used: mine.py cannot be imported: NameError",
        "  raised at   mine.py:3, in <module>: x = y",
        "  diagnosis   It can be judged only once this is repaired.",
    ]
    assert result.lines() == str(result).splitlines() == lines
    assert (result.count, result.saved) == (1, None)
    kind = at_import(
        unusable("mine.py:run", Unusable("mine.py:run is a class; expected run(case)"))
    )
    assert kind.head == "mine.py:run is a class; expected run(case)"
    assert at_import(result.first, "def rnn():\n    pass").lines()[1:] == [
        "  raised at   mine.py:3, in <module>: x = y",
        "  diagnosis   Start from this:",
        "    def rnn():",
        "        pass",
    ]


def test_nothing_is_saved_unless_asked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = finding_of(transposed)
    assert result.saved is None
    assert "saved as" not in str(result)
    assert list(tmp_path.iterdir()) == []


def test_the_file_holds_the_smallest_case_with_the_facts(tmp_path):
    result = finding_of(transposed, tmp_path)
    case, facts = load_case(result.saved)
    assert case.config == result.small.case.config
    assert np.array_equal(case.inputs, result.small.case.inputs)
    assert facts == {
        "implementation": "mine",
        "reason": result.small.reason,
        "found": result.first.case.origin,
        "numpy": np.__version__,
    }
    assert judge(case, transposed).kind == "differs"


def test_the_smallest_case_still_fails_and_is_no_larger():
    result = finding_of(transposed)
    assert result.small.kind == result.first.kind == "differs"
    assert (
        result.small.case.batch,
        result.small.case.config.hidden_size,
        result.small.case.config.input_size,
    ) == (1, 2, 1)


def test_a_crash_gets_its_finding(tmp_path):
    result = finding_of(crashes, tmp_path)
    assert (result.first.kind, result.small.kind) == ("crashed", "crashed")
    assert result.small.case.time == 2
    assert result.lines()[:3] == [
        f"mine crashed on {result.count} cases: it raised IndexError: no step 1",
        f"  raised at   {result.small.crash}",
        "  diagnosis   Called again on this case, it crashes in the same way.",
    ]
    assert result.small.crash.source == 'raise IndexError("no step 1")'
    assert f"  raised at   {result.small.crash}" in str(result).splitlines()
    assert load_case(result.saved)[1]["reason"] == "it raised IndexError: no step 1"


def test_a_crash_is_not_shrunk_to_another_crash():
    """Else the smallest case would explain something that the reader has not seen."""

    def two_crashes(case):
        if case.time == 1:
            raise KeyError("another defect")
        if case.config.hidden_size > 2:
            raise IndexError("the defect")
        return run(case)

    verdict = judge(next(sample_cases(1, time=4, hidden_size=5)), two_crashes, "mine")
    result = finding(Request(verdict, 1), two_crashes)
    assert "the defect" in result.first.reason
    assert "the defect" in result.small.reason


@pytest.mark.slow
def test_a_crash_that_does_not_come_again_says_so():
    calls = []

    def once(case):
        calls.append(1)
        if len(calls) == 1:
            raise KeyError("a cache")
        return run(case)

    result = finding(Request(judge(next(sample_cases(1, **SMALL)), once, "mine"), 1), once)
    assert result.small.reason == "it raised KeyError: 'a cache'"
    assert str(result.diagnosis) == (
        "It depends on earlier calls or on chance. Called again on this case, it agrees: "
        f"{judge(result.small.case, run).reason}."
    )


def unknown_when_large(case: Case):
    """U transposed for up to 8 units, an error without a name for more."""
    if case.config.hidden_size <= 8:
        return transposed(case)
    outputs = run(case)
    sequence = outputs.sequence.copy()
    sequence[:, -1, 0] += 0.5
    return Outputs(sequence, None)


@pytest.mark.slow
def test_a_large_case_that_no_known_mistake_explains_rules_the_diagnosis_out():
    limits = {"nonlinearity": "tanh", "num_layers": 1, "time": 5, "bias": True}
    small = next(sample_cases(1, hidden_size=5, **limits))
    large = next(sample_cases(1, hidden_size=12, **limits))
    verdict = judge(small, unknown_when_large, "mine")
    alone = finding(Request(verdict, 1), unknown_when_large)
    assert alone.diagnosis.names == ("U transposed",)
    with_witness = finding(Request(verdict, 1, witness=large), unknown_when_large)
    assert with_witness.diagnosis.names == ()


def zeros(case: Case):
    return np.zeros_like(run(case).sequence)


@pytest.mark.parametrize("seed", range(4))
def test_what_the_larger_cases_deny_is_not_named(seed):
    """On one unit, zeros look like a vector loop that loses its tail, or like two mistakes."""
    limits = {"num_layers": 1, "bidirectional": False, "nonlinearity": "tanh", "masks": False}
    report = verify(zeros, examples=30, seed=seed, **limits)
    ((result, *_),) = report.findings.values()
    assert result.diagnosis.names == ()
    assert str(result.diagnosis) == "Every output is 0, on the failing case and on the probes."


def test_a_mistake_of_a_second_call_is_shown_on_the_case_that_met_it():
    state = {}

    def leaks(case):
        outputs = run(replace(case, h_0=state["h"]) if _fits(state, case) else case)
        state["h"] = outputs.h_n
        return outputs

    def _fits(state, case):
        return (
            "h" in state
            and state["h"].shape == case.h_0.shape
            and state["h"].dtype == case.h_0.dtype
        )

    case = next(sample_cases(1, time=4, hidden_size=3, initial_states=False))
    judge(case, leaks, "mine")
    result = finding(Request(judge(case, leaks, "mine"), 1), leaks)
    assert is_stateful(result.diagnosis.names)
    assert result.small is result.first


@pytest.mark.slow
@pytest.mark.parametrize("period", [2, 3])
def test_an_implementation_that_fails_now_and_then_gets_its_report(tmp_path, period):
    calls = []

    def flaky(case):
        calls.append(1)
        outputs = run(case)
        return outputs.sequence * 0 - 3 if len(calls) % period == 0 else outputs.sequence

    report = verify(flaky, examples=8, save=tmp_path, **SMALL)
    assert report.exit_status == 1
    ((result,),) = report.findings.values()
    assert result.small.kind == "differs"
    assert load_case(result.saved)[0].config == result.small.case.config
    assert "the smallest case found:" in report.text(verbose=True)


@pytest.mark.slow
def test_one_that_fails_only_once_gets_its_report(tmp_path):
    calls = []

    def once(case):
        calls.append(1)
        outputs = run(case)
        return outputs.sequence * 0 - 3 if len(calls) == 4 else outputs.sequence

    report = verify(once, examples=8, save=tmp_path, **SMALL)
    ((result,),) = report.findings.values()
    assert (report.exit_status, result.count) == (1, 1)
    assert result.small is result.first


def test_one_that_refuses_smaller_cases_keeps_its_sizes():
    def picky(case):
        if case.batch < 2:
            raise Unsupported("one row")
        return transposed(case)

    verdict = judge(next(sample_cases(1, seed=1, batch=4, hidden_size=4)), picky, "mine")
    assert finding(Request(verdict, 1), picky).small.case.batch == 2


@pytest.mark.parametrize(
    "name",
    [
        "my rnn.py:run",
        "/tmp/a/b.py:run",
        "..:..",
        "../../up.py:run",
        "C:\\a\\b.py:run",
        "pkg[torch].mod:f",
        "mod:<lambda>",
        "mod:f #2",
        "a\nb:f",
        "caf\u00e9.py:run",
        "\u03bb:\u03bb",
        "\udcff.py:run",
        "%s{0}$HOME:run",
        "-o.py:run",
        "a" * 300 + ":run",
    ],
)
def test_the_name_of_the_file_is_safe(tmp_path, name):
    result = finding_of(transposed, tmp_path, name, 1, num_layers=1, hidden_size=2, time=2)
    (path,) = tmp_path.iterdir()
    assert result.saved == path
    assert path.name.isascii()
    assert path.name.endswith(".case")
    assert path.stem.replace("-", "").isalnum(), path.name
    assert not path.name.startswith(("-", "."))
    assert load_case(path)[1]["implementation"] == name


def test_two_implementations_get_two_files(tmp_path):
    first, second = (
        finding_of(transposed, tmp_path, "a/b.py:run", count=2),
        finding_of(transposed, tmp_path, "a-b.py:run", count=2),
    )
    assert first.saved != second.saved
    assert load_case(first.saved)[1]["implementation"] == "a/b.py:run"


def test_another_case_of_an_earlier_run_is_kept_and_the_same_one_is_written_once(tmp_path):
    first, second, again = (
        finding_of(implementation, tmp_path, count=2)
        for implementation in (transposed, crashes, crashes)
    )
    assert first.saved != second.saved == again.saved
    assert set(tmp_path.iterdir()) == {first.saved, second.saved}
    assert "IndexError" in load_case(second.saved)[1]["reason"]
    assert first.saved.stem.rpartition("-")[0] == second.saved.stem.rpartition("-")[0]


def test_a_folder_that_cannot_be_made_costs_no_finding(tmp_path):
    (tmp_path / "taken").write_text("a file")
    result = finding_of(transposed, tmp_path / "taken" / "folder", count=2)
    assert result.diagnosis.names[0] == "U transposed"
    path = case_path(tmp_path / "taken" / "folder", result.small.implementation)
    text = "the case could not be saved: "
    assert f"{text}{path}: Not a directory" in str(result)
