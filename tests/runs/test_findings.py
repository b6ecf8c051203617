"""A finding: the first failure, made small, diagnosed and saved, whatever the implementation does."""

from pathlib import Path

import numpy as np
import pytest

from harness import sample_cases, verify
from harness.draw.saved import load_case
from harness.draw.snippet import snippet
from harness.judge.judge import judge
from harness.runs.findings import Finding, finding
from references import Unsupported
from references.case import Case
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
    implementation, save: Path | None = None, name: str = "mine", count: int = 6
) -> Finding:
    verdicts = [judge(case, implementation, name) for case in sample_cases(count, **SMALL)]
    wrong = [verdict for verdict in verdicts if verdict.kind in ("differs", "crashed")]
    return finding(wrong[0], len(wrong), implementation, save, {"numpy": np.__version__})


def test_the_text_has_verdict_diagnosis_count_snippet_and_file(tmp_path):
    result = finding_of(transposed, tmp_path / "new" / "folder")
    text = str(result)
    assert text.startswith(str(result.first))
    assert f"  diagnosis   {result.diagnosis}" in text.splitlines()
    assert f"  failures    {result.count}; the smallest case found:" in text.splitlines()
    assert all(
        f"    {line}" in text.splitlines() for line in snippet(result.small.case).splitlines()
    )
    assert (
        text.splitlines()[-1]
        == f"  saved as    {result.saved}; replay it with: rnn-parity explain {result.saved}"
    )
    assert result.first.case.origin in text
    assert result.diagnosis.names[0] == "U transposed"


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
    text = str(result)
    assert "it raised IndexError: no step 1" in text
    assert "  raised at   " in text
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
    result = finding(verdict, 1, two_crashes, None, {})
    assert "the defect" in result.first.reason
    assert "the defect" in result.small.reason


@pytest.mark.parametrize("period", [2, 3])
def test_an_implementation_that_fails_now_and_then_gets_its_report(tmp_path, period):
    calls = []

    def flaky(case):
        calls.append(1)
        outputs = run(case)
        return outputs.sequence * 0 - 3 if len(calls) % period == 0 else outputs.sequence

    report = verify(flaky, examples=8, save=tmp_path, **SMALL)
    assert report.exit_status == 1
    (result,) = report.findings.values()
    assert result.small.kind == "differs"
    assert load_case(result.saved)[0].config == result.small.case.config
    assert "the smallest case found:" in str(report)


def test_one_that_fails_only_once_gets_its_report(tmp_path):
    calls = []

    def once(case):
        calls.append(1)
        outputs = run(case)
        return outputs.sequence * 0 - 3 if len(calls) == 4 else outputs.sequence

    report = verify(once, examples=8, save=tmp_path, **SMALL)
    (result,) = report.findings.values()
    assert (report.exit_status, result.count) == (1, 1)
    assert result.small is result.first


def test_one_that_refuses_smaller_cases_keeps_its_sizes():
    def picky(case):
        if case.batch < 2:
            raise Unsupported("one row")
        return transposed(case)

    verdict = judge(next(sample_cases(1, seed=1, batch=4, hidden_size=4)), picky, "mine")
    assert finding(verdict, 1, picky, None, {}).small.case.batch == 2


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
    result = finding_of(transposed, tmp_path, name, count=2)
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


def test_a_file_of_an_earlier_run_is_replaced(tmp_path):
    first, second = (
        finding_of(transposed, tmp_path, count=2),
        finding_of(crashes, tmp_path, count=2),
    )
    assert first.saved == second.saved
    assert len(list(tmp_path.iterdir())) == 1
    assert "IndexError" in load_case(second.saved)[1]["reason"]


def test_a_folder_that_cannot_be_made_costs_no_finding(tmp_path):
    (tmp_path / "taken").write_text("a file")
    result = finding_of(transposed, tmp_path / "taken" / "folder", count=2)
    assert result.diagnosis.names[0] == "U transposed"
    assert "could not be saved" in str(result)
