"""The diagnosis: names planted mistakes, alone and in pairs, and describes what it cannot name."""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.draw.limits import EXACT_REGIMES
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from harness.mistakes.causes import diagnosis
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.causes.explain import explain
from harness.mistakes.mistake import Edits, combined, run
from harness.mistakes.right_variants import edits_in_order, from_the_other_end, in_order, one_by_one
from references import Unsupported
from references.case import Case, CellWeights, Config, Outputs
from references.cells import CELLS as BY_CELL
from references.notebook import from_notebook
from references.numpy_rnn import run as loop
from tests.mistakes.by_hand import cell, linear

CASES = list(sample_cases(300, seed=9, time=(1, 12), hidden_size=(1, 17), input_size=(1, 9)))
QUICK = sorted(
    (case for case in CASES if min(case.time, case.config.hidden_size, case.config.input_size) > 1),
    key=lambda case: case.time * case.config.hidden_size * len(case.weights),
)


def first_failure(implementation, applies, cases=CASES):
    for case in cases:
        if applies(case):
            verdict = judge(case, implementation)
            if verdict.kind != "agrees":
                return verdict
    raise AssertionError("never caught")


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_planted_mistake_is_named(mistake):
    implementation = mistake.plant()
    verdict = first_failure(implementation, mistake.applies, QUICK)
    diagnosis = diagnose(verdict.case, implementation)
    assert mistake.name in diagnosis.names, diagnosis
    assert mistake.fix in diagnosis.sentence or len(diagnosis.names) > 1
    assert len(diagnosis.names) <= 3, diagnosis
    assert all(len(part.split()) <= 25 for part in diagnosis.sentence.split(". ")), diagnosis


def test_what_is_nan_throughout_looks_like_no_mistake_that_overflows():
    for case in CASES[:40]:
        diagnosis = diagnose(case, lambda case: np.full_like(loop(case).sequence, np.nan))
        assert (diagnosis.names, diagnosis.sentence) == (
            (),
            "Every output is NaN, on the failing case and on the probes.",
        )


@pytest.mark.deep
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("U transposed", "bias dropped"),
        ("b_U dropped", "initial state ignored"),
        ("time reversed", "units reversed"),
        ("relu for the activation", "features permuted"),
    ],
)
def test_two_planted_mistakes_are_named_together(one, other):
    edits = combined(BY_NAME[one].edits, BY_NAME[other].edits)

    def implementation(case):
        return run(case, edits)

    verdict = first_failure(
        implementation, lambda case: BY_NAME[one].applies(case) and BY_NAME[other].applies(case)
    )
    names = diagnose(verdict.case, implementation).names
    assert any({one, other} == set(pair.split(" + ")) for pair in names), names


@pytest.mark.slow
def test_what_is_no_known_mistake_is_described():
    def odd(case):
        outputs = loop(case)
        sequence = outputs.sequence.copy()
        sequence[:, 2:, 0] *= 3
        return Outputs(sequence, outputs.h_n)

    verdict = first_failure(
        odd,
        lambda case: (
            case.time > 3
            and case.config.num_layers == 1
            and case.mask is None
            and loop(case).sequence[:, 2:, 0].all()
        ),
    )
    diagnosis = diagnose(verdict.case, odd)
    assert diagnosis.names == ()
    assert diagnosis.sentence.startswith(
        "Matches no known mistake. Tried on 7 steps, 3 rows and 12 units: "
        "The first 2 steps are right, step 2 is the first wrong one"
    )
    assert "On this case wrong in unit 0 only, of " in diagnosis.sentence


def test_where_suspects_fit_it_tries_no_others():
    case = linear([1, 2, 4], go_backwards=True)
    wrong = BY_NAME["time reversed"].plant()
    assert diagnose(case, wrong).names == ("time reversed", "go_backwards ignored")
    suspects = {"go_backwards ignored", "U transposed"}
    assert diagnose(case, wrong, suspects).names == ("go_backwards ignored",)
    assert diagnose(case, wrong, {"U transposed"}) == diagnose(case, wrong)


