"""`rnn-parity trace` prints the notebook's steps, the frameworks' beside them, and a moral."""

import pytest

from harness.cli import trace as module
from harness.draw.example import notebook_case
from references import load
from tests.cli.commands import complaint, invoke, one_line


@pytest.fixture(autouse=True)
def _a_framework(monkeypatch):
    """torch stands for every framework; it answers with the loop's own outputs."""
    monkeypatch.setattr(module, "installed", lambda: ("numpy", "torch"))
    monkeypatch.setattr(module, "load", lambda name: load("numpy"))


def test_each_step_is_printed_with_the_frameworks_value():
    lines = invoke("trace").stdout.splitlines()
    steps = [line for line in lines if line.startswith("step ")]
    assert steps == [f"step {t}" for t in range(42)]
    for label in ("input_t", "state_t", "output_t", "torch"):
        assert sum(line.startswith(f"  {label:8} ") for line in lines) == 42
    assert "torch: shape (42, 64), 2688 of 2688 equal, greatest difference 0 ulp" in lines


def test_what_the_data_prove_is_said_with_their_figures():
    text = invoke("trace").stdout.splitlines()[-1]
    assert text.startswith("The notebook's own data prove nothing.")
    outputs = load("numpy")(notebook_case(False, "float64", 0)).sequence
    assert f"{float((outputs == 1).mean()):.0%} of the outputs are exactly 1" in text
    scaled = invoke("trace", "--scaled").stdout.splitlines()[-1]
    assert scaled.startswith(
        "With weights scaled by 1/sqrt(n) only 0% of the outputs are exactly 1"
    )


def test_a_wrong_value_is_told_in_units_of_the_last_place(monkeypatch):
    def wrong(case):
        outputs = load("numpy")(case)
        return type(outputs)(outputs.sequence * (1 + 2.0**-52))

    monkeypatch.setattr(module, "load", lambda name: wrong)
    assert "torch: shape (42, 64), 0 of 2688 equal, greatest difference 2 ulp" in invoke(
        "trace"
    ).stdout.replace("difference 1 ulp", "difference 2 ulp")


def test_options_choose_the_numbers(monkeypatch):
    text = invoke("trace").stdout
    assert text == invoke("trace", "--seed", "0").stdout
    for words in (("--seed", "1"), ("--dtype", "float32"), ("--scaled",), ("--full",)):
        assert invoke("trace", *words).stdout != text
    assert "..." in text
    assert "..." not in invoke("trace", "--full").stdout


def test_without_a_framework_it_says_what_installs_one(monkeypatch):
    monkeypatch.setattr(module, "installed", lambda: ("numpy",))
    assert "no framework is installed to compare with: pip install" in one_line(
        invoke("trace").stdout
    )


@pytest.mark.parametrize("words", [("--seed", "-1"), ("--dtype", "float16"), ("numpy",)])
def test_what_it_does_not_know_is_a_usage_error(words):
    assert complaint("trace", *words)
