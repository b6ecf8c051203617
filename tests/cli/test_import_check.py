"""What is said where another `harness` or `references` would be imported in place of ours."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from harness.cli.import_check import HOME, misplaced, shadows


def test_nothing_is_said_where_nothing_shadows(tmp_path):
    assert list(shadows(tmp_path)) == []
    assert list(shadows(HOME)) == []
    (tmp_path / "harnesses.py").touch()
    assert list(shadows(tmp_path)) == []


@pytest.mark.parametrize("made", ["harness/__init__.py", "references.py", "harness/anything.py"])
def test_a_module_package_or_folder_of_the_name_is_named(tmp_path, made):
    (tmp_path / made).parent.mkdir(exist_ok=True)
    (tmp_path / made).touch()
    (sentence,) = shadows(tmp_path)
    name = made.partition("/")[0]
    assert sentence.startswith(
        f"{tmp_path / name} shadows rnn-parity's own {name.removesuffix('.py')} "
        "where this folder comes first"
    )


def test_one_that_is_imported_already_is_named(tmp_path, monkeypatch):
    assert list(misplaced()) == []
    theirs = SimpleNamespace(
        __spec__=SimpleNamespace(submodule_search_locations=[str(tmp_path / "references")])
    )
    monkeypatch.setitem(sys.modules, "references", theirs)
    (sentence,) = misplaced()
    expected = (
        f"references is imported from {tmp_path / 'references'}, not from {HOME / 'references'}, "
        "and rnn-parity cannot work like this"
    )
    assert sentence.startswith(expected)


@pytest.mark.process
def test_a_command_that_gets_the_wrong_references_says_so_in_place_of_a_riddle(tmp_path):
    (tmp_path / "references.py").write_text("theirs = True\n")
    done = subprocess.run(
        [sys.executable, "-m", "harness", "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .startswith(
            f"ImportError: references is imported from {tmp_path / 'references.py'}, not from "
        )
    )
