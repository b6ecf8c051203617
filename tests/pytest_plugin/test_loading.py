"""How the plugin is loaded, what it costs, and what it leaves alone: commands in processes of their own."""

import os
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

HEAVY = "{'numpy', 'torch', 'keras', 'tensorflow', 'hypothesis', 'references', 'rich', 'click'}"
PROBE = "import sys; {}; print(*sorted(HEAVY & set(sys.modules)))".replace("HEAVY", HEAVY)


def command(*words, cwd=None):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTEST_ADDOPTS", "PYTHONPATH")
    }
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        env=environment,
    )


def loaded_by(statement):
    done = command("-c", PROBE.replace("{}", statement))
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_loading_it_imports_neither_numpy_nor_hypothesis_nor_a_framework():
    assert loaded_by("import pytest; import harness.pytest_plugin") == []


def test_the_probe_would_notice():
    assert "numpy" in loaded_by("import pytest; import harness.pytest_plugin.checks")


def test_a_run_that_does_not_use_it_imports_nothing_either(tmp_path):
    (tmp_path / "test_nothing.py").write_text(
        "import sys\ndef test_nothing(): assert not {'numpy', 'hypothesis', 'rich'} & set(sys.modules)\n"
    )
    done = command(
        "-m", "pytest", "-p", "harness.pytest_plugin", "-p", "no:hypothesispytest", cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout
    (tmp_path / "test_nothing.py").write_text(
        "import sys, numpy\ndef test_nothing(): assert 'numpy' not in sys.modules\n"
    )
    assert command("-m", "pytest", "-p", "harness.pytest_plugin", cwd=tmp_path).returncode == 1


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
        "import pytest\n@pytest.mark.parity('numpy')\ndef test_it(parity):\n  for case in parity.cases(1): parity.check(case)\n"
    )
    result = mine.runpytest_inprocess("--strict-markers", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


def test_without_it_the_marker_and_the_options_are_unknown(mine):
    mine.makepyfile("import pytest\n@pytest.mark.parity('numpy')\ndef test_it(): pass\n")
    assert (
        mine.runpytest_subprocess("--strict-markers").ret == pytest.ExitCode.INTERRUPTED
    )  # pytest remembers a marker for a process
    assert (
        mine.runpytest_inprocess("--parity-implementation", "numpy").ret
        == pytest.ExitCode.USAGE_ERROR
    )


def test_the_help_names_its_options(run_plugin):
    shown = run_plugin("--help").stdout.str()
    for option in ("implementation", "examples", "seed", "limit", "save", "profile", "no-sight"):
        assert f"--parity-{option}" in shown
    for key in ("implementation", "examples", "seed", "limit", "save", "profile", "sight"):
        assert f"parity_{key} " in shown


PROFILES = """
from hypothesis import given, settings, strategies as st
seen = []
@given(st.integers())
def test_it(x): seen.append(x)
def test_count(): print("examples", len(seen), settings.default.derandomize)
"""


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ((), "examples 100 False"),
        (("--parity-profile", "fast"), "examples 20 False"),
        (("--hypothesis-profile", "parity-ci"), "examples 200 True"),
        (("-o", "parity_profile=ci"), "examples 200 True"),
    ],
)
def test_profiles_are_loaded_where_one_is_named_and_nowhere_else(
    tmp_path, monkeypatch, words, shown
):
    for variable in ("CI", "GITHUB_ACTIONS"):  # there Hypothesis loads a profile of its own
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "test_it.py").write_text(PROFILES)
    done = command(
        "-m",
        "pytest",
        "-p",
        "harness.pytest_plugin",
        "-s",
        "-p",
        "no:cacheprovider",
        *words,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert shown in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("-o", "parity_profile=slow"),
            "ERROR: parity_profile is 'slow', expected one of fast, ci, thorough",
        ),
        (
            ("--parity-profile", "ci", "--hypothesis-profile", "default"),
            "ERROR: --hypothesis-profile default and parity_profile ci both name a profile: leave out one",
        ),
    ],
)
def test_a_profile_that_cannot_be_is_a_usage_error(run_plugin, words, sentence):
    result = run_plugin(*words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([sentence])
