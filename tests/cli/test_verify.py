"""`rnn-parity verify`: how it ends, what it draws, and its sentence for what a user gets wrong."""

import json
import time
from pathlib import Path

import jsonschema
import pytest

from harness.report.as_json import schema
from tests.cli.commands import MINE, SMALL, complaint, invoke, main_status, one_line
from tests.runs.late import KNOWN_LATE, LATE

pytestmark = pytest.mark.process
LAST = """
import numpy as np
from references.numpy_rnn import run as loop

def rnn(inputs, W, U, b):
    h = np.zeros_like(b)
    for x in inputs:
        h = np.tanh(W @ x + U @ h + b)
    return h

def transposed(inputs, W, U, b):
    return rnn(inputs, W, U.T, b)

def run(case):
    return loop(case).sequence[:, -1]

run.limits = {"bidirectional": False}
"""


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("run", 0),
        ("rnn", 0),
        ("transposed", 1),
        ("leaves", 1),
        ("stops", 1),
        ("refuses", 3),
        ("interrupts", 1),
    ],
)
def test_the_exit_status_tells_how_it_ended(name, status):
    assert invoke("verify", f"mine.py:{name}", *SMALL).return_value == status


def test_a_last_output_alone_is_verified_in_both_forms_and_said_so():
    Path("last.py").write_text(LAST)
    for name, status in (("rnn", 0), ("run", 0), ("transposed", 1)):
        result = invoke("verify", f"last.py:{name}", *SMALL, "--json", "out.json")
        assert result.return_value == status
        note = f"last.py:{name} was judged by its last outputs: each case cut to its T lengths"
        assert note in one_line(result.stdout)
        document = json.loads(Path("out.json").read_text())
        jsonschema.validate(document, schema())
        (implementation,) = document["implementations"]
        assert implementation["by_last_outputs"] >= 8
        assert any(note in each for each in document["notes"])


def test_one_that_refuses_beside_one_that_agrees_exits_with_3():
    assert invoke("verify", "numpy", "mine.py:refuses", *SMALL).return_value == 3


def test_a_module_and_function_are_found_in_the_working_directory():
    Path("mine_too.py").write_text(MINE)
    assert invoke("verify", "mine_too:rnn", *SMALL).return_value == 0
    assert invoke("verify", "mine_too:transposed", *SMALL).return_value == 1


def test_a_folder_with_brackets_in_its_name_is_no_markup():
    Path("old[").mkdir()
    Path("old[/mine].py").write_text(MINE)
    result = invoke("verify", "old[/mine].py:run", *SMALL)
    assert result.return_value == 0
    assert "old[/mine].py:run" in one_line(result.stdout)


KNOWN = (
    "expected one of numpy, torch, keras, onnx, a variant as keras/unroll, "
    "package.module:function, file.py:function or command:./program"
)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("torhc", f"implementation is 'torhc', {KNOWN}"),
        ("mine.py", "name the function of mine.py, as in mine.py:run"),
        ("yours.py:run", "there is no file yours.py"),
        (
            "nosuch:run",
            "nosuch cannot be imported: ModuleNotFoundError: No module named 'nosuch'",
        ),
    ],
)
def test_an_implementation_that_is_not_there_is_a_usage_error(name, sentence):
    assert complaint("verify", name).startswith(sentence)


BROKEN = {
    "colon.py": ("def run(case)\n", "SyntaxError: expected ':' (colon.py, line 1)"),
    "zero.py": ("1 / 0\n", "ZeroDivisionError: division by zero"),
    "exit.py": ("import sys; sys.exit(0)\n", "SystemExit: 0"),
    "lacks.py": ("import absent\n", "ModuleNotFoundError: No module named 'absent'"),
}


def test_a_file_that_cannot_be_imported_has_crashed_and_the_others_are_judged():
    for file, (text, _) in BROKEN.items():
        Path(file).write_text(text)
    names = [f"{file}:run" for file in BROKEN]
    result = invoke("verify", *names, "mine.py:run", *SMALL)
    assert result.return_value == 1
    lines = result.stdout.splitlines()
    for file, (text, sentence) in BROKEN.items():
        at = lines.index(f"{file}:run cannot be used: {file} cannot be imported: {sentence}")
        assert lines[at + 1] == f"  raised at   {file}:1, in <module>: {text.strip()}"
    *most, last = names
    assert lines[-1] == f"{', '.join(most)} and {last} cannot be used, which counts as a crash."
    assert any(line.split()[:2] == ["mine.py:run", "8"] for line in lines)


UNUSABLE = {
    "ends.py": (
        "import os; os._exit(3)",
        "it ended the process with exit status 3 when it was imported",
    ),
    "hangs.py": ("while True: pass", "it took longer than 2 seconds when it was imported"),
    "stops.py": (
        "raise KeyboardInterrupt",
        "stops.py:run cannot be imported: it raised KeyboardInterrupt",
    ),
    "rnu.py": ("def rnu(case): pass", "rnu.py has no function run; it has rnu"),
    "three.py": ("run = 3", "three.py has no function run; it has none"),
    "limits.py": (
        "def run(case): pass\nrun.limits = {'tiem': 3}",
        "the limits of limits.py:run are wrong: ",
    ),
}


