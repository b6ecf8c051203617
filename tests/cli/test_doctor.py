"""`rnn-parity doctor` says what is installed, what each variant computes, truly, and how to get what is missing."""

import pytest
from click.testing import CliRunner

from harness.cli import doctor
from references import Unsupported, load, variants


def run(*arguments):
    """Everything it prints, in one line."""
    return " ".join(
        CliRunner()
        .invoke(doctor.doctor, arguments, catch_exceptions=False, standalone_mode=False)
        .output.split()
    )


def test_versions_and_variants_are_listed_with_what_they_support():
    torch = pytest.importorskip("torch")
    shown = run("torch")
    assert f"torch: {torch.__version__}" in shown
    assert all(name in shown for name in variants("torch"))
    assert "known differences: torch-positional-dtype" in shown


def test_what_is_missing_comes_with_the_command_that_adds_it(monkeypatch):
    monkeypatch.setattr(doctor, "installed", lambda: ("numpy",))
    assert "torch is missing: it needs torch. pip install 'rnn-parity[torch]'" in run("torch")
    assert (
        "keras is missing: it needs keras and tensorflow. pip install 'rnn-parity[keras]'"
        in run("keras")
    )


def test_what_is_said_of_a_variant_was_tried():
    said = doctor.described("numpy", load("numpy"))
    assert said.splitlines()[1:] == ["  computes: " + ", ".join(doctor.FEATURES)]


def test_what_is_wrong_or_refused_is_said():
    def no_masks(case):
        """Takes no mask and adds one to relu."""
        if case.mask is not None:
            raise Unsupported("no mask")
        outputs = load("numpy")(case)
        return outputs.sequence + (case.config.nonlinearity == "relu"), outputs.h_n

    said = doctor.described("mine", no_masks)
    assert said.startswith("mine: Takes no mask and adds one to relu.")
    assert "  refuses: masks that repeat, masks that show zeros" in said
    assert "  differs: relu" in said


def test_what_a_variant_needs_is_found():
    pytest.importorskip("torch")
    assert "  needs float64\n" in doctor.described("torch/double", load("torch/double"))


def test_it_says_which_rnn_parity_this_is_and_what_shadows_it(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "installed", lambda: ("numpy",))
    monkeypatch.chdir(tmp_path)
    assert run("numpy").startswith(
        f"rnn-parity: {doctor.own_version()}, from {doctor.HOME} python: "
    )
    (tmp_path / "harness").mkdir()
    assert (
        f"{tmp_path / 'harness'} shadows rnn-parity's own harness where this folder comes first"
        in run("numpy")
    )


def test_missing_tools_come_with_the_command_that_adds_them(monkeypatch):
    monkeypatch.setattr(doctor, "installed", lambda: ("numpy",))
    assert "is missing" not in run("numpy")
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    shown = run("numpy")
    assert (
        "Hypothesis is missing: harness.cases and property tests need it. pip install 'rnn-parity[hypothesis]'"
        in shown
    )
    assert (
        "pytest is missing: the plugin harness.pytest_plugin needs it. pip install pytest" in shown
    )
