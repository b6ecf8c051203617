"""The catalogue: complete, in words, planted only where it applies, and caught."""

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME, FAMILIES, MISTAKES
from harness.mistakes.groups import groups
from harness.mistakes.mistake import Edits, run
from references.numpy_rnn import run as loop

CASES = list(sample_cases(200))


def test_there_are_at_least_fifty_each_with_a_name_a_sentence_and_a_fix():
    assert len(MISTAKES) >= 50
    assert len(BY_NAME) == len(MISTAKES)
    for mistake in MISTAKES:
        assert mistake.sentence.endswith(".")
        assert mistake.fix
        assert not mistake.fix.endswith(".")


def test_each_mistake_stands_in_the_file_of_its_family():
    for family in FAMILIES:
        name = family.__name__.rpartition(".")[2]
        own = {"outputs": {"axes", "output", "attribute"}}.get(name, {name})
        assert {mistake.family for mistake in family.MISTAKES} == own


def test_the_mistaken_loop_without_a_mistake_is_the_loop():
    for case in CASES:
        one, other = run(case, Edits()), loop(case)
        assert np.array_equal(one.sequence, other.sequence)
        assert np.array_equal(one.h_n, other.h_n)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_caught_by_the_cases_of_the_default_verify_and_changes_nothing_where_it_does_not_apply(
    mistake,
):
    implementation, caught = mistake.plant(), False
    for index, case in enumerate(CASES[:100]):
        verdict = judge(case, implementation, calls=2 if index % 8 == 0 else 1)
        if mistake.applies(case):
            caught = caught or verdict.kind != "agrees"
        elif not mistake.stateful:
            assert verdict.kind == "agrees", str(verdict)
        if caught and index > 20:
            break
    assert caught


def test_mistakes_that_cannot_be_told_apart_form_a_group_and_the_others_do_not():
    found = {group for case in CASES[:40] for group in groups(case)}
    assert ("time reversed", "go_backwards ignored") in found  # the same thing by two names
    reduced = {
        "bfloat16 inputs",
        "TF32 inputs",
        "float32 inside",
    }  # all lose the same low bits of the probes
    assert all(
        set(group) <= reduced for group in found - {("time reversed", "go_backwards ignored")}
    ), found
