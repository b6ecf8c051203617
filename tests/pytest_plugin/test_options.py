"""Options on the command line and in the ini file."""

import pytest

from harness.implementations.names import expanded
from harness.pytest_plugin.options import _limit, whole_names
from tests.pytest_plugin.outcomes import outcomes


def test_options_may_stand_in_the_ini_file(run_plugin, mine):
    limits = "parity_limit = nonlinearity=tanh\n  dtype=float64"
    mine.makeini(
        "[pytest]\nparity_implementation = mine:right\nparity_examples = 2\n"
        f"{limits}\nparity_seed = 5\n"
    )
    result = run_plugin("-v", "-k", "dtype or relu or batch")
    assert list(outcomes(result)) == ["dtype[float64]", "batch[1]", "batch[many]"]
    result.stdout.fnmatch_lines(["mine:right: 6 cases agree (3 tests); *"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("time=1:10", ("time", (1, 10))),
        ("num_layers=1:3", ("num_layers", (1, 2, 3))),
        ("num_layers=2", ("num_layers", 2)),
        ("nonlinearity=tanh,relu", ("nonlinearity", ("tanh", "relu"))),
        ("masks=no", ("masks", False)),
    ],
)
def test_a_limit_is_read_as_it_is_written(text, value):
    assert _limit(text) == value


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("--parity-limit", "time=5,10"),
            "ERROR: parity_limit is 'time=5,10', expected time=LOW:HIGH",
        ),
        (
            ("--parity-limit", "nonlinearty=tanh"),
            "ERROR: parity_limit: nonlinearty is no limit; the limits are time, *",
        ),
        (
            ("--parity-limit", "tanh"),
            "ERROR: parity_limit is 'tanh', expected NAME=VALUE, as nonlinearity=tanh",
        ),
        (
            ("--parity-limit", "dtype=float16"),
            "ERROR: parity_limit: dtype is 'float16', expected one of float32, float64",
        ),
    ],
)
def test_a_mistaken_limit_is_a_usage_error(run_plugin, words, sentence):
    result = run_plugin("--parity-implementation", "mine:right", *words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([sentence])


def test_a_number_that_is_none_is_a_usage_error(run_plugin, mine):
    mine.makeini("[pytest]\nparity_examples = many\n")
    result = run_plugin("--parity-implementation", "mine:right")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: parity_examples is many, expected a whole number of at least 1"]
    )


def test_the_help_names_its_options(run_plugin):
    shown = run_plugin("--help").stdout.str()
    for option in ("implementation", "examples", "seed", "limit", "save", "profile", "no-sight"):
        assert f"--parity-{option}" in shown
    for key in ("implementation", "examples", "seed", "limit", "save", "profile", "sight"):
        assert f"parity_{key} " in shown


@pytest.mark.framework
def test_every_variant_of_what_is_installed_has_a_name(monkeypatch):
    monkeypatch.setattr("references.installed", lambda: ("numpy", "torch"))
    names = whole_names(["keras/all", "torch/all", "numpy"])
    assert names == ["numpy", *expanded(["torch/all"]), "keras/all"]
    assert len(names) > 7
