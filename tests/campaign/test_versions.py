"""Versions: a changed file is a change."""

import sys

from harness.campaign import versions as versions_module
from harness.campaign.versions import changes, versions
from harness.runs.resolve import resolve


def loaded(monkeypatch, path):
    """The versions that a new process finds."""
    monkeypatch.setattr(versions_module, "_digests", {})
    for name in [
        name
        for name, module in sys.modules.items()
        if str(path.parent) in str(getattr(module, "__file__", ""))
    ]:
        monkeypatch.delitem(sys.modules, name)
    resolve(f"{path}:run")
    return versions([f"{path}:run"])


def test_versions_tell_a_changed_file_also_one_that_was_imported_from_beside(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # the files are of one second
    path, beside = tmp_path / "mine.py", tmp_path / "campaign_test_kernel.py"
    path.write_text("from campaign_test_kernel import run\n")
    beside.write_text("def run(case): return 1\n")
    before = loaded(monkeypatch, path)
    beside.write_text("def run(case): return 2\n")
    assert changes(before, versions([f"{path}:run"])) == ""  # this process has loaded the old one
    after = loaded(monkeypatch, path)
    assert changes(before, after).startswith(f"{path}: campaign_test_kernel.py was sha256 ")
    path.write_text("from campaign_test_kernel import run  # changed\n")
    assert changes(after, loaded(monkeypatch, path)).startswith(f"{path} was sha256 ")
    assert changes(before, before) == changes({}, before) == changes(before, versions()) == ""


def test_a_framework_that_is_gone_is_a_change():
    assert (
        changes({"tensorflow-cpu": "2.17"}, {"tensorflow": "2.21"})
        == "tensorflow-cpu was 2.17 and is not installed"
    )


def test_two_files_of_one_name_are_two_versions(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    names = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(f"def run(case): return '{folder}'\n")
        names.append(f"{tmp_path / folder / 'mine.py'}:run")
        resolve(names[-1])
    assert len({value for name, value in versions(names).items() if "mine.py" in name}) == 2
