"""Cases of gated cells: exact ones are exact at any length, and every regime is what it says."""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.draw.limits import EXACT_REGIMES, GATED
from harness.judge.certificate import certify
from harness.judge.judge import judge
from references.case import CellWeights
from references.numpy_rnn import run

EXACT = [(cell, regime) for cell in GATED for regime in EXACT_REGIMES]


@pytest.mark.slow
@pytest.mark.parametrize("regime", EXACT_REGIMES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_c_stays_exact_at_any_length_and_more_than_half_of_h(regime, dtype):
    exact = outputs = c_exact = c_all = 0
    limits = {"cell": "lstm", "regimes": regime, "dtype": dtype, "bias": True, "masks": False}
    limits |= {"hidden_size": (1, 24), "input_size": (1, 24)}
    with np.errstate(all="ignore"):
        for case in sample_cases(6, time=(1, 300), num_layers=(1, 2), **limits):
            for one in certify(case, run(case).layers):
                exact += np.count_nonzero(one.enclosure.radius == 0)
                outputs += one.enclosure.radius.size
                c_exact += np.count_nonzero(one.c_n.radius == 0)
                c_all += one.c_n.radius.size
    assert exact > outputs / 2
    assert c_exact == c_all


def test_c_of_an_exact_case_is_not_only_zeros():
    values = set()
    for case in sample_cases(20, cell="lstm", regimes="ternary", time=(5, 40)):
        values |= set(run(case).c_n.ravel().tolist())
    assert len(values) > 100
    assert max(values) > 64


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "regime"), EXACT)
def test_an_exact_case_sees_one_bit_of_a_weight_that_matters(cell, regime):
    """Half a unit in the last place of a bias that decides a gate flips nothing, but a sign
    does.
    """
    caught = 0
    for case in sample_cases(20, cell=cell, regimes=regime, time=(5, 20), bias=True):
        first = case.weights[0]
        flipped = CellWeights(first.W, -first.U, first.b_W, first.b_U)
        other = type(case)(
            *(case.config, (flipped, *case.weights[1:]), case.inputs, case.h_0, case.mask),
            *(case.masked_output,),
            c_0=case.c_0,
        )
        outputs = run(other)
        caught += judge(case, lambda _, outputs=outputs: outputs, calls=1).kind == "differs"
    assert caught >= 15


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "share"), [("gru", 0.3), ("lstm", 0.6)])
def test_integers_of_the_whole_mantissa_show_the_last_bit_of_a_weight(cell, share):
    """Any weight of W that is not 0, but for those of z and f, which bits never decide."""
    generator, caught = np.random.default_rng(0), []
    limits = {"cell": cell, "input_size": (4, 16), "bias": True, "masks": False}
    limits["hidden_size"] = (1, 24)
    for case in sample_cases(40, 1, regimes="mantissa", time=20, batch=4, **limits):
        first, H = case.weights[0], case.config.hidden_size
        places = np.argwhere(first.W)
        places = places[places[:, 0] // H != 1]
        place, W = tuple(places[generator.integers(len(places))]), first.W.copy()
        W[place] = np.nextafter(W[place], 0)
        other = replace(case, weights=(replace(first, W=W), *case.weights[1:]), origin="")
        outputs = run(other)
        caught.append(judge(case, lambda _, outputs=outputs: outputs, calls=1).kind == "differs")
    assert np.mean(caught) > share


@pytest.mark.slow
@pytest.mark.parametrize("cell", GATED)
def test_reduced_precision_is_seen_on_integers_of_the_whole_mantissa(cell):
    def rounded(array):
        """To bfloat16."""
        bits = array.astype("float32").view(np.uint32)
        return ((bits + 0x8000) & 0xFFFF0000).view(np.float32)

    caught = 0
    limits = {"cell": cell, "regimes": "mantissa", "dtype": "float32", "input_size": (2, 8)}
    for case in sample_cases(20, time=(5, 20), masks=False, **limits):
        other = type(case)(
            *(case.config, case.weights, rounded(case.inputs), case.h_0), c_0=case.c_0
        )
        outputs = run(other)
        caught += judge(case, lambda _, outputs=outputs: outputs, calls=1).kind == "differs"
    assert caught >= 18


@pytest.mark.slow
def test_all_that_a_case_can_have_is_drawn_with_each_cell():
    kinds = set()
    for case in sample_cases(400, cell=("rnn", "gru", "lstm"), time=(1, 3), hidden_size=(1, 3)):
        config = case.config
        kinds |= {
            (config.cell, name)
            for name, holds in {
                "mask": case.mask is not None,
                "no bias": not config.bias,
                "layers": config.num_layers > 1,
                "directions": config.bidirectional,
                "backwards": config.go_backwards,
                "float64": config.dtype == "float64",
                "h_0": bool(case.h_0.any()),
                "c_0": case.c_0 is not None and bool(case.c_0.any()),
                "reset before": not config.reset_after,
                "relu": config.nonlinearity == "relu",
            }.items()
            if holds
        }
    everywhere = 7
    assert len(kinds) == 3 * everywhere + 3
    assert {("lstm", "c_0"), ("gru", "reset before"), ("rnn", "relu")} <= kinds


@pytest.mark.slow
@pytest.mark.parametrize("cell", GATED)
def test_the_loop_agrees_on_cases_of_every_regime(cell):
    sizes = {"time": (1, 20), "hidden_size": (1, 24)}
    for case in sample_cases(40, 2, cell=cell, **sizes):
        assert judge(case, run, calls=1).kind == "agrees"
