"""`rnn-parity doctor` says what is installed, what a variant computes, and how to get the rest."""

import pytest
from click.testing import CliRunner

from harness.cli import doctor
from references import REFERENCES, Unsupported, load, variants


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
        """Takes no mask and adds one to relu."""
        if case.mask is not None:
            raise Unsupported("no mask")
        outputs = load("numpy")(case)
        return outputs.sequence + (case.config.nonlinearity == "relu"), outputs.h_n

    text = doctor.describe("mine", no_masks)
    assert text.startswith("mine: Takes no mask and adds one to relu.")
    assert "  refuses: masks that repeat outputs, masks that zero outputs" in text
    assert "  differs: relu" in text


@pytest.mark.framework
def test_what_a_variant_needs_is_found():
    pytest.importorskip("torch")
    assert "  needs float64\n" in doctor.describe("torch/double", load("torch/double"))


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


def test_an_unknown_framework_is_a_usage_error_and_nothing_is_printed():
    result = CliRunner().invoke(doctor.doctor, ["torhc"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "reference is 'torhc', expected one of numpy, torch, keras" in result.stderr
