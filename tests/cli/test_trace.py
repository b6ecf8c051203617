"""`rnn-parity trace` prints the notebook's steps, the frameworks' beside them, and a moral."""

import re
from dataclasses import replace

import pytest

from harness.cli import trace as module
from harness.draw.example import notebook_case
from harness.judge.certificate import certify
from harness.judge.judge import judge
from references import load
from tests.cli.commands import complaint, invoke, one_line

SCALED = notebook_case(True, "float64", 0)


@pytest.fixture(autouse=True)
def _a_framework(monkeypatch):
    """torch stands for every framework; it answers with the loop's own outputs."""
    monkeypatch.setattr(module, "default_frameworks", lambda: ("torch",))
    monkeypatch.setattr(module, "load", lambda name: load("numpy"))


def test_each_step_is_printed_with_the_frameworks_value():
    lines = invoke("trace").stdout.splitlines()
    steps = [line for line in lines if line.startswith("step ")]
    assert steps == [f"step {t}" for t in range(42)]
    for label in ("input_t", "state_t", "output_t", "torch"):
        assert sum(line.startswith(f"  {label:8} ") for line in lines) == 42
    assert all("64 of 64 equal, at most " in line for line in lines if line.startswith("  torch"))
    assert not any("ulp" in line for line in lines)


def test_it_ends_with_the_verdict_the_bounds_and_the_share_that_is_used():
    verdict, counts = invoke("trace", "--scaled").stdout.splitlines()[-2:]
    words = r"torch agrees: each output is inside its derived bound, and the worst uses (.*)% of it"
    share, low, high = re.fullmatch(
        words + r"\. The bounds of single steps are (.*) to (.*)\.", verdict
    ).groups()
    (certificate,) = certify(SCALED, [load("numpy")(SCALED).sequence])
    radius = certificate.enclosure.radius
    assert (low, high) == (f"{radius.min():.2g}", f"{radius.max():.2g}")
    worst = judge(SCALED, load("numpy"), calls=1).worst_ratio
    assert share == f"{100 * worst:.1f}"
    assert counts == (
        "  2688 of 2688 outputs are equal to the loop's, and the sequences differ by at most 0."
    )


def test_what_the_data_prove_is_said_with_their_figures():
    text = invoke("trace").stdout.splitlines()[-1]
    assert text.startswith("The textbook's own data prove nothing.")
    outputs = load("numpy")(notebook_case(False, "float64", 0)).sequence
    assert f"{float((outputs == 1).mean()):.0%} of the outputs are exactly 1" in text
    scaled = invoke("trace", "--scaled").stdout.splitlines()[-3]
    assert scaled.startswith(
        "With weights scaled by 1/sqrt(n) only 0% of the outputs are exactly 1"
    )


def test_a_framework_that_is_outside_its_bound_differs_and_the_exit_status_is_1(monkeypatch):
    def wrong(case):
        return replace(load("numpy")(case), sequence=load("numpy")(case).sequence * (1 + 2.0**-40))

    monkeypatch.setattr(module, "load", lambda name: wrong)
    result = invoke("trace", "--scaled")
    assert result.return_value == 1
    verdict, counts = result.stdout.splitlines()[-2:]
    assert verdict.startswith("torch differs: not every output is inside its derived bound. The")
    assert counts.startswith(
        "  0 of 2688 outputs are equal to the loop's, and the sequences differ"
    )
    assert "64 of 64 equal" not in result.stdout
    assert "outside its bound" in result.stdout


def test_steps_are_chosen_both_ends_included():
    lines = invoke("trace", "--steps", "3:5").stdout.splitlines()
    assert [line for line in lines if line.startswith("step ")] == ["step 3", "step 4", "step 5"]
    assert "step 7" in invoke("trace", "--steps", "7").stdout.splitlines()
    assert complaint("trace", "--steps", "40:42") == "--steps 40:42: the steps are 0:41"
    order = "name the low end before the high one; the steps are 0:41"
    assert complaint("trace", "--steps", "3:1") == f"--steps 3:1: {order}"


def test_a_unit_is_written_out_without_any_framework(monkeypatch):
    monkeypatch.setattr(module, "load", lambda name: pytest.fail("a framework was loaded"))
    lines = invoke("trace", "--steps", "0:3", "--unit", "0").stdout.splitlines()
    assert sum(line.startswith("step ") for line in lines) == 4
    assert complaint("trace", "--unit", "64")


@pytest.mark.slow
def test_options_choose_the_numbers(monkeypatch):
    text = invoke("trace").stdout
    assert text == invoke("trace", "--seed", "0").stdout
    for words in (("--seed", "1"), ("--dtype", "float32"), ("--scaled",), ("--full",)):
        assert invoke("trace", *words).stdout != text
    assert "..." in text
    assert "..." not in invoke("trace", "--full").stdout


def test_without_a_framework_it_says_what_installs_one(monkeypatch):
    monkeypatch.setattr(module, "default_frameworks", lambda: ())
    assert "no framework is installed to compare with: pip install" in one_line(
        invoke("trace").stdout
    )


@pytest.mark.parametrize("words", [("--seed", "-1"), ("--dtype", "float16"), ("numpy",)])
def test_what_it_does_not_know_is_a_usage_error(words):
    assert complaint("trace", *words)


@pytest.mark.parametrize(("cell", "labels"), [("gru", "rzn"), ("lstm", "ifgo")])
def test_a_cell_with_gates_shows_them_and_is_judged_whole(cell, labels):
    result = invoke("trace", "--cell", cell, "--scaled", "--steps", "40:41")
    assert result.return_value == 0
    lines = result.stdout.splitlines()
    names = [line.split()[0] for line in lines[: lines.index("step 41")]]
    states = ["state_t", *["cell_t"] * (cell == "lstm")]
    assert names == ["step", "input_t", *states, *(f"{g}_t" for g in labels), "output_t", "torch"]
    assert "the sigmoids lie between 0.4" in lines[-3]
    assert lines[-2].startswith("torch agrees: each output is inside its derived bound")


def test_a_wrong_cell_state_differs_though_the_outputs_are_right(monkeypatch):
    def wrong(case):
        outputs = load("numpy")(case)
        return replace(outputs, c_n=outputs.h_n)

    monkeypatch.setattr(module, "load", lambda name: wrong)
    assert invoke("trace", "--cell", "lstm", "--scaled").return_value == 1


def test_the_textbooks_data_prove_little_of_a_gated_cell():
    text = invoke("trace", "--cell", "gru", "--steps", "0:0").stdout.splitlines()[-1]
    assert text.startswith("The textbook's own data prove little.")
    assert text.endswith("`rnn-parity trace --cell gru --scaled` shows data that can tell.")
    assert float(re.search(r"no sigmoid is below (0\.\d+)\.", text)[1]) > 0.99


def test_a_gates_sum_is_written_out():
    lines = invoke("trace", "--cell", "lstm", "--steps", "1:1", "--unit", "0").stdout.splitlines()
    assert [line for line in lines if line.startswith("gate ")] == [f"gate {g}" for g in "ifgo"]
    assert lines[-1].split()[:3] == ["the", "loop's", "output_t[0]"]
