"""The real command: what it exits with, and its sentence for everything that a user gets wrong."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import cli, main

MINE = """
import os
import sys
import numpy as np
from references import Unsupported
from references.cells.rnn import simple_rnn
from references.numpy_rnn import run

def rnn(inputs, W, U, b):
    return simple_rnn(inputs, W, U, b)

def transposed(inputs, W, U, b):
    return simple_rnn(inputs, W, U.T, b)

def zeros(case):
    return 0 * run(case).sequence - 1

def leaves(case):
    sys.exit(0)

def refuses(case):
    raise Unsupported("not today")

def accents(case):
    raise ValueError("caf\\u00e9 \\u2260 \\udcff")

def stops(case):
    class Stop(BaseException): pass
    raise Stop("here")

def interrupts(case):
    raise KeyboardInterrupt
"""
SMALL = ("--examples", "8", "--time", "2:6", "--hidden-size", "2:5", "--input-size", "2:5")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    Path("mine.py").write_text(MINE)


def command(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, as a shell runs it."""
    return subprocess.run(
        [sys.executable, "-m", "harness", *words],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=60,
        env=os.environ | variables,
    )


def ended(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """main()'s exit status, in this process."""
    monkeypatch.setattr(sys, "argv", ["rnn-parity", *words])
    with pytest.raises(SystemExit) as raised:
        main()
    assert isinstance(raised.value.code, int)
    return raised.value.code


def invoked(*words: str) -> Result:
    """The command without what main() does about its end."""
    return CliRunner().invoke(cli, list(words))


def complaint(*words: str) -> str:
    """The sentence of a usage error."""
    result = invoked(*words)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    *_, last = result.stderr.strip().splitlines()
    assert last.startswith("Error: ")
    return last.removeprefix("Error: ")


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_an_implementation_that_agrees_exits_with_0() -> None:
    done = command("verify", "mine.py:run", *SMALL)
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert "mine.py:run computes what the hand-written loop computes: each of" in one_line(
        done.stdout
    )


def test_a_notebook_function_of_four_arguments_agrees() -> None:
    done = command("verify", "mine.py:rnn", *SMALL)
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_a_wrong_notebook_function_exits_with_1_and_says_where() -> None:
    done = command("verify", "mine.py:transposed", *SMALL)
    assert (done.returncode, done.stderr.strip()) == (1, "")
    assert "Not the same: mine.py:transposed on" in one_line(done.stdout)
    assert "does not compute what the hand-written loop computes." in one_line(done.stdout)
    assert "(the first that differs)" in one_line(done.stdout)
    assert "next(sample_cases(1, seed=0, start=" in one_line(done.stdout)


def test_a_module_and_function_are_found_in_the_working_directory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("mine_too.py").write_text(MINE)
    assert ended(monkeypatch, "verify", "mine_too:rnn", *SMALL) == 0
    assert ended(monkeypatch, "verify", "mine_too:zeros", *SMALL) == 1


@pytest.mark.parametrize(
    ("name", "status"),
    [("run", 0), ("zeros", 1), ("leaves", 1), ("stops", 1), ("refuses", 3), ("interrupts", 1)],
)
def test_the_exit_status_tells_how_it_ended(
    monkeypatch: pytest.MonkeyPatch, name: str, status: int
) -> None:
    assert ended(monkeypatch, "verify", f"mine.py:{name}", *SMALL) == status


def test_one_that_refuses_beside_one_that_agrees_exits_with_3(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert ended(monkeypatch, "verify", "numpy", "mine.py:refuses", *SMALL) == 3


@pytest.mark.parametrize("error", [RuntimeError, ValueError, TypeError, KeyError, AssertionError])
def test_a_judge_that_breaks_exits_with_4_and_blames_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: type[Exception]
) -> None:
    def broken(*given: Any, **options: Any) -> None:
        raise error("the judge fell over")

    monkeypatch.setattr("harness.runs.processes.Processes.rows", broken)
    assert ended(monkeypatch, "verify", "numpy", "--examples", "1") == 4
    told = capsys.readouterr().err
    assert "the judge fell over" in told
    assert told.endswith(
        "rnn-parity itself broke; this says nothing about the implementations. Please report the lines above.\n"
    )


def test_an_error_of_letters_that_the_terminal_has_not_is_printed_all_the_same() -> None:
    done = command("verify", "mine.py:accents", *SMALL, PYTHONIOENCODING="ascii")
    assert done.returncode == 1, done.stderr
    assert "crashed: it raised ValueError: caf" in one_line(done.stdout)


def test_a_folder_with_brackets_in_its_name_is_no_markup(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("old[").mkdir()
    Path("old[/mine].py").write_text(MINE)
    assert ended(monkeypatch, "verify", "old[/mine].py:run", *SMALL) == 0
    assert "old[/mine].py:run" in one_line(capsys.readouterr().out)


KNOWN = "expected one of numpy, torch, keras, a variant as keras/unroll, package.module:function or file.py:function"


def test_an_unknown_implementation_is_a_usage_error() -> None:
    assert complaint("verify", "torhc") == f"implementation is 'torhc', {KNOWN}"
    assert complaint("verify", "mine.py") == f"implementation is 'mine.py', {KNOWN}"


def test_a_missing_file_is_a_usage_error() -> None:
    assert complaint("verify", "yours.py:run") == "there is no file yours.py"


def test_a_missing_function_is_a_usage_error() -> None:
    assert complaint("verify", "mine.py:urn").startswith(
        "mine.py has no function urn; it has rnn, transposed, "
    )


def test_a_missing_module_is_a_usage_error() -> None:
    assert (
        complaint("verify", "nosuch:run")
        == "nosuch cannot be imported: ModuleNotFoundError: No module named 'nosuch'"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "def run(case)\n",
            "broken.py cannot be imported: SyntaxError: expected ':' (broken.py, line 1)",
        ),
        ("1 / 0\n", "broken.py cannot be imported: ZeroDivisionError: division by zero"),
        ("import sys; sys.exit(0)\n", "broken.py cannot be imported: SystemExit: 0"),
    ],
)
def test_a_file_that_cannot_be_imported_is_a_usage_error(text: str, expected: str) -> None:
    Path("broken.py").write_text(text)
    assert complaint("verify", "broken.py:run") == expected


