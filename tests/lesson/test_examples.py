import math
from dataclasses import replace

import pytest

from harness.lesson.examples import example, example_cases, examples
from harness.mistakes.catalogue import FAMILY, MISTAKES
from harness.mistakes.mistake import Mistake


def test_the_whole_catalogue_is_there_and_each_is_diagnosed(plain):
    assert [one.mistake for one in plain.examples] == list(MISTAKES)
    assert [one.family for one in plain.examples] == [FAMILY[mistake.name] for mistake in MISTAKES]
    names = [one.mistake.name for one in plain.examples if one.mistake.name not in one.diagnosis]
    assert names == []
    assert not any("To fix it" in one.diagnosis for one in plain.examples)


def test_the_step_of_the_first_difference_is_one_at_which_they_differ(plain):
    for one in plain.examples:
        if one.where.startswith(("Row", "Layer", "Direction")):
            assert f"step {one.split}, " in one.where or one.where.startswith("Layer"), one
        if one.split is None:
            assert one.wrong in (one.right, ()), one.mistake.name
        else:
            assert one.right[one.split] != one.wrong[one.split], one.mistake.name


def test_most_differ_visibly(plain):
    def close(one):
        pairs = zip(one.right, one.wrong, strict=False)
        return all(math.isclose(*pair, rel_tol=0.02) for pair in pairs)

    assert sum(map(close, plain.examples)) < 0.2 * len(plain.examples)


def test_lines_that_cannot_be_told_apart_coincide(plain):
    coincide = {one.mistake.name for one in plain.examples if one.coincide}
    assert {"float32 inside", "TF32 inputs"} <= coincide
    assert not {"U transposed", "final state of zeros", "another dtype", "NaN"} & coincide
    for one in plain.examples:
        if one.mistake.name in coincide:
            assert one.split is not None
            assert max(one.difference) <= 0.03 * (max(one.right) - min(one.right)) * 1.1


def test_progress_names_each_mistake(monkeypatch):
    names = []
    monkeypatch.setattr("harness.lesson.examples.example", lambda mistake, cases: mistake)
    assert examples(names.append) == MISTAKES
    assert names == [mistake.name for mistake in MISTAKES]


def test_outputs_of_another_shape_have_no_line(monkeypatch):
    monkeypatch.setitem(FAMILY, "flat", "Outputs")

    def flat(case, outputs):
        return replace(outputs, sequence=outputs.sequence.ravel(), layers=None)

    one = example(Mistake("flat", "").change(outputs=(flat,)), list(example_cases()))
    assert (one.wrong, one.split, one.coincide) == ((), None, False)
    assert "shape" in one.where


def test_the_cases_are_in_words(plain):
    by_name = {one.mistake.name: one.case for one in plain.examples}
    assert by_name["U transposed"] == "2 rows, 12 steps, 3 inputs, 4 units, tanh, float32"
    assert "a mask" in by_name["mask ignored"]
    assert "two directions" in by_name["halves summed"]


@pytest.mark.slow
def test_a_mistake_that_the_judge_never_catches_is_an_error():
    with pytest.raises(LookupError, match="the judge catches none at all on none of the lesson's"):
        example(Mistake("none at all", ""), list(example_cases()))