def test_what_cannot_be_used_is_phase_import_in_json_within_the_time_limit():
    for file, (text, _) in UNUSABLE.items():
        Path(file).write_text(text)
    names = [f"{file}:run" for file in UNUSABLE]
    words = ("verify", *names, "mine.py:transposed", *SMALL, "--time-limit", "2")
    start = time.monotonic()
    result = invoke(*words, "-q", "--json", "report.json")
    assert time.monotonic() - start < 40
    assert result.return_value == 1
    report = json.loads(Path("report.json").read_text())
    by_name = {entry["name"]: entry for entry in report["implementations"]}
    for file, (_, reason) in UNUSABLE.items():
        entry = by_name[f"{file}:run"]
        (finding,) = entry["findings"]
        for verdict in (finding["first"], finding["smallest"]):
            assert (verdict["kind"], verdict["phase"]) == ("crashed", "import")
            assert verdict["case"] is None
            assert verdict["reason"].startswith(reason)
        assert entry["counts"] == {"crashed": 1}
    (other,) = by_name["mine.py:transposed"]["findings"]
    assert (other["first"]["kind"], other["first"]["phase"]) == ("differs", "run")
    assert sum(by_name["mine.py:transposed"]["counts"].values()) == 8
    jsonschema.validate(report, schema())


def test_nothing_that_can_be_used_leaves_documents_whole():
    Path("broken.py").write_text("1 / 0")
    words = ("--json", "a.json", "--junit", "a.xml", "--markdown", "a.md")
    result = invoke("verify", "broken.py:run", *SMALL, *words)
    assert result.return_value == 1
    report = json.loads(Path("a.json").read_text())
    jsonschema.validate(report, schema())
    assert report["sentence"] == "broken.py:run cannot be used, which counts as a crash."
    assert 'type="crashed" message="broken.py:run cannot be used: ' in Path("a.xml").read_text()
    assert "cannot be used" in Path("a.md").read_text()


def test_independent_fails_what_imports_the_answer():
    words = ("verify", "mine.py:run", *SMALL)
    result = invoke(*words)
    assert result.return_value == 0
    assert "mine.py:run uses the answer: it imports references." in result.stdout
    strict = invoke(*words, "--independent", "--json", "a.json")
    assert strict.return_value == 1
    assert strict.stdout.splitlines()[-1].startswith("Not independent: mine.py:run imports ")
    report = json.loads(Path("a.json").read_text())
    assert (report["exit"], report["implementations"][0]["exit"]) == (1, 1)
    modules = {use["module"] for use in report["implementations"][0]["uses_answer"]}
    assert modules == {"references.cells", "references.numpy_rnn"}
    jsonschema.validate(report, schema())


def test_an_unknown_option_is_a_usage_error():
    assert complaint("verify", "numpy", "--rtol", "1").startswith("No such option '--rtol'")


def test_without_a_framework_it_asks_for_a_name(monkeypatch):
    monkeypatch.setattr("harness.runs.verify.default_frameworks", lambda: ())
    assert complaint("verify", *SMALL).startswith("no framework is installed: pip install ")


def test_a_run_that_is_interrupted_exits_with_130(monkeypatch):
    def interrupt(*words, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.runs.in_workers.InWorkers.rows", interrupt)
    result = invoke("verify", "numpy", *SMALL)
    assert result.return_value == 130
    assert "interrupted: " in result.stdout


@pytest.mark.deep
def test_the_same_seed_prints_the_same_report_and_another_seed_another():
    def lines(seed):
        result = invoke("verify", "mine.py:transposed", "--seed", str(seed), *SMALL)
        return [line for line in result.stdout.splitlines() if " s" not in line]

    assert lines(1) == lines(1)
    assert lines(1) != lines(2)


def test_a_judge_that_breaks_is_not_the_users_mistake(monkeypatch, capsys):
    def fall_over(*words, **options):
        raise TypeError("the judge fell over")

    monkeypatch.setattr("harness.runs.in_workers.InWorkers.rows", fall_over)
    assert main_status(monkeypatch, "verify", "numpy", "--examples", "1") == 4
    assert "the judge fell over" in capsys.readouterr().err


def test_its_help_names_every_option():
    text = invoke("verify", "--help").output
    for option in ("examples", "seed", "save", "workers", "time-limit", "json", "github", "masks"):
        assert f"--{option} " in text


def test_the_cells_that_are_named_are_drawn_and_judged():
    result = invoke("verify", "numpy", "--cell", "gru", "--cell", "lstm", "--examples", "30")
    assert result.exit_code == 0, result.output
    assert "cell=('gru', 'lstm')" in result.output


def test_known_deviations_of_ones_own_decide_the_exit_status():
    """0 where they are met, 1 where one no longer holds, 2 for a file that is none."""
    Path("known.toml").write_text(KNOWN_LATE)
    Path("late.py").write_text(LATE)
    run = ("verify", "late.py:rnn", "--examples", "60", *SMALL[2:], "--known", "known.toml")
    result = invoke(*run)
    assert result.return_value == 0
    assert "known deviation late-bias was met" in one_line(result.stdout)
    Path("late.py").write_text(LATE.replace("t < 4", "True"))
    result = invoke(*run)
    assert result.return_value == 1
    assert "known deviation late-bias no longer holds" in one_line(result.stdout)
    Path("known.toml").write_text(KNOWN_LATE.replace("2099-12-31", "soon"))
    assert "known.toml is no TOML" in complaint(*run)
