"""all_layers: a model that does not follow the case's layers is never judged by their runs."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from harness.draw.generate import sample_cases
from harness.judge.all_layers import all_layers
from harness.judge.calls.observe import LeftBehind, observe
from harness.judge.judge import judge
from references.cells import CELLS
from references.numpy_rnn import run
from references.unsupported import Unsupported

LIMITS = {
    "num_layers": 2, "hidden_size": 6, "input_size": (2, 6), "time": (3, 8),
    "regimes": "contracting", "masks": False, "bias": True,
}  # fmt: skip
GIVES_ALL = "on its first 1 of 2 layers it gives what it gives on all"


def trained(own):
    """A model with layers and weights of its own, which takes and gives a sequence alone."""
    return lambda case: run(replace(own, inputs=case.inputs)).sequence


def with_states(own):
    def model(case):
        outputs = run(replace(own, inputs=case.inputs))
        return outputs.sequence, outputs.h_n

    return model


def that_takes_states(own):
    return lambda case: run(replace(own, inputs=case.inputs, h_0=case.h_0, c_0=case.c_0)).sequence


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    ("model", "why"),
    [
        (trained, GIVES_ALL),
        (with_states, "on the case cut to its first 1 of 2 layers its h_n has shape"),
        (that_takes_states, "on the case cut to its first 1 of 2 layers it raised ValueError"),
    ],
)
def test_a_right_model_with_layers_of_its_own_is_never_wrong(cell, model, why):
    kinds = set()
    for case in sample_cases(6, cell=cell, **LIMITS):
        verdict = judge(case, model(case), calls=1)
        kinds.add(verdict.kind)
        assert f"lower layers were bounded, not observed ({why}" in verdict.reason
        assert verdict.reason.endswith(": Outputs.layers gives narrower bounds")
    assert kinds <= {"agrees", "inconclusive"}
    assert "agrees" in kinds


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layer", [0, 1])
def test_a_wrong_one_differs(cell, layer):
    kinds = []
    for case in sample_cases(6, cell=cell, **LIMITS):
        D = case.config.num_directions
        cells = [*case.weights]
        cells[layer * D] = replace(cells[layer * D], b_W=cells[layer * D].b_W + np.float32(0.25))
        kinds.append(judge(case, trained(replace(case, weights=tuple(cells))), calls=1).kind)
    assert set(kinds) <= {"differs", "inconclusive"}
    assert kinds.count("differs") > len(kinds) // 2


def on_all_layers_alone(case, model, error=ValueError):
    """The model, which raises an error on fewer layers than the case has."""

    def run_or_raise(own):
        if own.config != case.config:
            raise error("fewer layers")
        return model(own)

    return run_or_raise


@pytest.mark.parametrize("state", ["h_n", "c_n"])
def test_returned_states_of_lower_layers_are_judged(state):
    def model(case):
        outputs = run(case)
        states = {"h_n": outputs.h_n.copy(), "c_n": outputs.c_n.copy()}
        states[state][-1 if state == "c_n" else 0] += np.float32(0.01)
        return outputs.sequence, tuple(states.values())

    for case in sample_cases(6, cell="lstm", **LIMITS):
        verdict = judge(case, on_all_layers_alone(case, model), calls=1)
        assert verdict.kind in ("differs", "inconclusive")
        assert verdict.kind == "inconclusive" or verdict.first.layer == (state == "c_n")
        assert not verdict.c_n_checked


@pytest.mark.parametrize("cell", CELLS)
def test_final_states_of_lower_layers_in_the_wrong_place_differ(cell):
    """One layer is right: only the whole case shows them, where h_n is another than on fewer."""

    def model(case):
        outputs = run(case)
        h_n = outputs.h_n[::-1].copy() if case.config.num_layers > 1 else outputs.h_n
        return outputs.sequence, h_n

    limits = LIMITS | {"time": (1, 4)}
    kinds = [judge(case, model, calls=1).kind for case in sample_cases(6, cell=cell, **limits)]
    assert set(kinds) <= {"differs", "inconclusive"}
    assert "differs" in kinds


def test_layers_that_are_alike_because_they_are_right_are_runs():
    """relu gives zeros: the first layer's run equals the whole model's, and both are right."""
    for case in sample_cases(3, nonlinearity="relu", initial_states=False, **LIMITS):
        cells = tuple(
            replace(cell, b_W=cell.b_W * 0 - 1, b_U=cell.b_U * 0) for cell in case.weights
        )
        zeros = replace(case, inputs=case.inputs * 0, weights=cells)
        layers = all_layers(zeros, lambda own: run(own).sequence, run(zeros))
        assert layers.enclosed == ""
        plain = lambda own: run(own).sequence  # noqa: E731
        assert judge(zeros, plain).reason.endswith("had to be equal, and are")


def test_a_wrong_model_that_runs_one_layer_for_all_differs():
    for case in sample_cases(6, **{**LIMITS, "input_size": 6, "bidirectional": False}):
        assert judge(case, lambda own: run(own.first_layers(1)).sequence).kind == "differs"


def test_what_leaves_something_behind_on_fewer_layers_is_not_enclosed():
    (case,) = sample_cases(1, **LIMITS)
    alone = on_all_layers_alone(case, lambda own: run(own).sequence, LeftBehind)
    verdict = judge(case, alone, calls=1)
    reason = "on the case cut to its first 1 of 2 layers: fewer layers"
    assert (verdict.kind, verdict.reason) == ("crashed", reason)


@pytest.mark.parametrize("cell", CELLS)
def test_what_refuses_fewer_layers_is_judged_on_all(cell):
    """It is right, or not: only wide bounds of the lower layers leave that open."""

    kinds = Counter()
    for case in sample_cases(6, cell=cell, **LIMITS | {"time": (1, 4)}):
        right = on_all_layers_alone(case, lambda own: run(own).sequence, Unsupported)
        wrong = on_all_layers_alone(case, lambda own: -run(own).sequence, Unsupported)
        verdict = judge(case, right, calls=1)
        assert "its first 1 of 2 layers it refused: fewer layers" in verdict.reason
        kinds[verdict.kind] += 1
        kinds["wrong " + judge(case, wrong, calls=1).kind] += 1
    assert kinds["agrees"] > 3
    assert kinds["wrong differs"] > 3
    assert set(kinds) <= {"agrees", "inconclusive", "wrong differs", "wrong inconclusive"}


def test_runs_on_fewer_layers_are_what_counts_where_they_follow_the_case():
    for case in sample_cases(3, **LIMITS):
        whole = observe(case, run).outputs
        layers = all_layers(case, lambda own: run(own).sequence, replace(whole, layers=None))
        assert layers.enclosed == ""
        for layer, expected in zip(layers.sequences, whole.layers, strict=True):
            assert np.array_equal(layer, expected)


def test_nan_throughout_is_said_in_the_words_of_one_layer():
    (case,) = sample_cases(1, **LIMITS)
    verdict = judge(case, lambda case: np.full_like(run(case).sequence, np.nan), calls=1)
    assert verdict.kind == "differs"
    assert verdict.first.layer == 0
    assert "bounded" not in verdict.reason


def test_bits_that_depend_on_the_number_of_layers_are_no_mistake():
    """Chaos drives them apart; where h_n is given, it shows that they are others."""

    def by_count(case):
        outputs = run(case)
        if case.config.num_layers == 1:
            weights = [replace(cell, W=cell.W[::-1]) for cell in case.weights]
            weights = [replace(cell, U=cell.U[::-1, ::-1]) for cell in weights]
            weights = [replace(c, b_W=c.b_W[::-1], b_U=c.b_U[::-1]) for c in weights]
            other = run(replace(case, weights=tuple(weights), h_0=case.h_0[..., ::-1]))
            return other.sequence[..., ::-1].copy()  # the same sums, in another order
        return outputs.sequence

    limits = {"num_layers": 2, "bidirectional": False, "nonlinearity": "tanh", "time": 40}
    cases = sample_cases(30, 2, cell="rnn", regimes="chaotic", dtype="float32", **limits)
    kinds = Counter(judge(case, by_count, calls=1).kind for case in cases)
    assert kinds["inconclusive"] > 0
    assert not kinds["differs"]

    def wrong(case):
        return by_count(case) * np.float32(1 + 2.0**-8 * (case.config.num_layers > 1))

    (case,) = sample_cases(1, 2, cell="rnn", regimes="contracting", dtype="float32", **limits)
    assert judge(case, wrong, calls=1).kind == "differs"