def test_what_no_probe_shows_is_weighed_alone_where_it_gives_the_very_numbers(monkeypatch):
    """The probes are not as wide as their inputs, so that the mistake changes none of them."""
    weighed = []
    share = diagnosis._share
    monkeypatch.setattr(
        diagnosis, "_share", lambda one, *rest: weighed.append(one[0].name) or share(one, *rest)
    )
    case = linear([1, 2, 4], cell(2), cell(3), num_layers=2)
    wrong = BY_NAME["upper layers read the input"].plant()
    assert diagnose(case, wrong).names[0] == "upper layers read the input"
    assert len(weighed) <= 3


def test_what_is_right_when_called_again():
    diagnosis = diagnose(CASES[0], loop)
    sentence = "Called again, it is right: on the failing case and on the probes."
    assert (diagnosis.names, str(diagnosis)) == ((), sentence)


@pytest.mark.slow
def test_without_outputs_the_same_complaint_names_the_mistake():
    diagnosis = diagnose(CASES[0], lambda case: loop(case).sequence[:, :, :0])
    assert diagnosis.names == ()
    assert diagnosis.sentence.startswith("What it gives cannot be compared: its sequence has shape")
    for dtype in ("float16", "float32")[: 1 + (CASES[0].config.dtype == "float64")]:
        other = diagnose(CASES[0], lambda case: loop(case).sequence.astype(dtype))  # noqa: B023
        assert other.names == ("narrower dtype",)
    planted = diagnose(CASES[0], BY_NAME["NaN"].plant())
    assert planted.names == ("NaN",)


def test_a_notebook_that_remembers_what_it_gave_for_these_inputs_keeps_weights():
    last = {}

    def remembers(inputs, W, U, b):
        key = inputs.tobytes()
        if key not in last:
            h, outputs = np.zeros(len(b)), []
            for x in inputs:
                h = np.tanh(W @ x + U @ h + b)
                outputs.append(h)
            last.clear()
            last[key] = np.stack(outputs)
        return last[key].copy()

    run_it = from_notebook(remembers)
    (case,) = sample_cases(1, 2, **run_it.limits, cell="rnn", batch=1, time=4)
    assert judge(case, run_it).kind == "differs"
    assert diagnose(case, run_it).names == ("weights of an earlier call",)


def test_one_initial_state_for_all_layers_is_not_called_their_order_reversed():
    """On fewer layers both are alike: the whole exact probe tells them apart."""

    def first_for_all(case):
        h_0 = np.repeat(case.h_0[:1], len(case.h_0), axis=0)
        return run(replace(case, h_0=h_0)).sequence

    limits = {"num_layers": 3, "bidirectional": False, "go_backwards": False, "masks": False}
    (case,) = sample_cases(1, 3, cell="rnn", regimes="contracting", nonlinearity="tanh", **limits)
    assert judge(case, first_for_all).kind == "differs"
    assert diagnose(case, first_for_all).names == ("first layer's initial state for all",)


def test_a_layout_that_as_many_rows_as_steps_hide_is_said():
    (case,) = sample_cases(1, 2, cell="rnn", time=3, batch=3, num_layers=1, masks=False)
    diagnosis = diagnose(case, lambda case: loop(case).sequence.swapaxes(0, 1))
    assert diagnosis.names == ()
    assert diagnosis.sentence.startswith("On a case of other sizes its sequence has shape")
    assert "it looks like time-major" in diagnosis.sentence


def test_a_complaint_about_one_unit_alone_names_no_mistake_that_always_shows():
    def squeezes(inputs, W, U, b):
        h, outputs = np.zeros(len(b)), []
        for x in inputs:
            h = np.tanh(W @ x + U @ h + b)
            outputs.append(h)
        return np.stack(outputs).squeeze()

    run_it = from_notebook(squeezes)
    (case,) = sample_cases(1, 2, **run_it.limits, cell="rnn", hidden_size=1, time=4, batch=1)
    diagnosis = diagnose(case, run_it)
    assert diagnosis.names == ()
    assert diagnosis.sentence.startswith("What it gives cannot be compared: its sequence has shape")


def test_zeros_that_come_of_many_weights_are_no_weights_of_its_own():
    """relu gives 0 here without b_W, and 0 in the second call, where that is right."""
    case = linear([[[0, 0]]], cell([[0, 0]], [[1]], [1], [0]), nonlinearity="relu")
    assert diagnose(case, BY_NAME["b_W dropped"].plant()).names[0] == "b_W dropped"


