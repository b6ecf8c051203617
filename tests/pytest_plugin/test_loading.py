"""How the plugin is loaded, what it costs, and what it leaves alone."""

from importlib.metadata import entry_points

import pytest

from tests.pytest_plugin.commands import command

HEAVY = "{'numpy', 'torch', 'keras', 'tensorflow', 'hypothesis', 'references', 'rich', 'click'}"


PROBE = "import sys; {}; print(*sorted(HEAVY & set(sys.modules)))".replace("HEAVY", HEAVY)


def loaded_by(statement):
    done = command("-c", PROBE.replace("{}", statement))
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.process
def test_loading_it_imports_neither_numpy_nor_hypothesis_nor_a_framework():
    assert loaded_by("import pytest; import harness.pytest_plugin") == []


@pytest.mark.process
def test_the_probe_would_notice():
    assert "numpy" in loaded_by("import pytest; import harness.pytest_plugin.checks")


@pytest.mark.process
def test_a_run_that_does_not_use_it_imports_nothing_either(tmp_path):
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n"
        "def test_nothing(): assert not {'numpy', 'hypothesis', 'rich'} & set(sys.modules)\n"
    )
    done = command(
        "-m", "pytest", "-p", "harness.pytest_plugin", "-p", "no:hypothesispytest", cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout
    (tmp_path / "test_nothing.py").write_text(
        "import sys, numpy\ndef test_nothing(): assert 'numpy' not in sys.modules\n"
    )
    assert command("-m", "pytest", "-p", "harness.pytest_plugin", cwd=tmp_path).returncode == 1


@pytest.mark.process
def test_it_is_no_entry_point_so_that_a_folder_called_harness_breaks_nothing(tmp_path):
    assert not [
        found
        for found in entry_points(group="pytest11")
        if found.value.startswith(("harness", "references"))
    ]
    assert [found for found in entry_points(group="pytest11") if found.value.startswith("xdist")]
    (tmp_path / "harness").mkdir()
    (tmp_path / "harness" / "__init__.py").write_text("theirs = True\n")
    (tmp_path / "test_theirs.py").write_text(
        "import harness\ndef test_theirs(): assert harness.theirs\n"
    )
    done = command("-m", "pytest", "-q", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    refused = command("-m", "pytest", "-q", "-p", "harness.pytest_plugin", cwd=tmp_path)
    assert refused.returncode != 0
    assert "No module named 'harness.pytest_plugin'" in refused.stderr


def test_a_conftest_may_name_it(mine):
    mine.makeconftest("pytest_plugins = ['harness.pytest_plugin']")
    mine.makepyfile(
        "import pytest\n"
        "@pytest.mark.parity('numpy')\n"
        "def test_it(parity):\n"
        "  for case in parity.cases(1): parity.check(case)\n"
    )
    result = mine.runpytest_inprocess("--strict-markers", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


@pytest.mark.process
def test_without_it_the_marker_and_the_options_are_unknown(mine):
    mine.makepyfile("import pytest\n@pytest.mark.parity('numpy')\ndef test_it(): pass\n")
    assert (
        mine.runpytest_subprocess("--strict-markers").ret == pytest.ExitCode.INTERRUPTED
    )  # pytest remembers a marker for a process
    assert (
        mine.runpytest_inprocess("--parity-implementation", "numpy").ret
        == pytest.ExitCode.USAGE_ERROR
    )
