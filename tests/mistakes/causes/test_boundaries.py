"""A state that is lost or reset between chunks is named at any step, and nothing else is."""

from functools import partial

import numpy as np
import pytest

from harness import sample_cases
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.causes.boundaries import at_places, where_masked_last, where_wrong
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.causes.evidence import Sample
from harness.mistakes.causes.share import Share
from harness.mistakes.mistake import run
from harness.mistakes.right_variants import edits_in_order
from references.case import Case, CellWeights, Config
from references.cells.walk import layers, recur, right_step
from tests.mistakes.causes.test_evidence import CASES, PLAIN, by_other_order
from tests.mistakes.honest_gated import time_major


def test_what_is_wrong_at_every_step_is_no_boundary():
    case = next(case for case in CASES if case.time > 5 and case.h_0.any())
    dropped = by_other_order(BY_NAME["state dropped"])
    assert diagnose(case, dropped).names == ("state dropped",)
    boundary = BY_NAME["state lost at a chunk boundary"]
    assert Sample.of(case, dropped).share(boundary.edits, [boundary], True).explained == 0


@pytest.mark.slow
@pytest.mark.parametrize("every", [3, 4])
@pytest.mark.parametrize(
    "name", ["state lost at a chunk boundary", "state reset at a chunk boundary"]
)
def test_a_boundary_is_named_at_any_step_and_alone(name, every):
    mistake = BY_NAME[name]
    carry = mistake.edits.boundary
    edits = mistake.edits._replace(
        carry=lambda now, output: carry(now, output) if (now.t + 1) % every == 0 else output
    )
    case = next(case for case in CASES if case.time > 7 and case.h_0.any())
    assert diagnose(case, lambda case: run(case, edits)).names == (name,)


BOUNDARIES = [one for one in BY_NAME.values() if one.edits.boundary]
OF_GATES = [(cell, one) for cell in ("gru", "lstm") for one in BOUNDARIES if cell in one.cells]


@pytest.mark.slow
@pytest.mark.parametrize("every", [3, pytest.param(5, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("cell", "mistake"), OF_GATES, ids=[f"{cell}: {one.name}" for cell, one in OF_GATES]
)
def test_a_boundary_of_gates_is_named_at_any_step_in_another_order_of_sums(cell, mistake, every):
    """All boundaries are suspected, so that it tries no others: c spoils every later step."""
    places = {(0, 0, step) for step in range(every, 12, every)}
    carry = at_places(mistake.edits.boundary, places)["carry"]
    edits = edits_in_order(mistake.edits._replace(carry=carry), time_major)

    def chunks(case):
        return run(case, edits)

    (case,) = sample_cases(
        *(1, 4), cell=cell, time=11, hidden_size=4, regimes="contracting", bias=True, **PLAIN
    )
    assert case.h_0.any()
    suspects = {one.name for one in BOUNDARIES}
    assert diagnose(case, chunks, suspects).names == (mistake.name,)


def test_steps_that_go_wrong_without_a_boundary_are_none():
    (case,) = sample_cases(
        1, 4, cell="lstm", time=11, hidden_size=4, regimes="contracting", **PLAIN
    )
    dropped = BY_NAME["c dropped"]
    sample = Sample.of(case, dropped.plant())
    for boundary in BOUNDARIES:
        assert sample.share(boundary.edits, [boundary], True).value < 0.9


@pytest.mark.slow
@pytest.mark.parametrize(
    "cell", ["lstm", *(pytest.param(cell, marks=pytest.mark.deep) for cell in ("rnn", "gru"))]
)
@pytest.mark.parametrize("name", ["lost", "reset"])
def test_a_boundary_is_named_under_a_mask_though_each_row_is_wrong_at_steps_of_its_own(cell, name):
    """Masked rows lose their state as well, as they do for who calls a layer chunk by chunk."""

    def step(now):
        output, states = right_step(now)
        if (now.t + 1) % 3 or now.t + 1 == now.time:  # behind the last chunk there is no other
            return output, states
        return output, tuple(map(np.zeros_like, states)) if name == "lost" else now.initial

    def chunks(case):
        return layers(case, partial(recur, step))

    limits = PLAIN | {"masks": True, "regimes": "contracting", "bias": True}
    cases = sample_cases(30, 3, cell=cell, time=(8, 11), hidden_size=3, batch=4, **limits)
    masked = [case for case in cases if not case.starts_from_zeros]
    masked = [case for case in masked if case.mask is not None and case.mask.any()][:3]
    mistake = BY_NAME[f"state {name} at a chunk boundary"]
    assert len(masked) == 3
    total = Share()
    for case in masked:
        assert diagnose(case, chunks, {mistake.name}).names == (mistake.name,)
        total += Sample.of(case, chunks).share(mistake.edits, [mistake], True)
    assert total.unexplained == 0
    assert not total.contradicted


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_a_state_that_masked_steps_reset_is_named_so_though_a_boundary_would_explain_it(cell):
    limits = PLAIN | {"masks": True, "regimes": "contracting", "bias": True}
    cases = sample_cases(60, 3, cell=cell, time=(9, 14), hidden_size=4, batch=4, **limits)
    mistake = BY_NAME["state zero on masked steps"]
    reset = by_other_order(mistake)
    if cell == "gru":
        reset = partial(run, edits=edits_in_order(mistake.edits, time_major))
    for case in [case for case in cases if mistake.applies(case)][:3]:
        assert diagnose(case, reset).names == (mistake.name,)


def masked(mask):
    """A case of one row in one direction, of which the mask alone matters."""
    weights = (CellWeights(np.ones((1, 1), "float32"), np.ones((1, 1), "float32")),)
    inputs = np.ones((*np.shape(mask), 1), "float32")
    return Case(Config(1, 1, bias=False), weights, inputs, mask=np.array(mask, bool))


def pairs_of(shape):
    """The right enclosure and another, of outputs that are neither."""
    actual = np.zeros(shape)
    return (actual, np.ones(shape, complex)), (actual, np.full(shape, 2, complex))


@pytest.mark.parametrize(
    ("mask", "wrong", "taken"),
    [
        ([[1] * 6, [1] * 6], [[0, 0, 1], [0, 3, 4]], True),  # of no more than half of each row
        ([[1] * 6, [1] * 6], [[], [0, 1, 2, 3]], False),  # more than half of a row
        ([[1] * 6, [0] * 6], [[0, 1, 2], [0]], False),  # more than half of what is not masked
        ([[1] * 6, [0] * 6], [[0, 1, 2], []], True),
    ],
)
def test_steps_are_taken_where_they_are_wrong_if_they_are_no_more_than_half(mask, wrong, taken):
    outside = np.zeros((2, 6, 1), bool)
    for row, steps in enumerate(wrong):
        outside[row, steps] = True
    _, expected = where_wrong(masked(mask), outside, *pairs_of(outside.shape))
    assert (expected == np.where(outside & taken, 2, 1)).all()


def test_a_final_state_is_taken_if_it_is_wrong_and_its_row_may_end_masked():
    case = masked([[1, 1, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1]])
    outside = np.array([[[True]] * 4])
    _, expected = where_masked_last(case, outside, *pairs_of(outside.shape))
    assert expected.ravel().tolist() == [1, 2, 2, 1]
    _, expected = where_masked_last(case, ~outside, *pairs_of(outside.shape))
    assert (expected == 1).all()
