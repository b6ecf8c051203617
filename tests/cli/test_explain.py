"""From a failure to its file and back: what verify writes, explain replays against the code as it is now."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import cli
from harness.draw.saved import load_case, save_case

MINE = """
import numpy as np
from references import Unsupported
from references.cells.rnn import simple_rnn
from references.numpy_rnn import run

def wrong(inputs, W, U, b):
    return simple_rnn(inputs, W, {U}, b)

def crashes(case):
    raise ValueError("broken")

def refuses(case):
    raise Unsupported("not today")

kept = {{}}

def caches(case):
    from dataclasses import replace
    return run(replace(case, weights=kept.setdefault(case.config, case.weights)))
"""
SMALL = ("--examples", "8", "--time", "2:6", "--hidden-size", "2:5", "--input-size", "2:5")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    write("U.T")


def write(U: str) -> None:
    Path("my.py").write_text(MINE.format(U=U))


def invoked(*words: str) -> Result:
    result = CliRunner().invoke(cli, list(words), standalone_mode=False)
    assert result.exception is None or result.return_value is None, result.exception
    assert "Traceback" not in result.output
    return result


def status(result: Result) -> int:
    """What main() exits with: a usage error is 2."""
    return 2 if result.exception else result.return_value


def one_line(text: str) -> str:
    return " ".join(text.split())


def verified(name: str = "wrong", *words: str) -> Path:
    """The file that verify wrote."""
    result = invoked("verify", f"my.py:{name}", "--save", "failed", *SMALL, *words)
    assert status(result) == 1, result.output
    (path,) = Path("failed").iterdir()
    return path


def test_verify_writes_a_file_and_prints_diagnosis_snippet_seed_and_file() -> None:
    result = invoked("verify", "my.py:wrong", "--save", "failed", "--seed", "5", *SMALL)
    assert status(result) == 1
    (path,) = Path("failed").iterdir()
    text = one_line(result.output)
    assert "diagnosis Matches with U transposed" in text
    assert "To fix it: " in text
    assert "next(sample_cases(1, seed=5, start=" in text
    assert f"saved as {path}; replay it with: rnn-parity explain {path}" in text
    for line in (
        "import numpy as np",
        "from hypothesis import example",
        "case = Case(",
        "@example(case=case)",
    ):
        assert line in text
    assert "hidden_size=2" in text.split("case = Case(")[1]


def test_the_printed_snippet_can_be_pasted() -> None:
    """No line of it is broken by the width of the terminal."""
    lines = invoked("verify", "my.py:wrong", "--save", "failed", *SMALL).output.splitlines()
    start = next(index for index, line in enumerate(lines) if "import numpy as np" in line)
    indent = len(lines[start]) - len(lines[start].lstrip())
    end = next(index for index, line in enumerate(lines) if line.strip() == ")" and index > start)
    names: dict = {}
    exec("\n".join(line[indent:] for line in lines[start : end + 1]), names)
    saved, _ = load_case(next(Path("failed").iterdir()))
    assert (names["case"].config, names["case"].inputs.tolist()) == (
        saved.config,
        saved.inputs.tolist(),
    )


def test_the_printed_seed_line_builds_the_case_that_failed() -> None:
    from harness import sample_cases

    path = verified()
    found = load_case(path)[1]["found"]
    case = eval(found, {"sample_cases": sample_cases})
    assert case.origin == found


def test_explain_replays_the_file_and_names_the_mistake() -> None:
    result = invoked("explain", str(verified()))
    assert status(result) == 1
    text = one_line(result.output)
    assert text.startswith("my.py:wrong differs: ")
    assert "diagnosis Matches with U transposed" in text
    assert "then numpy " in text  # the versions of then
    assert "case = Case(" in text


def test_explain_agrees_once_the_file_is_mended() -> None:
    path = verified()
    write("U")
    result = invoked("explain", str(path))
    assert status(result) == 0, result.output
    assert result.output.startswith("my.py:wrong agrees: ")
    assert "diagnosis" not in result.output


def test_explain_replays_against_another_implementation() -> None:
    path = verified()
    assert status(invoked("explain", str(path), "numpy")) == 0
    assert status(invoked("explain", str(path), "my.py:crashes")) == 1
    assert "it raised ValueError: broken" in invoked("explain", str(path), "my.py:crashes").output
    assert status(invoked("explain", str(path), "my.py:refuses")) == 3


def test_a_crash_is_saved_and_explained_too() -> None:
    result = invoked("explain", str(verified("crashes")))
    assert status(result) == 1
    assert "it raised ValueError: broken" in result.output


def test_a_failure_that_needs_a_second_call_fails_again_in_a_fresh_process() -> None:
    """The file is imported anew by explain: what the first run remembered is gone."""
    result = invoked("explain", str(verified("caches")))
    assert status(result) == 1, result.output
    assert "weights of an earlier call" in one_line(result.output)


def complaint(*words: str) -> str:
    result = CliRunner().invoke(cli, list(words))
    assert result.exit_code == 2, (result.output, result.exception)
    assert "Traceback" not in result.output
    *_, last = result.stderr.strip().splitlines()
    assert last.startswith("Error: ")
    return last.removeprefix("Error: ")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "bad.case is no saved case, or is cut off"),
        (b"text\n" * 50, "bad.case is no saved case, or is cut off"),
        (None, "bad.case cannot be read: No such file or directory"),
    ],
    ids=["empty", "text", "missing"],
)
def test_a_bad_file_exits_with_2_and_one_sentence(data: bytes | None, sentence: str) -> None:
    if data is not None:
        Path("bad.case").write_bytes(data)
    assert complaint("explain", "bad.case").startswith(sentence)


def test_a_cut_and_an_altered_file_exit_with_2() -> None:
    path = verified()
    data = path.read_bytes()
    path.write_bytes(data[:-3])
    assert "is no saved case, or is cut off" in complaint("explain", str(path))
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert (
        complaint("explain", str(path))
        == f"{path} was altered: its checksum does not fit its contents"
    )


def test_a_huge_file_and_a_folder_exit_with_2() -> None:
    with open("huge.case", "wb") as file:
        file.truncate(1 << 40)
    assert "holds 1099511627776 bytes, more than" in complaint("explain", "huge.case")
    Path("folder").mkdir()
    assert "is a directory" in complaint("explain", "folder")


def test_an_implementation_that_is_not_there_any_more_exits_with_2() -> None:
    path = verified()
    Path("my.py").unlink()
    assert complaint("explain", str(path)) == "there is no file my.py"
    assert complaint("explain", str(path), "torhc").startswith(
        "implementation is 'torhc', expected one of"
    )


def test_a_file_without_an_implementation_asks_for_one() -> None:
    case, _ = load_case(verified())
    save_case(case, Path("bare.case"))
    assert "IMPLEMENTATION" in complaint("explain", "bare.case")
    assert status(invoked("explain", "bare.case", "numpy")) == 0


def test_a_folder_that_cannot_be_written_costs_no_verdict() -> None:
    """The run is over and its result is there: it is printed, and exits with 1, with a line on the file that could not be saved."""
    Path("taken").write_text("a file")
    result = CliRunner().invoke(
        cli, ["verify", "my.py:wrong", "--save", "taken/failed", *SMALL], standalone_mode=False
    )
    assert result.exception is None, result.exception
    assert result.return_value == 1
    assert "diagnosis Matches with U transposed" in one_line(result.output)


def test_a_run_that_agrees_writes_nothing() -> None:
    assert status(invoked("verify", "numpy", "--save", "failed", *SMALL)) == 0
    assert not Path("failed").exists()
