"""Versions: a changed file is a change."""

import pytest

from harness.campaign.versions import changes, versions
from harness.runs.worker import implementation_of

pytestmark = pytest.mark.process


def loaded(path):
    """The versions that a new process finds."""
    implementation_of.cache_clear()
    return versions([f"{path}:run"])


def test_versions_tell_a_changed_file_also_one_that_was_imported_from_beside(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # the files are of one second
    path, beside = tmp_path / "mine.py", tmp_path / "campaign_test_kernel.py"
    path.write_text("from campaign_test_kernel import run\n")
    beside.write_text("def run(case): return 1\n")
    before = loaded(path)
    beside.write_text("def run(case): return 2\n")
    assert changes(before, versions([f"{path}:run"])) == ""  # this process has loaded the old one
    after = loaded(path)
    assert changes(before, after).startswith(f"{path}: campaign_test_kernel.py was sha256 ")
    path.write_text("from campaign_test_kernel import run  # changed\n")
    assert changes(after, loaded(path)).startswith(f"{path} was sha256 ")
    assert changes(before, before) == changes({}, before) == changes(before, versions()) == ""


def test_a_framework_that_is_gone_is_a_change():
    assert (
        changes({"tensorflow-cpu": "2.17"}, {"tensorflow": "2.21"})
        == "tensorflow-cpu was 2.17 and is not installed"
    )


def test_two_files_of_one_name_are_two_versions(tmp_path):
    names = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(f"def run(case): return '{folder}'\n")
        names.append(f"{tmp_path / folder / 'mine.py'}:run")
    assert len({value for name, value in versions(names).items() if "mine.py" in name}) == 2
