"""Mistakes that a case shows, or its first steps, all of them in one judgement."""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.mistakes import together
from harness.mistakes.catalogue import BY_NAME, of_cells
from harness.mistakes.sight import PLAIN, sight
from harness.mistakes.together import caught_early, caught_together
from tests.mistakes.blind import clear, constant


def plain(case):
    return [BY_NAME[name] for name in PLAIN if BY_NAME[name].applies(case)]


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_what_the_first_steps_show_the_whole_case_shows(cell):
    count = caught = 0
    sizes = dict.fromkeys(("time", "hidden_size", "input_size"), (1, 8))
    for case in sample_cases(6, seed=8, cell=cell, **sizes):
        mistakes = plain(case)
        names = caught_early(case, mistakes)
        for one in mistakes:
            differs = judge(case, one.plant(), calls=1).kind == "differs"
            assert differs or one.name not in names, (case.origin, one.name)
            count += differs and not case.config.bidirectional
            caught += one.name in names
    assert caught > 0.8 * count > 20


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_right_loop_is_not_caught(cell):
    right = [replace(BY_NAME["U transposed"].change(case=()), name=name) for name in "abc"]
    for case in sample_cases(24, seed=3, cell=cell, time=(1, 20), hidden_size=(1, 24)):
        assert not caught_early(case, right)
        assert not caught_together(case, right)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["rnn", "gru", pytest.param("lstm", marks=pytest.mark.deep)])
def test_a_sight_is_the_same_where_each_mistake_is_judged_alone(cell, monkeypatch):
    sizes = dict.fromkeys(("time", "hidden_size", "input_size"), (1, 7))
    cases = list(sample_cases(9, 4, cell=cell, **sizes))
    seen = []
    for most in (1, 1 << 18):
        monkeypatch.setattr(together, "MOST", most)
        seen.append(sight(cases))
    monkeypatch.setattr("harness.mistakes.sight.caught_together", lambda *_: frozenset())
    assert seen == [sight(cases)] * 2
    assert len(seen[0].caught) > 110


@pytest.mark.slow
def test_together_nearly_all_are_caught_that_are_caught_alone():
    """All but those that show in shapes or states, or in layers that they do not give."""
    cases = sample_cases(20, 5, num_layers=1, time=(2, 9), hidden_size=(2, 12))
    at_once, alone = [], []
    for case in cases:
        own = [one for one in of_cells({"rnn"}) if not one.stateful and one.applies(case)]
        caught = caught_together(case, own)
        rest = [one for one in own if one.name not in caught]
        at_once.append(len(caught))
        alone.append(sum(judge(case, one.plant(), calls=1).kind == "differs" for one in rest))
    assert sum(alone) < 0.2 * sum(at_once)


def test_what_raises_or_has_no_whole_sequences_is_left_to_the_judge():
    (case,) = sample_cases(1, 2, num_layers=1, time=5, hidden_size=4, batch=2)

    def fails(case, outputs):
        raise RuntimeError("a mistake")

    def short(case, outputs):
        return replace(outputs, sequence=outputs.sequence[:, 1:] + 1, layers=None)

    def wide(case, outputs):
        return replace(outputs, sequence=outputs.sequence.astype(complex) + 1, layers=None)

    own = [
        replace(BY_NAME["U transposed"].change(case=(), outputs=(change,)), name=change.__name__)
        for change in (fails, short, wide)
    ]
    wrong = BY_NAME["bias dropped"].change_weights(b_W=lambda b: b + 1)
    assert caught_together(case, [own[0], wrong, *own[1:]]) == {"bias dropped"}
    assert caught_together(case, own) == caught_together(case, []) == frozenset()


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
    monkeypatch.setattr(together, "STEPS", 1)
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
