"""Mistakes of gated cells: in two texts, caught, enclosed, and nothing where they do not apply."""

from dataclasses import replace
from functools import cache
from itertools import islice

import numpy as np
import pytest

from harness import audit, check, sample_cases
from harness.draw.limits import EXACT_REGIMES, REGIMES
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME, MISTAKES, of_cells
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.enclose import enclose
from harness.mistakes.mistake import NOTHING, run
from harness.mistakes.right_variants import edits_in_order, one_by_one
from harness.mistakes.sight import sight
from references.numpy_rnn import run as loop
from tests.mistakes.honest_gated import HONEST
from tests.mistakes.test_enclose import OPERANDS, WITHOUT_RULE, outside

GATED = [mistake for mistake in of_cells(["gru", "lstm"]) if "rnn" not in mistake.cells]
PLANTED = [(cell, mistake) for cell in ("gru", "lstm") for mistake in of_cells([cell])]
NAMES = [f"{cell}: {mistake.name}" for cell, mistake in PLANTED]

ROUNDED = tuple(name for name in REGIMES if name not in EXACT_REGIMES)
ENCLOSED = [
    pytest.param(cell, mistake, id=f"{cell}: {mistake.name}")
    for cell, mistake in PLANTED
    if not mistake.stateful and mistake.name not in WITHOUT_RULE
]


@cache
def small(cell):
    sizes = {"time": (1, 10), "hidden_size": (1, 10), "input_size": (1, 6), "batch": (1, 3)}
    return list(sample_cases(300, 5, cell=cell, **sizes))


@cache
def quickest_first(cell, regimes=tuple(REGIMES)):
    sizes = {"time": (2, 6), "hidden_size": (2, 9), "input_size": (2, 9), "batch": (1, 2)}
    return sorted(
        sample_cases(250, 5, cell=cell, regimes=regimes, **sizes),
        key=lambda case: case.time * case.config.hidden_size * len(case.weights),
    )


def test_there_are_more_than_sixty_of_the_gates_alone_and_the_rnn_has_what_it_had():
    assert len(GATED) >= 100
    assert {name for mistake in GATED for name in mistake.cells} == {"gru", "lstm"}
    assert len(MISTAKES) == 130
    assert [*BY_NAME.values()][:130] == [*MISTAKES]
    assert len(of_cells(["rnn", "gru", "lstm"])) == len(BY_NAME)
    assert of_cells([]) == ()


@pytest.mark.parametrize("mistake", of_cells(["gru", "lstm"]), ids=lambda mistake: mistake.name)
def test_each_has_short_texts_for_a_loop_and_those_of_gates_one_for_a_mirror(mistake):
    assert mistake.fix
    assert mistake.mirror_fix or "rnn" in mistake.cells
    for text in (mistake.fix, mistake.mirror_fix):
        assert not text.endswith(".")
        assert len(f"To fix it: {text}".split()) <= 25
    assert len(f"Matches with {mistake.name}: {mistake.sentence}".split()) <= 25
    assert mistake.sentence.endswith(".")


BY_SIZE = ["W reshaped", "W and U swapped", "features permuted"]
BY_STATE = ["initial state ignored", "h_0 and c_0 swapped", "c_0 is h_0"]


@cache
def smallest(cell):
    """Sizes of 1 and 2, from zeros or not; of an LSTM, some start from a c_0 alone."""
    sizes = dict.fromkeys(("time", "hidden_size", "input_size"), (1, 2))
    drawn = sample_cases(40, 8, cell=cell, regimes="contracting", masks=False, batch=2, **sizes)
    cases = list(drawn)
    return cases + [replace(case, h_0=case.h_0 * 0) for case in cases[:5]]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        *(("gru", name) for name in ("reset before U h", "reset after U h", *BY_SIZE)),
        *(("lstm", name) for name in (*BY_SIZE, *BY_STATE)),
    ],
)
def test_it_applies_exactly_where_it_changes_more_than_rounding(cell, name):
    mistake, fates = BY_NAME[name], set()
    for case in smallest(cell):
        verdict = judge(case, lambda case: run(case, mistake.edits), calls=1)
        assert mistake.applies(case) == (verdict.kind == "differs"), case
        fates.add(verdict.kind == "differs")
    assert fates == {True, False}


