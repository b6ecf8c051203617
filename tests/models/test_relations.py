from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.models.relations import relations
from references.case import CellWeights
from references.layer import Layer

TORCH = {"W": "weight_ih_l0", "U": "weight_hh_l0", "b_W": "bias_ih_l0", "b_U": "bias_hh_l0"}
KERAS = {"W": "kernel", "U": "recurrent_kernel", "b_W": "bias", "b_U": "bias"}
SIZES = {"num_layers": 1, "bidirectional": False, "bias": True, "regimes": "contracting"}


def layers(cell="lstm", dtype="float32"):
    """The same weights as torch has them, and as Keras does: one bias, the sum."""
    (case,) = sample_cases(1, 2, cell=cell, dtype=dtype, hidden_size=3, input_size=2, **SIZES)
    (own,) = case.weights
    own = replace(own, b_U=own.b_W * np.resize([1 / 3, 3], own.b_W.shape).astype(dtype))
    a = Layer("", case.config, (own,), "torch", (TORCH,))
    folded = CellWeights(own.W, own.U, own.b_W + own.b_U)
    return a, Layer("", case.config, (folded,), "keras", (KERAS,))


def words(a, b):
    return {f"{row.a}, {row.b}": (row.words, row.holds) for row in relations(a, b)}


def but(layer, **arrays):
    return layer._replace(weights=(replace(layer.weights[0], **arrays),))


def test_layouts_and_a_folded_bias_hold():
    a, b = layers()
    bias = a.weights[0]
    exact = bias.b_W.astype("f8") + bias.b_U.astype("f8") == (bias.b_W + bias.b_U).astype("f8")
    rounded = int((~exact).sum())
    assert 0 < rounded < 12
    fold = f"folded: rounded once in {rounded} of 12 entries"
    assert words(a, b) == {
        "weight_ih_l0, kernel": ("equal after transposing", True),
        "weight_hh_l0, recurrent_kernel": ("equal after transposing", True),
        "bias_ih_l0 + bias_hh_l0, bias": (fold, True),
    }
    assert {row.a for row in relations(b, a)} == {"kernel", "recurrent_kernel", "bias"}
    assert all(row.holds for row in relations(b, a))


def test_gates_in_another_order_and_two_biases_hold():
    a, _ = layers("gru")
    names = {"W": "kernel", "U": "recurrent_kernel", "b_W": "bias[0]", "b_U": "bias[1]"}
    rows = words(a, a._replace(framework="keras", names=(names,)))
    assert rows["weight_ih_l0, kernel"] == ("equal after transposing and reordering gates", True)
    assert rows["bias_hh_l0, bias[1]"] == ("equal after reordering gates", True)
    assert words(a, a)["weight_ih_l0, weight_ih_l0"] == ("equal", True)


@pytest.mark.parametrize("side", ["A", "B"])
def test_a_bias_that_is_left_out_is_one_of_zeros(side):
    a, _ = layers()
    none = a._replace(
        config=replace(a.config, bias=False),
        weights=(CellWeights(a.weights[0].W, a.weights[0].U),),
        names=({"W": "W", "U": "U"},),
    )
    zeros = but(a, b_W=np.zeros(12, "f4"), b_U=np.zeros(12, "f4"))
    pairs = {"A": (none, zeros), "B": (zeros, none)}
    assert relations(*pairs[side])[-1][3:] == (f"zeros, and {side} has none", True)
    for some in (a, but(zeros, b_W=a.weights[0].b_W), but(zeros, b_U=a.weights[0].b_U)):
        pairs = {"A": (none, some), "B": (some, none)}
        assert relations(*pairs[side])[-1][3:] == (f"{side} has none", False)
    assert len(relations(none, none)) == 2


def test_one_bias_of_two_that_is_dropped_is_named():
    a, b = layers()
    assert relations(a, but(b, b_W=a.weights[0].b_W))[-1][3:] == ("B has the first alone", False)
    assert relations(a, but(b, b_W=a.weights[0].b_U))[-1][3:] == ("B has the second alone", False)


def test_one_wrong_entry_does_not_hold():
    a, b = layers()
    for name in ("W", "U", "b_W"):
        array = getattr(b.weights[0], name).copy()
        array.flat[0] = np.nextafter(array.flat[0], np.inf)
        rows = relations(a, but(b, **{name: array}))
        assert sum(not row.holds for row in rows) == 1, name


def test_another_dtype_of_equal_values_is_said():
    a, _ = layers()
    wide = a._replace(
        config=replace(a.config, dtype="float64"),
        weights=(CellWeights(*(w.astype("f8") for w in a.weights[0].arrays().values())),),
    )
    assert relations(a, wide)[0].words == "equal, in float32 and float64"
    narrow = but(wide, U=np.nextafter(wide.weights[0].U, 9))
    assert relations(narrow, a)[1].words == "B has A's, rounded to float32"


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_two_biases_of_which_one_holds_the_sum_hold_where_a_gate_adds_both(cell):
    a, _ = layers(cell)
    (own,) = a.weights
    sums, rest = own.b_W + own.b_U, 0 * own.b_U
    whole = words(a, but(a, b_W=sums, b_U=rest))
    if cell != "gru":
        (relation,) = (row for name, row in whole.items() if "bias" in name)
        assert relation[1]
        assert relation[0].startswith("folded: rounded once in ")
        return
    assert not any(holds for name, (_, holds) in whole.items() if "bias" in name)
    gate_n = slice(6, None)  # which a reset comes between
    sums[gate_n], rest[gate_n] = own.b_W[gate_n], own.b_U[gate_n]
    assert all(holds for _, holds in words(a, but(a, b_W=sums, b_U=rest)).values())


@pytest.mark.parametrize("names", [KERAS, {"W": "W", "U": "U", "b_W": "b"}])
def test_one_bias_for_two_does_not_hold_where_a_reset_stands_between(names):
    a, b = layers("gru")
    summed = b._replace(framework="", names=(names,))
    where = "at gate n, too, where the reset acts on the second alone"
    assert relations(a, summed)[-1][3:] == (f"B has the sum of both {where}", False)
    assert relations(summed, a)[-1][3:] == (f"A has the sum of both {where}", False)
    second = a.weights[0].b_U.copy()
    second[6:] = 0  # n comes last of r, z, n
    alike = but(a, b_U=second)
    one = but(summed, b_W=alike.weights[0].b_W + second)
    assert relations(alike, one)[-1].words.startswith("folded: rounded once in ")
    before = [layer._replace(config=replace(a.config, reset_after=False)) for layer in (a, summed)]
    assert all(row.holds for row in relations(*before))
