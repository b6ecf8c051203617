"""Mistakes that the first steps of a case show, all of them in one judgement."""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.mistakes import first_steps
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.first_steps import caught_early
from harness.mistakes.sight import PLAIN
from tests.mistakes.blind import clear, constant


def plain(case):
    return [BY_NAME[name] for name in PLAIN if BY_NAME[name].applies(case)]


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_what_the_first_steps_show_the_whole_case_shows(cell):
    count = caught = 0
    sizes = {"time": (1, 9), "hidden_size": (1, 12), "input_size": (1, 12)}
    for case in sample_cases(12, seed=8, cell=cell, **sizes):
        mistakes = plain(case)
        names = caught_early(case, mistakes)
        for one in mistakes:
            differs = judge(case, one.plant(), calls=1).kind == "differs"
            assert differs or one.name not in names, (case.origin, one.name)
            count += differs and not case.config.bidirectional
            caught += one.name in names
    assert caught > 0.8 * count > 20


def test_a_right_loop_is_not_caught():
    nothing = BY_NAME["U transposed"].change(case=())
    cases = list(sample_cases(40, seed=3, bidirectional=False))
    assert not any(caught_early(case, [nothing] * 3) for case in cases)


def test_each_mistake_has_its_own_rows():
    """Neither the first nor the last is taken for the others."""
    case = constant()
    nothing = replace(BY_NAME["b_U dropped"].change(case=()), name="right")
    wrong = BY_NAME["bias dropped"].change_weights(b_W=lambda b: b + 1)
    for mistakes in ([nothing, wrong, nothing], [wrong, nothing], [nothing, wrong]):
        assert caught_early(case, mistakes) == {"bias dropped"}


def test_the_first_step_alone_would_not_show_u(monkeypatch):
    case = clear(h_0=None)
    one = [BY_NAME["U transposed"]]
    assert caught_early(case, one) == {"U transposed"}
    monkeypatch.setattr(first_steps, "STEPS", 1)
    assert caught_early(case, one) == frozenset()


def test_masks_and_the_end_that_is_read_first_are_those_of_the_case():
    limits = {"bidirectional": False, "regimes": "ternary", "time": (6, 9)}
    backwards = list(sample_cases(20, 2, go_backwards=True, masks=False, **limits))
    assert sum("time reversed" in caught_early(case, plain(case)) for case in backwards) > 15
    (case,) = sample_cases(1, 2, go_backwards=False, masks=False, **limits)
    hidden = np.ones((case.batch, case.time), bool)
    hidden[:, :2] = False
    assert caught_early(case, plain(case))
    assert not caught_early(replace(case, mask=hidden), plain(case))


def test_of_two_directions_and_of_no_mistake_it_says_nothing():
    (case,) = sample_cases(1, 2, bidirectional=True)
    assert plain(case)
    assert caught_early(case, plain(case)) == frozenset() == caught_early(clear(), [])