@pytest.mark.long
@pytest.mark.parametrize(("cell", "mistake"), PLANTED, ids=NAMES)
def test_the_default_cases_catch_it_and_it_changes_nothing_where_it_does_not_apply(cell, mistake):
    implementation, caught = mistake.plant(), False
    for index, case in enumerate(sample_cases(200, cell=cell)):
        verdict = judge(case, implementation, calls=1 + bool(mistake.stateful))
        if mistake.applies(case):
            caught = caught or verdict.kind == "differs"
        elif not mistake.stateful:
            assert verdict.kind == "agrees", str(verdict)
        if caught and index > 20:
            return
    raise AssertionError("missed")


@pytest.mark.parametrize("mistake", GATED, ids=lambda mistake: mistake.name)
def test_a_gates_mistake_changes_no_rnn(mistake):
    (case,) = sample_cases(1)
    assert not mistake.applies(case)
    assert np.array_equal(mistake.plant()(case).sequence, loop(case).sequence)


def assert_inside(mistake, case):
    outputs = run(case, mistake.edits)
    for observed in (outputs.layers, None)[: 1 + (mistake.name not in OPERANDS)]:
        expected = enclose(case, mistake.edits, observed)
        assert outside(outputs.sequence, expected.sequence) == 0, case
        for state in ("h_n", "c_n"):
            actual = getattr(outputs, state)
            if actual is not None and getattr(expected, state) is not None:
                assert outside(actual, getattr(expected, state)) == 0, (state, case)


@pytest.mark.parametrize(("cell", "mistake"), ENCLOSED)
def test_what_the_mistaken_loop_gives_lies_inside_whether_states_are_observed_or_not(cell, mistake):
    assert_inside(mistake, next(filter(mistake.applies, quickest_first(cell))))


@pytest.mark.long
@pytest.mark.parametrize(("cell", "mistake"), ENCLOSED)
def test_it_lies_inside_on_larger_cases_too(cell, mistake):
    for case in islice(filter(mistake.applies, small(cell)), 4):
        assert_inside(mistake, case)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_without_edits_the_enclosures_hold_what_is_right_and_are_narrow(cell):
    narrow = total = 0
    for case in small(cell)[:30]:
        right = loop(case)
        expected = enclose(case, NOTHING, right.layers)
        assert outside(right.sequence, expected.sequence) == 0
        narrow += int((np.imag(expected.sequence) < 2.0**-10).sum())
        total += right.sequence.size
    assert narrow > 0.9 * total


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["U transposed", "lstm gates in ONNX's order", "forget bias added", "c not carried"]
)
def test_what_is_right_lies_outside_of_a_mistakes_enclosures(name):
    mistake = BY_NAME[name]
    wrong = 0
    for case in filter(mistake.applies, small("lstm")[:15]):
        right = loop(case)
        wrong += outside(right.sequence, enclose(case, mistake.edits, right.layers).sequence) > 0
    assert wrong > 5


HONEST_NAMES = [(cell, name) for cell, all_of_it in HONEST.items() for name in all_of_it]


