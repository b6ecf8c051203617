"""Estimates how long a case takes to judge and to diagnose, and diagnoses what can be soon."""

from math import ceil

from harness.judge.calls.observe import Implementation
from harness.judge.verdict import Verdict
from harness.mistakes.causes.diagnosis import Diagnosis
from harness.mistakes.causes.explain import explain
from harness.runs.findings import is_stateful, smallest
from references.case import Case
from references.cells import CELLS

# Seconds on one core, rounded up: for a layer, for a step of the hand-written loop, for a product,
# and for a step on enclosures, which a diagnosis takes one at a time.
LAYER, STEP, PRODUCT, ENCLOSURE = 5e-4, 1e-5, 5e-10, 2e-4
TRIALS = 8  # times that a diagnosis walks the failing case on enclosures, where probes help

SHRINKING = 5.0  # seconds for a smaller case, where the one that fails is large


def diagnose_soon(
    verdict: Verdict, run: Implementation, patience: float
) -> tuple[Verdict | None, Diagnosis]:
    """Diagnoses a failure; where that takes more seconds than `patience`, on a smaller case.

    Returns the verdict on that, or None. Where nothing smaller fails alike, it looks for nothing.
    """
    if diagnosis_seconds(verdict.case) <= patience:
        return None, explain(verdict, run)
    small = smallest(verdict, run, SHRINKING)
    if (seconds := diagnosis_seconds(small.case)) > patience:
        sentence = f"Not looked for: it takes about {ceil(seconds):,} s. To look: --force."
        return None, Diagnosis((), sentence)
    diagnosis = explain(small, run)
    # A trial depends on the trials before, so that nothing was shrunk.
    return None if is_stateful(diagnosis.names) else small, diagnosis


def judging_seconds(case: Case) -> float:
    """Estimates the time for a verdict on an implementation about as fast as the loop."""
    config = case.config
    H, width = config.hidden_size, config.input_size + config.num_layers * config.output_size
    rows = case.batch * case.time
    gates = len(CELLS[config.cell].GATES)
    products = gates * rows * H * config.num_directions * (width + config.num_layers * H)
    return LAYER * len(case.weights) + STEP * gates * steps_of(case) + PRODUCT * products


def diagnosis_seconds(case: Case) -> float:
    """Estimates the time for a diagnosis of a failure on the case, beside that for a verdict."""
    gates = len(CELLS[case.config.cell].GATES)
    return TRIALS * (ENCLOSURE * gates * steps_of(case) + judging_seconds(case))


def steps_of(case: Case) -> int:
    """Returns the number of steps that are taken one after the other, over all layers."""
    return len(case.weights) * case.time
