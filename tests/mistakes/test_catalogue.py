"""The catalogue: complete, in words, planted only where it applies, and caught."""

import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.mistakes import catalogue
from harness.mistakes.catalogue import BY_NAME, FAMILIES, FAMILY, MISTAKES
from harness.mistakes.causes.probes import probes
from harness.mistakes.mistake import NOTHING
from references.numpy_rnn import run as loop

CASES = list(sample_cases(200))


def test_there_are_at_least_fifty_each_with_a_name_a_sentence_a_fix_and_a_change():
    assert len(MISTAKES) >= 50
    assert len(BY_NAME) == sum(map(len, FAMILIES.values()))
    for mistake in BY_NAME.values():
        assert mistake.sentence.endswith(".")
        assert mistake.fix
        assert not mistake.fix.endswith(".")
        assert (mistake.edits != NOTHING) != bool(mistake.stateful)


def test_each_mistake_stands_in_the_file_of_its_family():
    files = {"axes": "outputs", "output": "outputs", "attribute": "outputs"}
    for family, mistakes in FAMILIES.items():
        in_file = vars(getattr(catalogue, files.get(family, family))).values()
        assert any(mistakes is table for table in in_file)
        assert {FAMILY[mistake.name] for mistake in mistakes} == {family}
    assert set(FAMILY) == set(BY_NAME)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_the_default_cases_catch_a_mistake_which_changes_nothing_where_it_does_not_apply(mistake):
    implementation, caught = mistake.plant(), False
    for index, case in enumerate(CASES[:100]):
        verdict = judge(case, implementation, calls=2 if index % 8 == 0 else 1)
        if mistake.applies(case):
            caught = caught or verdict.kind != "agrees"
        elif not mistake.stateful:
            assert verdict.kind == "agrees", str(verdict)
        if caught and index > 8:
            break
    assert caught


def alike(case):
    """Names of mistakes that give the same outputs on every probe: no diagnosis can part them."""
    cases = probes(case)
    looks = {}
    right = look(loop, cases)
    for mistake in MISTAKES:
        if not mistake.stateful and any(map(mistake.applies, cases)):
            looks.setdefault(look(mistake.plant(), cases), []).append(mistake.name)
    return {tuple(names) for one, names in looks.items() if len(names) > 1 and one != right}


def look(run, cases):
    outputs = [run(case) for case in cases]
    arrays = (array for one in outputs for array in (one.sequence, one.h_n) if array is not None)
    return b"".join(array.tobytes() for array in arrays)


@pytest.mark.deep
@pytest.mark.slow
def test_few_mistakes_look_alike():
    groups = {group for case in CASES[:24] for group in alike(case)}
    by_two_names = ("time reversed", "go_backwards ignored")
    assert by_two_names in groups
    # All of them lose the same low bits of the probes.
    reduced = {"bfloat16 inputs", "TF32 inputs", "float32 inside"}
    # U may have nothing on its diagonal where it is a signed permutation.
    no_diagonal = ("U diagonal", "recurrent term forgotten")
    others = groups - {by_two_names, no_diagonal}
    assert all(set(group) <= reduced for group in others), groups