def test_a_usage_error_ends_the_real_command_with_2_and_no_traceback() -> None:
    done = command("verify", "yours.py:run")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("Error: there is no file yours.py\n")
    assert "Traceback" not in done.stderr


ENDS = "is not a whole number or LOW:HIGH, as in 1:40"
BAD_OPTIONS = [
    (("--time", "x"), f"Invalid value for '--time': 'x' {ENDS}"),
    (("--time", ""), f"Invalid value for '--time': '' {ENDS}"),
    (("--time", "5:"), f"Invalid value for '--time': '5:' {ENDS}"),
    (("--time", ":5"), f"Invalid value for '--time': ':5' {ENDS}"),
    (("--time", "1:2:3"), f"Invalid value for '--time': '1:2:3' {ENDS}"),
    (("--time", "1.5"), f"Invalid value for '--time': '1.5' {ENDS}"),
    (("--time", "40:1"), "time is (40, 1), expected 1 <= low <= high"),
    (("--time", "-1"), "time is (-1, -1), expected 1 <= low <= high"),
    (("--time", "0:3"), "time is (0, 3), expected 1 <= low <= high"),
    (
        ("--hidden-size", "100000"),
        "a case of these limits may hold 180096005120 numbers, more than 16777216; lower batch, time or the sizes",
    ),
    (("--examples", "0"), "Invalid value for '--examples': 0 is not in the range x>=1."),
    (("--seed", "-1"), "Invalid value for '--seed': -1 is not in the range x>=0."),
    (("--num-layers", "0"), "Invalid value for '--num-layers': 0 is not in the range 1<=x<=64."),
    (
        ("--dtype", "float16"),
        "Invalid value for '--dtype': 'float16' is not one of 'float32', 'float64'.",
    ),
    (
        ("--nonlinearity", "gelu"),
        "Invalid value for '--nonlinearity': 'gelu' is not one of 'tanh', 'relu', 'linear', 'sigmoid', 'softsign'.",
    ),
    (("--bias", "maybe"), "Invalid value for '--bias': 'maybe' is not one of 'True', 'False'."),
]


@pytest.mark.parametrize(
    ("words", "expected"), BAD_OPTIONS, ids=[" ".join(row[0]) for row in BAD_OPTIONS]
)
def test_a_bad_value_of_an_option_is_a_usage_error(words: tuple[str, ...], expected: str) -> None:
    assert complaint("verify", "numpy", *words) == expected


def test_an_unknown_option_or_command_is_a_usage_error() -> None:
    assert complaint("verify", "numpy", "--rtol", "1").startswith("No such option '--rtol'")
    assert complaint("compare") == "No such command 'compare'."


def test_options_limit_what_is_drawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (
        "--dtype",
        "float64",
        "--bias",
        "False",
        "--bias",
        "True",
        "--no-masks",
        "--regime",
        "mantissa",
        "--nonlinearity",
        "relu",
    )
    assert ended(monkeypatch, "verify", "numpy", "--seed", "7", *SMALL, *words) == 0
    text = one_line(capsys.readouterr().out)
    for part in (
        "seed 7",
        "time=(2, 6)",
        "dtype=('float64',)",
        "bias=(False, True)",
        "masks=False",
        "regimes=('mantissa',)",
    ):
        assert part in text


def test_the_same_seed_prints_the_same_report_and_another_seed_another(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(seed: int) -> list[str]:
        ended(monkeypatch, "verify", "mine.py:zeros", "--seed", str(seed), *SMALL)
        return [line for line in capsys.readouterr().out.splitlines() if " s" not in line]

    assert told(1) == told(1)
    assert told(1) != told(2)


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("-h",),
        ("verify", "--help"),
        ("trace", "--help"),
        ("calibrate", "--help"),
        ("--version",),
    ],
)
def test_help_and_version_exit_with_0(words: tuple[str, ...]) -> None:
    result = invoked(*words)
    assert result.exit_code == 0
    assert result.output.startswith(("Usage: ", "rnn-parity, version "))


def test_trace_says_what_it_prints() -> None:
    assert "Print input_t, output_t and state_t of each of the notebook's 42 steps" in one_line(
        invoked("trace", "--help").output
    )


@pytest.mark.parametrize("words", [("--seed", "-1"), ("--dtype", "float16"), ("numpy",)])
def test_trace_refuses_what_it_does_not_know(words: tuple[str, ...]) -> None:
    assert complaint("trace", *words)


LOADED = """
import sys
from click.testing import CliRunner
from harness.cli.main import cli
result = CliRunner().invoke(cli, ["verify", "--help"])
print(result.exit_code, sorted({"torch", "keras", "tensorflow", "hypothesis"} & set(sys.modules)))
"""


def test_help_loads_no_framework() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "0 []"