def test_a_layer_with_weights_of_its_own_is_told_so_whatever_its_sizes():
    case = next(sample_cases(1, num_layers=1, hidden_size=9, input_size=5, bias=True))
    own = case.weights

    def trained(case):
        if case.config.hidden_size != 9:
            raise ValueError("shapes do not fit")
        return loop(replace(case, weights=own))

    verdict = judge(case, trained)
    assert verdict.kind == "differs"
    diagnosis = diagnose(verdict.case, trained)
    assert diagnosis.names == ()
    assert diagnosis.sentence.startswith("It does not read case.weights: for three sets of weights")
    assert "right for the case's" in diagnosis.sentence
    assert "check(case, function, fixed_weights=True)" in diagnosis.sentence


@pytest.mark.slow
def test_one_wrong_step_of_a_rounded_case_is_said_to_be_the_first():
    """Beyond the probes' length; each step has other bits than the loop's, and is right."""

    def step(now):
        (h,) = in_order(now, from_the_other_end).equation()
        h = np.array(h)
        if now.t == 30:
            h[0] *= h.dtype.type(1.01)
        return (h,)

    limits = {"dtype": "float32", "num_layers": 1, "nonlinearity": "tanh", "time": 40}
    limits |= {"bidirectional": False, "go_backwards": False, "masks": False, "hidden_size": 8}
    (case,) = sample_cases(1, 5, cell="rnn", regimes="contracting", **limits)
    sentence = diagnose(case, lambda case: run(case, Edits(step=step))).sentence
    assert "The first 30 steps are right, step 30 is the first wrong one" in sentence
    assert "precision" not in sentence


INSIDE = ("float16 inside", "TF32 inputs", "float32 inside")


def in_other_order(name):
    """A planted mistake whose sums have other bits than the loop's."""
    edits = edits_in_order(BY_NAME[name].edits, one_by_one)
    return lambda case: run(case, edits)


@pytest.mark.deep
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, kind) for name in INSIDE for kind in ("exact", "rounded")),
        *(("weights a thousandth too large", kind) for kind in ("rounded", "exact")),
    ],
)
def test_the_precision_of_an_lstm_is_named_in_any_order_of_sums(name, kind):
    """Its c is enclosed, and rounded as it is; what one order of sums loses another may keep."""
    wrong, regimes = in_other_order(name), {"exact": EXACT_REGIMES, "rounded": "contracting"}
    cases = sample_cases(400, cell="lstm", time=(2, 9), hidden_size=(2, 9), regimes=regimes[kind])
    each = (judge(case, wrong, calls=1) for case in cases if BY_NAME[name].applies(case))
    verdict = next(one for one in each if one.kind == "differs")
    assert diagnose(verdict.case, wrong).names == (name,)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["U transposed", "bias dropped", "state dropped"])
@pytest.mark.parametrize("cell", BY_CELL)
def test_what_takes_all_layers_alone_is_named_in_any_order_of_sums(cell, name):
    """Its lower layers are not known; the highest one's states are."""
    planted = in_other_order(name)

    def of_two(case):
        if case.config.num_layers != 2:
            raise Unsupported("it has two layers")
        return planted(case).sequence

    limits = {"num_layers": 2, "time": (4, 8), "hidden_size": (2, 6), "regimes": "contracting"}
    cases = filter(BY_NAME[name].applies, sample_cases(40, 2, cell=cell, masks=False, **limits))
    verdict = next(one for one in (judge(case, of_two) for case in cases) if one.wrong)
    assert name in diagnose(verdict.case, of_two).names


def test_the_first_layer_alone_is_named_in_any_order_of_sums():
    wrong = in_other_order("only the first layer")
    (case,) = sample_cases(1, 3, cell="rnn", num_layers=3, regimes="contracting", hidden_size=5)
    assert diagnose(case, wrong).names == ("only the first layer",)


