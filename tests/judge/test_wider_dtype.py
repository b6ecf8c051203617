"""Right values in float64 for a float32 case: each way of mixing agrees, and no mistake hides."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from harness import Mismatch, check, sample_cases
from harness.judge.bounds.precision import DOUBLE, PRECISIONS, SINGLE, precision_of
from harness.judge.certificate import certify
from harness.judge.judge import judge
from references import installed, load, numpy_rnn
from references.case import Case, Outputs
from references.cells.activations import ACTIVATIONS
from references.cells.walk import Moment, Pass, States, layers, recur

Array = np.ndarray
ALL = {"dtype": "float32"}


def walk(step: Callable[[Moment], Array], case: Case, start: Any = np.float64) -> Outputs:
    """The loop with this step; the state begins in the dtype `start`."""

    def along_time(part: Pass) -> tuple[Array, States]:
        def one(moment: Moment) -> tuple[Array, States]:
            new = (step(moment),)
            return new[0], moment.hold(new)

        initial = tuple(state.astype(start) for state in part.initial)
        return recur(one, part._replace(initial=initial))

    with np.errstate(all="ignore"):
        return layers(case, along_time)


def activation(moment: Moment, z: Array) -> Array:
    return ACTIVATIONS[moment.part.case.config.nonlinearity](z)


def float64_state(moment: Moment) -> Array:
    """What NumPy makes of float32 weights and a state of np.zeros."""
    w = moment.weights
    b = (w.b_W + w.b_U)[:, np.newaxis]
    return activation(moment, np.dot(w.W, moment.input_t) + np.dot(w.U, moment.state_t) + b)


def all_in_float64(moment: Moment) -> Array:
    w = moment.weights
    W, U, b_W, b_U = (a.astype(np.float64) for a in (w.W, w.U, w.b_W, w.b_U))
    z = W @ moment.input_t.astype(np.float64) + U @ moment.state_t
    return activation(moment, z + b_W[:, np.newaxis] + b_U[:, np.newaxis])


def float32_products(moment: Moment) -> Array:
    """Both products in float32, from a state that is rounded before its use; a float64 result."""
    w = moment.weights
    x, h = (a.astype(np.float32) for a in (moment.input_t, moment.state_t))
    z = (w.W @ x).astype(np.float64) + w.U @ h + (w.b_W + w.b_U)[:, np.newaxis]
    return activation(moment, z)


def float32_step(moment: Moment) -> Array:
    """A step all in float32, from a state that is rounded before its use, in a float64 buffer."""
    x, h = (a.astype(np.float32) for a in (moment.input_t, moment.state_t))
    (output,) = moment._replace(input_t=x, states=(h,)).equation()
    return np.asarray(output, np.float64)


MIXES = (float64_state, all_in_float64, float32_products, float32_step)


@pytest.mark.slow
@pytest.mark.parametrize("step", MIXES)
def test_each_way_of_mixing_agrees(step: Any) -> None:
    wider = 0
    for case in sample_cases(100, 5, **ALL):
        verdict = judge(case, partial(walk, step), calls=1)
        assert verdict.kind in ("agrees", "inconclusive"), verdict
        wider += verdict.wider
    assert wider == 100


@pytest.mark.slow
@pytest.mark.parametrize("step", MIXES)
def test_each_way_agrees_where_float32_underflows_and_float64_does_not(step: Any) -> None:
    """The sigmoid of -200 is 0 in float32 and 1e-87 in float64."""
    for regimes in ("saturated", "large", "tiny"):
        for case in sample_cases(20, 5, **ALL, nonlinearity="sigmoid", regimes=regimes):
            verdict = judge(case, partial(walk, step), calls=1)
            assert verdict.kind in ("agrees", "inconclusive"), verdict


def test_a_state_that_is_rounded_before_its_use_has_room_for_that_rounding() -> None:
    """One unit of one input: W x, U h and two biases are four roundings, and the state's one
    more.
    """
    one = {"hidden_size": 1, "input_size": 1, "num_layers": 1, "bidirectional": False}
    limits = {**ALL, **one, "nonlinearity": "linear", "masks": False, "regimes": "contracting"}
    (case,) = sample_cases(1, 2, **limits)
    observed = load("numpy")(case).sequence
    narrow, wide = (certify(case, [a])[0].enclosure for a in (observed, observed.astype(float)))
    assert np.array_equal(narrow.centre, wide.centre)
    # gamma_5 / gamma_4. What is wider is bounded in float64, which rounds less than float32 does.
    ratio = wide.radius / narrow.radius
    assert (np.abs(ratio - 5 / 4) < 2.0**-18).all()


def test_the_room_is_there_where_a_value_is_wider_alone() -> None:
    narrow, wide = np.zeros(1, np.float32), np.zeros(1)
    assert precision_of("float32", [narrow]) is PRECISIONS["float32"]
    assert precision_of("float64", [wide]) is PRECISIONS["float64"]
    assert precision_of("float32", [narrow, wide]).casts == 1
    assert precision_of("float32", [narrow, wide]).bounds is DOUBLE
    assert precision_of("float32", [narrow], 1e-6).bounds is SINGLE


def float64_of(case: Case) -> Case:
    cells = tuple(
        replace(cell, **{name: a.astype(np.float64) for name, a in cell.arrays().items()})
        for cell in case.weights
    )
    h_0, inputs = case.h_0.astype(np.float64), case.inputs.astype(np.float64)
    config = replace(case.config, dtype="float64")
    return replace(case, config=config, weights=cells, inputs=inputs, h_0=h_0)


WRONG: dict[str, Callable[[Moment], Array]] = {
    "U transposed": lambda m: activation(
        m, m.weights.W @ m.input_t + m.weights.U.T @ m.state_t + m.weights.b_W[:, np.newaxis]
    ),
    "float16 inside": lambda m: float64_state(m).astype(np.float16).astype(np.float64),
    "the last bit of float32": lambda m: float64_state(m) * (1 + 2.0**-23),
    "an exact value off by one bit of float64": lambda m: np.nextafter(float64_state(m), 9),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_value_differs_in_a_wider_dtype_too(wrong: str) -> None:
    regimes = "contracting" if wrong == "float16 inside" else ("ternary", "mantissa")
    cases = list(sample_cases(30, 7, **ALL, regimes=regimes, hidden_size=(2, 64)))
    kinds = [judge(case, partial(walk, WRONG[wrong]), calls=1).kind for case in cases]
    assert kinds.count("differs") >= 25, kinds


def test_an_exact_value_is_judged_before_it_is_rounded() -> None:
    """2^-40 off is right when rounded to float32, and wrong."""
    (case,) = sample_cases(1, 1, **ALL, regimes="ternary", num_layers=1, bidirectional=False)

    def wide(case: Case) -> Array:
        return load("numpy")(case).sequence.astype(np.float64)

    assert check(case, wide).wider
    with pytest.raises(Mismatch) as raised:
        check(case, lambda case: wide(case) * (1 + 2.0**-40))
    assert raised.value.verdict.first.allowed == 0


def pair(case: Case, one: type, other: type) -> tuple[Array, Array]:
    outputs = walk(float64_state, case)
    assert outputs.h_n is not None
    return outputs.sequence.astype(one), outputs.h_n.astype(other)


@pytest.mark.parametrize(
    ("one", "other", "wider"),
    [
        (np.float32, np.float64, True),
        (np.float64, np.float32, True),
        (np.float64, np.float64, True),
        (np.float32, np.float32, False),
    ],
)
def test_the_final_state_is_the_last_output_in_the_narrower_dtype_of_both(
    one: type, other: type, wider: bool
) -> None:
    limits = {"num_layers": 1, "bidirectional": False, "regimes": "contracting"}
    for case in sample_cases(20, 8, **ALL, **limits):
        verdict = check(case, partial(pair, one=one, other=other))
        assert verdict.wider is wider
        sequence, h_n = pair(case, one, other)
        wrong = (sequence, h_n * other(1 + 2.0**-20))
        verdict = judge(case, lambda _, wrong=wrong: wrong, calls=1)
        assert verdict.reason.startswith("h_n[0, ") or not h_n.any()


def test_a_layers_own_sequences_may_be_wider_beside_a_narrow_one() -> None:
    (case,) = sample_cases(1, 9, **ALL, num_layers=2, masks=False)

    def mixed(case: Case) -> Outputs:
        outputs = walk(float64_state, case)
        assert outputs.layers is not None
        both = (outputs.layers[0], outputs.layers[1].astype(np.float32))
        return Outputs(both[1], None, both)

    assert check(case, mixed).wider


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float16", "int64", "complex128", "longdouble"])
def test_a_narrower_dtype_or_another_kind_differs(dtype: str) -> None:
    (case,) = sample_cases(1, 1, **ALL)
    with pytest.raises(Mismatch, match=r"has dtype \w+, expected float32"):
        check(case, lambda case: load("numpy")(case).sequence.astype(dtype))


@pytest.mark.slow
def test_float64_cases_take_no_other_dtype() -> None:
    (case,) = sample_cases(1, 1, dtype="float64")
    for dtype in ("float32", "longdouble"):
        with pytest.raises(Mismatch, match="expected float64"):
            check(case, lambda case, dtype=dtype: load("numpy")(case).sequence.astype(dtype))


@pytest.mark.slow
def test_what_has_to_give_the_cases_dtype_exactly_differs() -> None:
    """As every reference and variant does."""
    (case,) = sample_cases(1, 1, **ALL)

    def run(case: Case) -> Array:
        return load("numpy")(case).sequence.astype(np.float64)

    assert check(case, run).wider
    run.exact_dtype = True  # type: ignore[attr-defined]
    with pytest.raises(Mismatch, match="its sequence has dtype float64, expected float32"):
        check(case, run)


def test_all_that_load_gives_has_to_give_the_cases_dtype_exactly() -> None:
    (case,) = sample_cases(1, 1, **ALL)
    assert load("numpy").exact_dtype  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numpy_rnn, "run", lambda case: walk(float64_state, case))
        assert judge(case, load("numpy")).reason.endswith("has dtype float64, expected float32")


@pytest.mark.framework
@pytest.mark.parametrize("name", ["torch", "torch/packed", "keras", "keras/graph"])
def test_every_framework_and_variant_too(name: str) -> None:
    if name.partition("/")[0] not in installed():
        pytest.skip(f"{name} is not installed")
    assert load(name).exact_dtype  # type: ignore[attr-defined]


def test_the_verdict_says_what_is_wider_and_how_to_fix_it() -> None:
    (case,) = sample_cases(1, 1, **ALL)
    text = str(check(case, partial(walk, float64_state)))
    assert "  note        it gives float64 for float32. To fix it: make buffers in" in text
    assert "note" not in str(check(case, load("numpy")))


def test_float64_throughout_is_judged_like_its_own_case_but_with_float32s_bounds() -> None:
    for case in sample_cases(20, 10, **ALL, regimes="contracting"):
        assert check(case, lambda case: load("numpy")(float64_of(case))).wider