def first_failure(implementation, mistake, cases):
    for case in filter(mistake.applies, cases):
        verdict = judge(case, implementation, calls=1 + bool(mistake.stateful))
        if verdict.kind != "agrees":
            return verdict.case
    raise AssertionError("never caught")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "mistake"),
    [
        pytest.param(*pair, id=name)
        for pair, name in zip(PLANTED, NAMES, strict=True)
        if pair[1] in GATED
    ],
)
def test_a_gates_mistake_is_named_on_the_smallest_case_that_tells_it(cell, mistake):
    implementation = mistake.plant()
    diagnosis = diagnose(
        first_failure(implementation, mistake, quickest_first(cell)), implementation
    )
    assert mistake.name in diagnosis.names, diagnosis
    assert mistake.fix in diagnosis.sentence or len(diagnosis.names) > 1
    assert len(diagnosis.names) <= 3, diagnosis
    assert all(len(part.split()) <= 25 for part in diagnosis.sentence.split(". ")), diagnosis


def deep_if(is_turn):
    """Each mistake is deep in one of the gated cells, and long in the other."""
    return pytest.mark.deep(seconds=0.2) if is_turn else pytest.mark.long


@pytest.mark.parametrize(
    ("cell", "mistake"),
    [
        pytest.param(cell, mistake, id=f"{cell}: {mistake.name}", marks=deep_if(at % 2 == turn))
        for turn, cell in enumerate(("gru", "lstm"))
        for at, mistake in enumerate(of_cells(["rnn"]))
        if cell in mistake.cells
    ],
)
def test_what_an_rnn_can_have_too_is_named_on_a_small_case(cell, mistake):
    implementation = mistake.plant()
    case = first_failure(implementation, mistake, quickest_first(cell)[50:])
    diagnosis = diagnose(case, implementation)
    assert mistake.name in diagnosis.names, diagnosis
    assert len(diagnosis.names) <= 4, diagnosis


@pytest.mark.long
@pytest.mark.parametrize(("cell", "mistake"), PLANTED, ids=NAMES)
def test_it_is_named_where_it_is_planted_in_the_loop(cell, mistake):
    implementation = mistake.plant()
    diagnosis = diagnose(first_failure(implementation, mistake, small(cell)), implementation)
    assert mistake.name in diagnosis.names, diagnosis
    assert len(diagnosis.names) <= 4, diagnosis


@pytest.mark.long
@pytest.mark.parametrize("mistake", GATED, ids=lambda mistake: mistake.name)
def test_it_is_named_where_it_is_planted_in_another_order_of_sums(mistake):
    cell = mistake.cells[0]

    def implementation(case):
        edits = mistake.edits if mistake.applies(case) else NOTHING
        return run(case, edits_in_order(edits, one_by_one))

    diagnosis = diagnose(
        first_failure(implementation, mistake, quickest_first(cell, ROUNDED)), implementation
    )
    assert mistake.name in diagnosis.names, diagnosis


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "name"), HONEST_NAMES)
def test_an_honest_implementation_agrees_and_is_never_named(cell, name):
    assert len(HONEST[cell]) == 15
    cases = small(cell)[:12]
    for case in cases:
        verdict = judge(case, HONEST[cell][name], name, calls=1)
        assert verdict.kind == "agrees", str(verdict)
    quickest = min(cases, key=lambda case: case.time * len(case.weights))
    assert diagnose(quickest, HONEST[cell][name]).names == ()


@pytest.mark.slow
def test_sight_counts_the_mistakes_of_the_cells_in_the_run():
    for cell in ("rnn", "gru", "lstm"):
        (case,) = sample_cases(1, cell=cell, time=2, hidden_size=2, input_size=2)
        result = sight([case], tries=1)
        assert result.applicable + len(result.untried) == len(of_cells([cell]))


@pytest.mark.slow
def test_an_audit_counts_the_mistakes_of_the_cells_of_its_cases():
    (case,) = sample_cases(1, 4, cell="gru", time=4, hidden_size=3, input_size=2, bias=True)

    def derived(implementation):
        check(case, implementation)

    result = audit(derived, frameworks=())
    assert len(result.caught) + len(result.missed) + len(result.untried) == len(of_cells(["gru"]))
    assert len(result.caught) > 70
    assert "a wider format inside" in result.accepted
    assert result.rejected == ()