@pytest.mark.slow
def test_a_first_layer_that_is_wrong_itself_is_not_called_the_first_layer():
    both = combined(BY_NAME["only the first layer"].edits, BY_NAME["bias dropped"].edits)
    (case,) = sample_cases(
        1, 3, cell="rnn", num_layers=2, bias=True, regimes="contracting", hidden_size=5
    )
    names = diagnose(case, lambda case: run(case, both)).names
    assert names != ("only the first layer",)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("regime", "nonlinearity"), [("mantissa", "linear"), ("contracting", "tanh")]
)
def test_single_precision_is_named_in_any_order_of_sums(regime, nonlinearity):
    """On exact cases its sums may lose all their bits, so that no enclosure is narrow."""
    limits = {"cell": "rnn", "dtype": "float64", "nonlinearity": nonlinearity, "regimes": regime}
    (case,) = sample_cases(1, 3, **limits, time=9, hidden_size=5, input_size=7)
    assert diagnose(case, in_other_order("float32 inside")).names == ("float32 inside",)


@pytest.mark.slow
@pytest.mark.parametrize("least", [1e-6, 1e-10])
def test_what_loses_tiny_numbers_is_not_called_a_formula_that_loses_small_ones(least):
    """On a case of tiny numbers both give zeros; an exact probe that is right tells no two."""

    def flushes(inputs, W, U, b):
        h, outputs = np.zeros(len(b)), []
        for x in inputs:
            h = np.tanh(W @ x + U @ h + b)
            h = np.where(np.abs(h) < least, 0, h)
            outputs.append(h)
        return np.stack(outputs)

    run_it = from_notebook(flushes)
    tiny = (case for case in sample_cases(400, regimes="tiny", cell="rnn", **run_it.limits))
    verdict = next(filter(lambda one: one.kind == "differs", (judge(c, run_it) for c in tiny)))
    assert diagnose(verdict.case, run_it).names == ()


@pytest.mark.slow
def test_another_size_of_the_outputs_is_no_layout():
    """A trained layer has its own number of units, whatever the case."""

    def five_units(case):
        outputs = loop(case).sequence
        return -outputs if case.config.hidden_size == 5 else outputs[:, :, :5]

    (case,) = sample_cases(1, 2, cell="rnn", hidden_size=5, num_layers=1, bidirectional=False)
    assert "other sizes" not in diagnose(case, five_units).sentence


@pytest.mark.slow
def test_a_probe_whose_sums_cancel_hides_no_mistake():
    """What one order of sums makes of what nearly cancels tells nothing of another."""
    wrong = in_other_order("weights a thousandth too large")
    limits = {"cell": "gru", "num_layers": 3, "hidden_size": 3, "dtype": "float64"}
    cases = sample_cases(2, input_size=3, time=2, batch=2, regimes="contracting", **limits)
    assert [diagnose(case, wrong).names for case in cases if judge(case, wrong).wrong] == [
        ("weights a thousandth too large",)
    ] * 2


def own_sigmoid(z):
    return 1 / (1 + np.exp(-z))


def own_tanh(z):
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


def test_a_tanh_that_loses_digits_where_c_is_small_is_not_called_a_clip_of_c():
    def lstm(inputs, W, U, b):
        h, c, outputs = np.zeros(U.shape[1]), np.zeros(U.shape[1]), []
        for x in inputs:
            i, f, g, o = np.split(W @ x + U @ h + b, 4)
            c = own_sigmoid(f) * c + own_sigmoid(i) * np.tanh(g)
            h = own_sigmoid(o) * own_tanh(c)
            outputs.append(h)
        return np.stack(outputs)

    weights = CellWeights(np.zeros((4, 1)), np.zeros((4, 1)), np.array([-6.0, 0, 1, 0]))
    config = Config(1, 1, cell="lstm", dtype="float64")
    verdict = judge(Case(config, (weights,), np.zeros((1, 1, 1))), from_notebook(lstm))
    assert verdict.kind == "differs"
    assert "c clipped" not in explain(verdict, from_notebook(lstm)).names


def test_what_one_probe_hides_at_first_is_not_said_to_be_right_at_first():
    def negated(case):
        signs = np.repeat([1, 1, -1], case.config.hidden_size).astype(case.config.dtype)
        return run(replace(case, weights=[replace(c, b_U=c.b_U * signs) for c in case.weights]))

    limits = {"num_layers": 1, "bidirectional": False, "masks": False, "dtype": "float32"}
    case = next(sample_cases(1, cell="gru", reset_after=True, bias=True, **limits))
    assert judge(case, negated).kind == "differs"
    sentence = diagnose(case, negated).sentence
    assert sentence.startswith("Matches no known mistake. ")
    assert "The first step is wrong already" in sentence
