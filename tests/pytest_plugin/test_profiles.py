"""The Hypothesis profiles."""

import pytest

from tests.pytest_plugin.commands import command

PROFILES = """
from hypothesis import given, settings, strategies as st
seen = []
@given(st.integers())
def test_it(x): seen.append(x)
def test_count(): print("examples", len(seen), settings.default.derandomize)
"""


@pytest.mark.process
@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ((), "examples 100 False"),
        pytest.param(("--parity-profile", "fast"), "examples 20 False", marks=pytest.mark.deep),
        (("--hypothesis-profile", "parity-ci"), "examples 200 True"),
        pytest.param(("-o", "parity_profile=ci"), "examples 200 True", marks=pytest.mark.deep),
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
            (
                "ERROR: --hypothesis-profile default and parity_profile ci both name a profile: "
                "leave out one"
            ),
        ),
    ],
)
def test_a_profile_that_cannot_be_is_a_usage_error(run_plugin, words, sentence):
    result = run_plugin(*words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([sentence])
