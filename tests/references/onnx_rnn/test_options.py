"""What a way of writing or running a node cannot compute is refused by name."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("onnx")
from references import Unsupported
from references.onnx_rnn.options import Options, lengths_of, refuse
from tests.references.combinations import computable, pairs
from tests.references.gated import gated_case
from tests.references.onnx_rnn.values import VALUES

pytestmark = pytest.mark.framework


def case_of(cell="lstm", mask=None, masked_output="zero", **fields):
    case = gated_case(cell, **{"dtype": "float32", "time": 3} | fields)
    return case if mask is None else replace(case, mask=np.array(mask), masked_output=masked_output)


PADDED = [[True, True, False], [True, True, True]]


@pytest.mark.parametrize(
    ("case", "options", "reason"),
    [
        ({"dtype": "float64"}, {}, "ONNX Runtime has no RNN, GRU or LSTM in float64"),
        ({}, {"layout": 1}, "ONNX Runtime has no layout 1, the batch first"),
        (
            {"cell": "rnn", "nonlinearity": "relu"},
            {"engine": "reference"},
            "onnx's ReferenceEvaluator has no RNN of relu, only tanh and linear",
        ),
        (
            {"mask": PADDED, "masked_output": "repeat"},
            {},
            "ONNX puts out zeros past sequence_lens; masked_output is 'repeat'",
        ),
        (
            {"mask": [[True, False, True], [True, True, True]]},
            {},
            "sequence_lens masks the last steps alone",
        ),
        (
            {"mask": PADDED, "go_backwards": True},
            {},
            "sequence_lens masks the last steps alone",
        ),
        (
            {"mask": [[False] * 3, [True] * 3]},
            {},
            "ONNX does not say what a row of no steps leaves as its states",
        ),
        ({}, {"directions": "two nodes"}, "there is only one direction"),
        ({}, {"state": "default"}, "the nodes start from zeros, the case does not"),
        ({"time": 1}, {"state": "halves"}, "there is only one step, which has no halves"),
        (
            {"bidirectional": True},
            {"outputs": "last"},
            "the last output of the backward direction is at the first step",
        ),
        (
            {"num_layers": 2, "go_backwards": True},
            {"backwards": "direction"},
            "direction=reverse is one layer in one direction",
        ),
    ],
)
def test_it_is_refused_with_the_reason(case, options, reason):
    with pytest.raises(Unsupported) as refusal:
        refuse(case_of(**case), Options(**options))
    assert str(refusal.value) == reason


def test_padding_on_the_right_is_what_sequence_lens_says():
    refuse(case_of(mask=PADDED), Options())
    assert lengths_of(case_of(mask=PADDED), Options()).tolist() == [2, 3]
    backwards = case_of(mask=[row[::-1] for row in PADDED], go_backwards=True)
    refuse(backwards, Options())  # reversed, it is padded on the right
    refuse(case_of(mask=PADDED, go_backwards=True), Options(backwards="direction"))


def test_lengths_are_there_where_they_are_needed_or_wanted():
    assert lengths_of(case_of(), Options()) is None
    whole = lengths_of(case_of(), Options(lengths="always"))
    assert (whole.tolist(), whole.dtype) == ([3, 3], np.int32)


def test_options_exclude_each_other_only_where_there_is_no_such_run():
    excluding = [
        options
        for options in pairs(VALUES)
        if not computable(refuse, Options(**options), 1)[0]
        and options.get("engine") != "reference"
        and options.get("layout") != 1
    ]
    assert excluding == [
        {"state": "halves", "directions": "two nodes"},
        {"state": "halves", "outputs": "last"},
        {"directions": "two nodes", "outputs": "last"},
    ]
