"""`rnn-parity lesson --numpy-only`, in a process of its own."""

import subprocess
import sys

import nbformat

PROBE = "import sys\n{code}\nprint(*sorted({{'torch', 'keras', 'tensorflow'}} & set(sys.modules)))"
COMMAND = "from harness.cli.main import cli\ncli(['lesson', '--numpy-only', '--notebook', 'lesson.ipynb'], standalone_mode=False)"


def loaded(code, folder):
    """The frameworks that are in memory after the code."""
    words = [sys.executable, "-c", PROBE.format(code=code)]
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.splitlines()[-1].split()


def test_it_imports_no_framework_and_writes_the_same_page_in_any_process(plain_page, tmp_path):
    assert loaded(COMMAND, tmp_path) == []
    assert (tmp_path / "lesson.html").read_text(encoding="utf-8") == plain_page
    assert nbformat.read(tmp_path / "lesson.ipynb", as_version=4).cells


def test_an_import_of_a_framework_would_be_noticed(tmp_path):
    assert loaded(
        "from harness.lesson.contestants import contestants\ncontestants(('torch',))", tmp_path
    ) == ["torch"]
