"""Certificates of masked, backward and stacked cases: each output has its own place, its own bound
and its own state before it.
"""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from harness import sample_cases
from harness.judge import certificate
from harness.judge.certificate import certify
from harness.judge.judge import judge
from references.case import Case, CellWeights, Config, Outputs
from references.cells import CELLS
from references.cells.activations import sigmoid
from references.cells.gates import by_gate
from references.numpy_rnn import run
from tests.references.gated import FORMS as GATED_FORMS
from tests.references.gated import gated_case

MASK = np.array([[False, True, False, False, True, False], [False] * 6, [True] * 6])
GATED = [{"cell": "gru"}, {"cell": "gru", "reset_after": False}, {"cell": "lstm"}]
FORMS = list(product((None, "repeat", "zero"), (False, True), (False, True)))


def exact_case(masked: str | None, bidirectional: bool, go_backwards: bool, **limits: Any) -> Case:
    """A case of integers: every output has radius 0."""
    sizes: dict[str, Any] = {
        "time": 6,
        "batch": 3,
        "input_size": 2,
        "hidden_size": 2,
        "num_layers": 1,
        "masks": False,
    } | limits
    (case,) = sample_cases(
        1,
        4,
        regimes="ternary",
        bidirectional=bidirectional,
        go_backwards=go_backwards,
        initial_states=True,
        **sizes,
    )
    return case if masked is None else replace(case, mask=MASK, masked_output=masked, origin="")


@pytest.mark.parametrize(("masked", "bidirectional", "go_backwards"), FORMS)
def test_a_change_of_any_one_output_is_seen_and_placed_where_it_is(
    masked: str | None, bidirectional: bool, go_backwards: bool
) -> None:
    case = exact_case(masked, bidirectional, go_backwards)
    right = run(case).sequence
    verdict = judge(case, lambda given: right, calls=1)
    assert (verdict.kind, verdict.exact, verdict.undecided) == ("agrees", right.size, 0)
    for row, time, column in np.ndindex(*right.shape):
        wrong = right.copy()
        wrong[row, time, column] += 2.0**-10
        first = judge(case, lambda given, wrong=wrong: wrong, calls=1).first
        assert (first.batch, first.time, first.direction * 2 + first.unit) == (row, time, column)
        assert (first.actual, first.expected, first.allowed) == (
            wrong[row, time, column],
            right[row, time, column],
            0,
        )


@pytest.mark.parametrize(("masked", "bidirectional", "go_backwards"), FORMS)
def test_a_change_of_any_one_final_state_is_seen(
    masked: str | None, bidirectional: bool, go_backwards: bool
) -> None:
    case = exact_case(masked, bidirectional, go_backwards, num_layers=2)
    right = run(case)
    assert judge(case, lambda given: right, calls=1).h_n_checked
    for index in np.ndindex(right.h_n.shape):
        state = right.h_n.copy()
        state[index] += 2.0**-10
        verdict = judge(
            case, lambda given, state=state: Outputs(right.sequence, state, right.layers), calls=1
        )
        assert verdict.reason.startswith(f"h_n{list(index)} is {float(state[index])!r}, but")


@pytest.mark.parametrize(("masked", "bidirectional", "go_backwards"), FORMS)
def test_a_certificate_holds_what_was_observed_and_the_state_at_the_end(
    masked: str | None, bidirectional: bool, go_backwards: bool
) -> None:
    case = exact_case(masked, bidirectional, go_backwards, num_layers=2)
    outputs = run(case)
    D = case.config.num_directions
    certificates = certify(case, outputs.layers)
    assert [(one.layer, one.direction) for one in certificates] == list(product(range(2), range(D)))
    for index, one in enumerate(certificates):
        half = outputs.layers[one.layer][:, :, 2 * one.direction : 2 * one.direction + 2]
        assert np.array_equal(one.actual, half[:, ::-1] if one.direction else half)
        assert np.array_equal(one.enclosure.centre, one.actual)
        assert not one.enclosure.radius.any()
        assert one.enclosure.decided.all()
        assert np.array_equal(one.h_n, outputs.h_n[index])


