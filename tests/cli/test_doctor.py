"""`rnn-parity doctor` says what is installed, what a variant computes, and how to get the rest."""

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import doctor
from references import REFERENCES, Unsupported, load, variants

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
FOR_DEVELOPERS = {"all", "docs", "test", "browser", "bench", "dev"}
MODULES = {"markdown-it-py": "markdown_it"}


def run(*arguments):
    """Everything it prints, in one line."""
    return " ".join(
        CliRunner()
        .invoke(doctor.doctor, arguments, catch_exceptions=False, standalone_mode=False)
        .output.split()
    )


@pytest.mark.framework
def test_versions_and_variants_are_listed_with_what_they_support():
    torch = pytest.importorskip("torch")
    text = run("torch")
    assert f"torch: {torch.__version__}" in text
    assert all(name in text for name in variants("torch"))
    assert "known differences: torch-positional-dtype" in text


def test_what_is_missing_comes_with_the_command_that_adds_it(monkeypatch):
    row = REFERENCES["torch"]._replace(module="nowhere", needs=("not_there",))
    monkeypatch.setitem(REFERENCES, "torch", row)
    text = run("torch", "numpy")
    assert "torch needs not_there, which is not installed: pip install 'rnn-parity[torch]'" in text
    assert "numpy: " in text


def test_what_is_said_of_a_variant_was_tried():
    text = doctor.describe("numpy", load("numpy"))
    assert text.splitlines()[1:] == ["  computes: " + ", ".join(doctor.FEATURES)]


def test_what_is_wrong_or_refused_is_said():
    def no_masks(case):
        """Takes no mask, adds one to relu, and breaks in linear."""
        if case.config.nonlinearity == "linear":
            raise ValueError
        if case.mask is not None:
            raise Unsupported("no mask")
        outputs = load("numpy")(case)
        return outputs.sequence + (case.config.nonlinearity == "relu"), outputs.h_n

    text = doctor.describe("mine", no_masks)
    assert text.startswith("mine: Takes no mask, adds one to relu, and breaks in linear.")
    assert "  refuses: masks that repeat outputs, masks that zero outputs" in text
    assert "  differs: relu" in text
    assert "  crashes: linear" in text


@pytest.mark.framework
def test_what_a_variant_needs_is_found():
    pytest.importorskip("torch")
    assert "  needs float64\n" in doctor.describe("torch/double", load("torch/double"))


def test_a_variant_of_gru_and_lstm_alone_is_tried_on_one():
    def gated(case):
        """Computes a GRU or an LSTM."""
        if case.config.cell == "rnn":
            raise Unsupported("an rnn")
        return load("numpy")(case)

    nonlinear = ("relu", "linear", "sigmoid", "softsign")
    computes = ", ".join(name for name in doctor.FEATURES if name not in nonlinear)
    lines = doctor.describe("mine", gated).splitlines()
    assert lines[1:] == ["  needs a GRU or an LSTM", f"  computes: {computes}"]


@pytest.mark.framework
@pytest.mark.parametrize("name", ["keras/implementation_1", "keras/no_cudnn"])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_such_a_variant_of_keras_computes_either(name, cell):
    pytest.importorskip("keras")
    assert doctor.outcome_of(name, load(name), {"cell": cell}) == "computes"


def test_it_says_which_rnn_parity_this_is_and_what_shadows_it(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert run("numpy").startswith(
        f"rnn-parity: {doctor.own_version()}, from {doctor.HOME} python: "
    )
    (tmp_path / "harness").mkdir()
    assert f"{tmp_path / 'harness'} shadows rnn-parity's own harness " in run("numpy")


def test_missing_tools_come_with_the_command_that_adds_them(monkeypatch):
    assert "is not installed" not in run("numpy")
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    text = run("numpy")
    assert (
        "hypothesis is not installed; harness.cases and property tests need it: "
        "pip install 'rnn-parity[hypothesis]'" in text
    )
    assert "pytest is not installed; the plugin harness.pytest_plugin needs it: pip" in text
    assert (
        "filelock, jinja2 and matplotlib are not installed; rnn-parity campaign needs them: "
        "pip install 'rnn-parity[campaign]'" in text
    )
    assert "nbformat, markdown_it and pygments are not installed; rnn-parity lesson needs" in text
    assert "distributed is not installed; campaign --executor needs it: pip install 'rnn" in text


def test_every_package_of_a_users_extra_is_looked_for():
    """Those of the reference frameworks are looked for by `require`."""
    extras = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["optional-dependencies"]
    rows = {package: modules for modules, _, package in doctor.TOOLS}
    for extra in extras.keys() - REFERENCES.keys() - FOR_DEVELOPERS:
        packages = {re.match(r"[\w-]+", text)[0] for text in extras[extra]} - {"rnn-parity"}
        modules = {MODULES.get(name, name) for name in packages}
        assert modules == set(rows[f"'rnn-parity[{extra}]'"])


def test_an_unknown_framework_is_a_usage_error_and_nothing_is_printed():
    result = CliRunner().invoke(doctor.doctor, ["torhc"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "reference is 'torhc', expected one of numpy, torch, keras" in result.stderr
