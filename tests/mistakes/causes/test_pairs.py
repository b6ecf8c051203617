"""Two mistakes together: few pairs are tried, and none is lost that trying all of them would
name.
"""

from itertools import combinations, permutations

import numpy as np
import pytest

from harness import sample_cases
from harness.mistakes.catalogue import BY_NAME, of_cells
from harness.mistakes.causes import pairs as module
from harness.mistakes.causes.comparison import same
from harness.mistakes.causes.evidence import Sample
from harness.mistakes.causes.pairs import fitting_pairs, idle_and_tidy, patterned
from harness.mistakes.causes.probes import first_steps, on_probe, probes
from harness.mistakes.mistake import combined, run


def kinds(cell, count):
    """The first probes of so many kinds of cases, and the mistakes that apply to each."""
    every = {}
    for case in sample_cases(300, seed=5, cell=cell):
        every.setdefault(probes(case)[0], None)
        if len(every) == count:
            break
    for probe in every:
        yield probe, [one for one in of_cells([cell]) if not one.stateful and one.applies(probe)]


def outputs_of(case, edits):
    """What the loop with these edits gives; None where shapes do not meet."""
    try:
        return run(case, edits)
    except (ValueError, IndexError):
        return None


def check_rule(cell, count, share=1.0):
    """Where one is idle and another one tidy, both give what the other one gives alone."""
    rng = np.random.default_rng(0)
    tried = 0
    for probe, mistakes in kinds(cell, count):
        for step in first_steps(probe):
            pattern = patterned(step)
            traits = {one.name: idle_and_tidy(pattern, one.edits) for one in mistakes}
            for idle, tidy in permutations(mistakes, 2):
                if not traits[idle.name][0] or not traits[tidy.name][1] or rng.random() > share:
                    continue
                alone = outputs_of(step, tidy.edits)
                for both in ((idle, tidy), (tidy, idle)):
                    tried += 1
                    outputs = outputs_of(step, combined(*(one.edits for one in both)))
                    assert (outputs is None) == (alone is None), both
                    assert outputs is None or same(outputs, alone), both
    return tried


@pytest.mark.deep
def test_one_that_is_idle_leaves_what_the_other_gives_alone():
    assert min(check_rule(cell, 2, 0.02) for cell in ("rnn", "gru", "lstm")) > 100


@pytest.mark.long
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_that_holds_of_all_pairs_and_of_many_kinds_of_cases(cell):
    assert check_rule(cell, 12) > 100_000


@pytest.fixture
def steps():
    (case,) = sample_cases(1, num_layers=1, bias=True, nonlinearity="tanh", masks=False)
    return [patterned(step) for step in first_steps(probes(case)[0])]


@pytest.mark.parametrize(
    ("name", "idle"),
    [
        ("U transposed", [True, False, True]),
        ("features permuted", [False, True, True]),
        ("bias dropped", [True, True, False]),
        ("initial state ignored", [True, False, True]),
        ("time reversed", [True, True, True]),
        ("relu for the activation", [False, False, False]),
        ("rows reversed", [False, False, False]),  # of the finished outputs
    ],
)
def test_a_mistake_is_idle_where_all_that_it_changes_is_zero(steps, name, idle):
    assert [idle_and_tidy(step, BY_NAME[name].edits)[0] for step in steps] == idle


def test_what_makes_something_of_zeros_or_changes_shapes_is_not_tidy(steps):
    inputs, states, _ = steps
    assert not idle_and_tidy(inputs, BY_NAME["initial state of ones"].edits)[1]
    assert idle_and_tidy(states, BY_NAME["initial state of ones"].edits)[1]
    assert not idle_and_tidy(inputs, BY_NAME["batch for time"].edits)[1]
    assert idle_and_tidy(inputs, BY_NAME["U transposed"].edits)[1]


def planted(one, other):
    edits = combined(BY_NAME[one].edits, BY_NAME[other].edits)
    return lambda case: run(case, edits)


@pytest.fixture
def runs(monkeypatch):
    """The runs of the loop with two mistakes."""
    calls = []
    monkeypatch.setattr(module, "run", lambda *words: calls.append(words) or run(*words))
    return calls


@pytest.mark.deep
@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [
        ("U transposed", "bias dropped"),
        ("relu for the activation", "features permuted"),
    ],
)
def test_trying_few_finds_what_trying_all_finds(runs, names):
    probe, mistakes = next(kinds("rnn", 1))
    implementation = planted(*names)
    sample = Sample.of(probe, implementation, on_probe)
    few = [
        {one.name for one in pair}
        for pair in fitting_pairs(mistakes, sample, implementation, lambda *_: True)
    ]
    whole = [one for one in mistakes if sample.has_shape(one.edits)]
    every = [{one.name, other.name} for one, other in combinations(whole, 2)
             if any(fits(sample, *pair) for pair in ((one, other), (other, one)))]  # fmt: skip
    assert few == every
    assert set(names) in few
    assert sum(case.time == probe.time for case, _ in runs) < len(mistakes)


def fits(sample, one, other):
    edits = combined(one.edits, other.edits)
    return bool(edits) and sample.equals(edits)


@pytest.mark.slow
def test_pairs_that_fit_the_probe_are_asked_about_in_the_order_in_which_they_do():
    probe, mistakes = next(kinds("rnn", 1))
    implementation = planted("U transposed", "bias dropped")
    sample = Sample.of(probe, implementation, on_probe)
    asked = []
    pairs = fitting_pairs(
        mistakes, sample, implementation, lambda *words: asked.append(words) or False
    )
    assert list(pairs) == []
    assert {"U transposed", "bias dropped"} in [{one.name for one in pair} for pair, _ in asked]
    for (one, other), edits in asked:
        assert edits == combined(one.edits, other.edits)