def test_each_step_is_judged_from_what_the_implementation_itself_gave_before() -> None:
    one = np.ones((1, 1), "float32")
    case = Case(
        Config(1, 1, nonlinearity="linear"),
        (CellWeights(one, 2 * one),),
        np.ones((1, 4, 1), "float32"),
        5 * np.ones((1, 1, 1), "float32"),
    )
    observed = np.array([10.0, 20.0, 30.0, 61.0], "float32").reshape(1, 4, 1)
    (certificate,) = certify(case, [observed])
    assert certificate.enclosure.centre.ravel().tolist() == [
        11,
        21,
        41,
        61,
    ]  # 1 + 2 * 5, 1 + 2 * 10, ...
    assert certificate.h_n.tolist() == [[61]]
    masked = replace(case, mask=np.array([[True, False, True, False]]))
    (certificate,) = certify(masked, [observed])
    assert certificate.enclosure.centre.ravel().tolist() == [11, 10, 21, 30]
    assert certificate.h_n.tolist() == [[30]]


def overflowing(masked_output: Any) -> Case:
    """A linear layer that overflows at its fifth step; the sixth and seventh are masked."""
    inputs = np.array([1, 2, 3, 4, 1e30, 5, 6], "float32").reshape(1, 7, 1)
    weights = CellWeights(np.array([[1e30]], "float32"), np.zeros((1, 1), "float32"))
    mask = np.array([[True] * 5 + [False] * 2])
    return Case(
        Config(1, 1, nonlinearity="linear"),
        (weights,),
        inputs,
        mask=mask,
        masked_output=masked_output,
    )


@pytest.mark.parametrize("given", [np.inf, -np.inf, np.nan])
def test_what_repeats_an_allowed_overflow_is_undecided(given: float) -> None:
    case = overflowing("repeat")
    sequence = run(case).sequence.copy()
    sequence[0, 4:] = given
    verdict = judge(case, lambda _: sequence, calls=1)
    assert (verdict.kind, verdict.undecided, verdict.wrong) == ("agrees", 3, 0)
    sequence[0, 6] = 7  # it may be anything
    assert judge(case, lambda _: sequence, calls=1).wrong == 0


def test_a_finite_output_at_an_overflow_must_be_repeated_exactly() -> None:
    case = overflowing("repeat")
    sequence = run(case).sequence.copy()
    sequence[0, 4:] = 7
    assert judge(case, lambda _: sequence, calls=1).undecided == 1
    sequence[0, 6] = np.nextafter(np.float32(7), np.float32(8))
    verdict = judge(case, lambda _: sequence, calls=1)
    assert (verdict.kind, verdict.wrong, verdict.first.time) == ("differs", 1, 6)


def test_a_masked_step_of_zeros_is_zero_after_an_overflow_too() -> None:
    case = overflowing("zero")
    sequence = run(case).sequence.copy()
    assert judge(case, lambda _: sequence, calls=1).undecided == 1
    for value in (np.inf, np.nan, 1e-45):
        sequence[0, 5] = value
        verdict = judge(case, lambda _: sequence, calls=1)
        assert (
            verdict.kind,
            verdict.wrong,
            verdict.first.time,
            verdict.first.expected,
            verdict.first.allowed,
        ) == ("differs", 1, 5, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("form", GATED_FORMS, ids=str)
@pytest.mark.parametrize("fields", GATED, ids=str)
@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.deep)])
def test_the_loop_of_a_gated_cell_agrees_and_each_change_of_an_output_is_seen(
    fields: dict[str, Any], form: dict[str, Any], dtype: str
) -> None:
    case = gated_case(**fields, **form, dtype=dtype)
    right = run(case)
    assert judge(case, lambda _: right, calls=1).kind == "agrees"
    for index in np.ndindex(right.sequence.shape):
        wrong = right.sequence.copy()
        wrong[index] += 2.0**-10
        layers = (*right.layers[:-1], wrong)
        verdict = judge(case, lambda _, layers=layers: Outputs(layers[-1], None, layers), calls=1)
        assert verdict.kind == "differs", index


