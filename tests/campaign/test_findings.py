"""Failures with one cause are one finding with its smallest case; different causes are told
apart.
"""

from pathlib import Path

import pytest

from harness.draw.saved import load_case
from harness.draw.strategies import saved_examples
from harness.judge.judge import judge
from tests.campaign import hostile
from tests.campaign.conftest import HERE, campaign, report, result

pytestmark = pytest.mark.process


HOSTILE = f"{HERE / 'hostile'}.py"


def found(function, cases="600", *words):
    done = campaign("c", "--implementations", f"{HOSTILE}:{function}", "--cases", cases, *words)
    assert done.returncode in (1, 3), done.stderr
    return result("c")["findings"], done


@pytest.mark.long
def test_hundreds_of_failures_with_one_cause_are_one_finding():
    (finding,), done = found("half_transposed")
    assert finding["count"] > 300
    assert "U transposed" in finding["diagnosis"]["mistakes"]
    case, facts = load_case(Path("c.report", finding["saved"]))
    assert judge(case, hostile.half_transposed).kind == "differs"
    assert facts["implementation"] == f"{HOSTILE}:half_transposed"
    assert facts["found"] == finding["first"]["rebuild"]
    assert (case.config.num_layers, case.batch) == (1, 1)  # made small
    assert f"{finding['count']:,} times" in done.stdout
    assert "U transposed" in done.stdout


@pytest.mark.deep
def test_a_finding_has_the_numbers_of_its_smallest_case_and_no_sight_beside_it():
    limits = ("--nonlinearity", "tanh", "--num-layers", "1", "--no-masks", "--dtype", "float64")
    (finding, *_), done = found("half_transposed", "60", *limits)
    where = finding["smallest"]["where"]
    assert where["actual"] != where["expected"]
    assert where["ratio"] == "Infinity" or where["ratio"] > 1
    room = f"give or take {float(where['allowed']):.3g}" if where["allowed"] else "exactly"
    numbers = (
        f"  numbers    {where['actual']} for {where['expected']}, {room}, in the smallest case"
    )
    assert numbers in done.stdout
    (row,) = result("c")["implementations"]
    assert row["sight"] is None
    assert "would have caught" not in done.stdout


@pytest.mark.deep
def test_two_causes_are_two_findings_though_they_differ_at_the_same_places():
    alike = (
        "--nonlinearity",
        "tanh",
        "--num-layers",
        "1",
        "--bidirectional",
        "False",
        "--bias",
        "True",
        "--go-backwards",
        "False",
    )
    findings, _ = found("two_causes", "200", *alike, "--no-masks")
    assert len(findings) == 2
    named = {mistake for finding in findings for mistake in finding["diagnosis"]["mistakes"]}
    assert {"U transposed", "bias dropped"} <= named


@pytest.mark.deep
def test_what_is_nan_throughout_is_one_finding():
    (finding,), _ = found("always_nan", "100")
    assert finding["count"] == 100
    assert finding["diagnosis"]["sentence"].startswith("Every output is NaN")


def test_an_exception_whose_text_changes_from_case_to_case_is_one_finding():
    (finding,), _ = found("raises", "60")
    assert finding["count"] == 60
    assert finding["first"]["reason"].startswith("it raised ValueError: the size ")
    place = finding["first"]["raised_at"]
    assert (place["error"], place["function"]) == ("ValueError", "raises")
    assert place["source"].startswith("raise ValueError")


@pytest.mark.deep
def test_one_that_fails_once_and_never_again_is_kept_as_it_was():
    (finding,), _ = found("flaky", "300")
    assert finding["count"] == 1
    case, _ = load_case(Path("c.report", finding["saved"]))
    assert case.origin == finding["first"]["rebuild"]


def test_one_that_refuses_everything_is_no_agreement():
    findings, done = found("refuses", "40")
    assert (findings, done.returncode) == ([], 3)
    assert "never agreed on a case" in done.stdout


@pytest.mark.deep
def test_a_second_look_needs_no_worker_and_saved_cases_become_examples():
    found("raises", "20")
    check_saved_examples()
    first, before = result("c"), Path("c.report/report.json").read_text()
    Path("c.report/report.json").unlink()
    done = campaign("show", "c", "--report", "again")
    assert done.returncode == 1
    assert Path("again/report.json").read_text() == before
    assert (Path("again") / first["findings"][0]["saved"]).exists()
    assert f"saved as   again/{first['findings'][0]['saved']}" in done.stdout


@pytest.mark.long
def test_what_was_found_seeds_the_next_campaign():
    (finding,), _ = found("half_transposed", "200")
    done = campaign(
        "d",
        "--implementations",
        f"{HOSTILE}:half_transposed,numpy",
        "--examples",
        "c.report/findings",
        "--cases",
        "10",
    )
    assert done.returncode == 1
    told = report("d")
    assert told["plan"]["examples"] == 1
    numpy, wrong = told["implementations"]
    assert numpy["cases"] == wrong["cases"] == 11
    (again,) = result("d")["findings"]
    assert again["first"]["index"] == -1
    assert again["diagnosis"]["mistakes"] == finding["diagnosis"]["mistakes"]


def test_a_folder_without_saved_cases_is_a_sentence():
    Path("empty").mkdir()
    done = campaign("d", "--implementations", "numpy", "--examples", "empty")
    assert (done.returncode, "empty holds no saved case" in done.stderr) == (2, True)
    Path("empty/x.case").write_bytes(b"no case")
    done = campaign("d", "--implementations", "numpy", "--examples", "empty")
    assert (done.returncode, "empty/x.case is no saved case, or is cut off" in done.stderr) == (
        2,
        True,
    )


def check_saved_examples():
    from hypothesis import given, settings

    from harness import cases

    seen = []

    @settings(max_examples=1, database=None)
    @given(case=cases())
    @saved_examples("c.report/findings")
    def test(case):
        seen.append(case)

    test()
    (saved,) = Path("c.report/findings").glob("*.case")
    assert repr(seen[0]) == repr(load_case(saved)[0])
    assert saved_examples("nowhere")(test) is test
    Path("bad").mkdir()
    Path("bad/bad.case").write_bytes(b"")
    with pytest.raises(ValueError, match="is no saved case"):
        saved_examples("bad")
