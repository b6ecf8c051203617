"""Hostile files are refused in a sentence or read as what they say, and the program would
notice.
"""

import sys
from pathlib import Path

import pytest

from references.case import Config
from tests.references import hostile_files
from tests.references.hostile_files import Files, judged, main, outcome, table, tried


@pytest.mark.framework
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_two_hundred_hostile_files_are_refused_or_read(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("keras")
    trap = tmp_path / "trap"
    files, results = Files(tmp_path, trap), []
    for index in range(200):
        name, kind, data = files[index]
        path = tmp_path / f"hostile_{name}"
        path.write_bytes(data)
        results.append((name, kind, judged(name, kind, path), 0, 0))
    text, wrong = table(results)
    assert not wrong, text
    assert not trap.exists()
    assert {result[2] for result in results} == {"refused", "read"}


@pytest.mark.long
def test_ten_thousand_hostile_files_are_refused_or_read(capsys):
    assert main(["10000"]) == 0, capsys.readouterr().out


@pytest.mark.slow
def test_a_file_depends_on_its_number_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(hostile_files, "torch_files", lambda *_: None)
    monkeypatch.setattr(hostile_files, "keras_files", lambda *_: None)
    monkeypatch.setattr(hostile_files, "onnx_files", lambda *_: None)
    files, again = (Files(tmp_path, tmp_path / "trap") for _ in range(2))
    number = len(files.names) + 7
    assert files[number] == again[number]
    assert len({files[len(files.names) + index][2] for index in range(30)}) == 30


@pytest.mark.parametrize(
    ("error", "expected"),
    [(KeyError("a"), "raised KeyError"), (ValueError("b"), "raised ValueError")],
)
def test_an_error_that_is_no_sentence_of_ours_is_noticed(error, expected, monkeypatch):
    def read(_):
        raise error

    monkeypatch.setattr("references.read", read)
    assert outcome(Path("a")).startswith(expected)
    monkeypatch.setattr("references.read", lambda _: (1, [2]))
    assert outcome(Path("a")).startswith("read as 1")
    monkeypatch.setattr("references.read", lambda _: (Config(1, 1), []))
    assert judged("evil.pt", "whole", Path("a")) == "read, expected: refused"
    assert judged("evil.pt", "mutated", Path("a")) == "read"


WORKER = """
import json, os, sys, time
start, stop = map(int, sys.argv[1:])
for i in range(start, stop):
    print(json.dumps([i, "a.pt", "whole", None]), flush=True)
    if i == 1: os.abort()
    if i == 3: time.sleep(60)
    print(json.dumps([i, "a.pt", "whole", "ran code" if i == 4 else "refused", 0.1, 1]), flush=True)
"""


@pytest.mark.process
def test_a_process_that_ends_or_hangs_is_noticed_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr(hostile_files, "SECONDS", 2)
    results = list(tried(6, [sys.executable, "-c", WORKER]))
    outcomes = [result[2] for result in results]
    assert outcomes == [
        "refused", "ended the process: -6", "refused", "took more than 2 s", "ran code", "refused"
    ]  # fmt: skip
    text, wrong = table(results)
    assert wrong == 3
    assert "6 files, 3 wrong" in text


@pytest.mark.process
def test_a_process_that_does_not_start_is_no_pass():
    with pytest.raises(RuntimeError, match=r"did not start"):
        list(tried(1, ["true"]))
