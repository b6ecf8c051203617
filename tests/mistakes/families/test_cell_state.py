"""What becomes of c, against loops cut at the step where it goes wrong."""

from dataclasses import replace

import numpy as np
import pytest

from references.numpy_rnn import run as loop
from tests.mistakes.scalars import one_unit, outputs_of
from tests.references.gated import gated_case

INPUTS = [0.7, -0.4, 0.9]
CASE = one_unit("lstm", INPUTS)
TWO = gated_case("lstm", num_layers=2, bidirectional=True)


def by_steps(change):
    """The last (h, c), where `change(h, c)` gives what goes on to the next step."""
    h, c = CASE.h_0, CASE.c_0
    for t in range(3):
        outputs = loop(replace(CASE, inputs=CASE.inputs[:, t : t + 1], h_0=h, c_0=c))
        h, c = change(outputs.h_n, outputs.c_n)
    return outputs.h_n.item()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("c not carried", lambda h, c: (h, CASE.c_0)),
        ("c dropped", lambda h, c: (h, c * 0)),
        ("h not carried", lambda h, c: (CASE.h_0, c)),
        ("h dropped", lambda h, c: (h * 0, c)),
        ("state not carried", lambda h, c: (CASE.h_0, CASE.c_0)),
        ("state dropped", lambda h, c: (h * 0, c * 0)),
    ],
)
def test_what_goes_on(name, change):
    assert outputs_of(name, CASE).sequence[0, -1, 0] == pytest.approx(by_steps(change), 1e-12)


@pytest.mark.parametrize(
    ("name", "h_0", "c_0"),
    [
        ("h_0 and c_0 swapped", 0.25, 0.5),
        ("c_0 is h_0", 0.5, 0.5),
        ("c_0 ignored", 0.5, 0),
        ("h_0 ignored", 0, 0.25),
        ("initial state ignored", 0, 0),
    ],
)
def test_where_it_starts(name, h_0, c_0):
    right = loop(one_unit("lstm", INPUTS, h_0, c_0))
    assert np.array_equal(outputs_of(name, CASE).sequence, right.sequence)


def test_what_is_returned():
    right = loop(CASE)
    swapped = outputs_of("(h, c) returned as (c, h)", CASE)
    assert (swapped.h_n.item(), swapped.c_n.item()) == (right.c_n.item(), right.h_n.item())
    assert outputs_of("c_n is h_n", CASE).c_n.item() == right.h_n.item()
    assert outputs_of("h_n is c_n", CASE).h_n.item() == right.c_n.item()
    assert outputs_of("c_n is c_0", CASE).c_n.item() == 0.25
    assert outputs_of("tanh of c_n", CASE).c_n.item() == np.tanh(right.c_n.item())
    assert outputs_of("c_n of zeros", CASE).c_n.item() == 0


def test_c_is_put_out_for_h_and_h_goes_on():
    masked = replace(CASE, mask=np.array([[True, False, True]]), masked_output="repeat")
    for case in (CASE, masked):
        right, wrong = loop(case), outputs_of("c put out for h", case)
        each = [loop(_beginning(case, t)).c_n.item() for t in (1, 2, 3)]
        assert wrong.sequence.ravel().tolist() == each
        assert (wrong.h_n.item(), wrong.c_n.item()) == (right.h_n.item(), right.c_n.item())


def _beginning(case, steps):
    mask = None if case.mask is None else case.mask[:, :steps]
    return replace(case, inputs=case.inputs[:, :steps], mask=mask)


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("c_0 layers reversed", [2, 3, 0, 1]),
        ("first layer's c_0 for all", [0, 1, 0, 1]),
        ("c_0 directions swapped", [1, 0, 3, 2]),
        ("one c_0 for both directions", [0, 0, 2, 2]),
    ],
)
def test_whose_c_0_it_is(name, order):
    right = loop(replace(TWO, c_0=TWO.c_0[order]))
    assert np.array_equal(outputs_of(name, TWO).sequence, right.sequence)


def test_whose_c_n_it_is():
    right = loop(TWO).c_n
    for name, order in (
        ("c_n layers reversed", [2, 3, 0, 1]),
        ("c_n directions swapped", [1, 0, 3, 2]),
        ("forward c_n twice", [0, 0, 2, 2]),
    ):
        assert np.array_equal(outputs_of(name, TWO).c_n, right[order])
    assert outputs_of("backward c_0 ignored", TWO).c_n[1].tolist() != right[1].tolist()


def test_rows():
    reversed_rows = replace(TWO, c_0=TWO.c_0[:, ::-1])
    assert np.array_equal(
        outputs_of("c_0 rows reversed", TWO).sequence, loop(reversed_rows).sequence
    )


@pytest.mark.parametrize("name", ["c updated on masked steps", "h updated on masked steps"])
def test_under_a_mask_one_state_goes_on_and_the_other_does_not(name):
    case = one_unit("lstm", INPUTS, mask=[1, 0, 1])
    first = loop(replace(CASE, inputs=CASE.inputs[:, :1]))
    second = loop(replace(CASE, inputs=CASE.inputs[:, 1:2], h_0=first.h_n, c_0=first.c_n))
    h, c = (first.h_n, second.c_n) if name[0] == "c" else (second.h_n, first.c_n)
    third = loop(replace(CASE, inputs=CASE.inputs[:, 2:], h_0=h, c_0=c))
    assert outputs_of(name, case).sequence[0, -1, 0] == pytest.approx(third.h_n.item(), 1e-12)


def test_a_masked_step_may_reset_c():
    case = one_unit("lstm", INPUTS, mask=[1, 1, 0])
    assert outputs_of("c zero on masked steps", case).c_n.item() == 0
