"""`rnn-parity lesson --numpy-only`, in a process of its own, and the versions that it names."""

import subprocess
import sys

import nbformat
import pytest

from harness.lesson.material import REORDERED, build, stage_count
from harness.lesson.material import frameworks as frameworks_beside
from references import default_frameworks

PROBE = """
import sys
{code}
print(*sorted({{'torch', 'keras', 'tensorflow'}} & set(sys.modules)))
"""
COMMAND = """
from harness.cli.main import cli
words = ['lesson', '--numpy-only', '--notebook', 'lesson.ipynb']
cli(words, standalone_mode=False)
"""


def frameworks(code, folder):
    """The frameworks that are in memory after the code."""
    words = [sys.executable, "-c", PROBE.format(code=code)]
    options = {"capture_output": True, "text": True, "check": True, "timeout": 120}
    return subprocess.run(words, cwd=folder, **options).stdout.splitlines()[-1].split()


@pytest.mark.long
@pytest.mark.process
def test_it_imports_no_framework_and_writes_the_same_page_in_any_process(plain_page, tmp_path):
    assert frameworks(COMMAND, tmp_path) == []
    assert (tmp_path / "lesson.html").read_text(encoding="utf-8") == plain_page
    assert nbformat.read(tmp_path / "lesson.ipynb", as_version=4).cells


@pytest.mark.process
@pytest.mark.framework
def test_an_import_of_a_framework_would_be_noticed(tmp_path):
    code = "from harness.lesson.material import load\nload('torch')"
    assert frameworks(code, tmp_path) == ["torch"]


@pytest.mark.slow
def test_it_tells_of_as_many_stages_as_it_says(monkeypatch):
    monkeypatch.setattr("harness.lesson.examples.example", lambda mistake, cases: mistake)
    stages = []
    build(True, stages.append)
    assert len(stages) == stage_count(True)
    assert stages[:2] == ["running the loop and the others", "testing np.allclose"]
    assert stage_count(False) == len(stages) + len(frameworks_beside(False))


@pytest.mark.framework
def test_the_versions_are_those_of_the_frameworks_beside_the_loop(plain, full):
    assert {"rnn-parity", "python", "numpy", "torch", "keras", "tensorflow"} <= set(full.versions)
    assert not {"torch", "keras", "tensorflow"} & set(plain.versions)


def test_the_installed_frameworks_are_beside_the_loop_or_none():
    assert frameworks_beside(numpy_only=True) == ()
    assert frameworks_beside(numpy_only=False) == default_frameworks()


@pytest.mark.framework
def test_frameworks_have_their_titles(full):
    assert list(full.single.outcomes) == ["PyTorch", "Keras"]


def test_the_reordered_loop_is_as_right_and_rounded_differently(plain):
    (outcome,) = plain.single.outcomes.values()
    assert list(plain.single.outcomes) == [REORDERED]
    assert outcome.agrees
    assert 0 < outcome.equal < plain.single.loop.size