def _other_update(case: Case) -> np.ndarray:
    """A GRU of one layer as h + (1 - z) (n - h), whose monomials h and -h cancel."""
    p = by_gate(case.weights[0], case.config, np.tanh)
    h, outputs = case.h_0[0].T, []
    for x in case.inputs.transpose(1, 2, 0):
        r, z = (
            sigmoid(np.dot(W, x) + np.dot(U, h) + b)
            for W, U, b in ((p.W_r, p.U_r, p.b_r), (p.W_z, p.U_z, p.b_z))
        )
        n = np.tanh(np.dot(p.W_n, x) + p.b_W_n + r * (np.dot(p.U_n, h) + p.b_U_n))
        h = h + (1 - z) * (n - h)
        outputs.append(h.T)
    return np.stack(outputs, axis=1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_gru_whose_update_is_written_from_h_agrees(
    dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = replace(gated_case("gru", dtype=dtype, time=60, hidden_size=8, batch=8, gain=2))
    assert judge(case, _other_update, calls=1).kind == "agrees"
    large = replace(case, h_0=case.h_0 * case.h_0.dtype.type(1e4), origin="")
    assert judge(large, _other_update, calls=1).kind == "agrees"
    z = np.full((case.weights[0].b_W.size,), 0, dtype)
    z[8:16] = -20  # z near 0: h is hardly in the result, but h - h is
    shut = replace(large, weights=(replace(case.weights[0], b_W=z),), origin="")
    assert judge(shut, _other_update, calls=1).kind == "agrees"
    monkeypatch.setattr(
        certificate,
        "new_states",
        lambda cell, p, x, h: (CELLS[cell].step(p, x, h)[0].activate("state"),),
    )
    assert judge(shut, _other_update, calls=1).kind == "differs", "h - h is needed"


@pytest.mark.parametrize("cell", ["rnn", "gru"])  # for an lstm see test_carry
def test_blocks_of_steps_give_the_certificate_of_the_whole(cell, monkeypatch):
    (case,) = sample_cases(
        1, 4, cell=cell, time=9, batch=2, hidden_size=5, input_size=3, masks=False, num_layers=1
    )
    outputs = run(case)
    (whole, *_) = certify(case, outputs.layers)
    monkeypatch.setattr(certificate, "BLOCK", 2 * 8 * 2)  # two steps each
    monkeypatch.setattr(certificate, "ROWS", 1)
    (blocks, *_) = certify(case, outputs.layers)
    # float64 may round a product of other shapes otherwise.
    for one, other in zip(whole.enclosure, blocks.enclosure, strict=True):
        assert np.allclose(one, other, rtol=2.0**-40, atol=0)


def test_whoever_calls_it_sees_no_warning_of_numpys():
    limits = {"num_layers": 1, "masks": False, "time": (2, 6), "hidden_size": (2, 6)}
    for case in sample_cases(8, cell="lstm", regimes=("ternary", "saturated"), **limits):
        sequence = run(case).sequence
        with np.errstate(all="raise"):
            certify(case, [sequence])


@pytest.mark.parametrize("cell", CELLS)
def test_a_layer_that_is_enclosed_widens_nothing_by_its_dtype(cell):
    (case,) = sample_cases(1, 2, cell=cell, num_layers=2, bidirectional=False, dtype="float32")
    lower, upper = run(case).layers
    exact, enclosed = (certify(case, [one, upper])[-1] for one in (lower, lower + 0j))
    for one, other in zip(exact.enclosure, enclosed.enclosure, strict=True):
        assert np.array_equal(one, other)
