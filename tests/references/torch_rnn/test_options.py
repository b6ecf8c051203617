"""What a way of calling torch cannot compute is refused by name."""

import pytest

from harness import sample_cases
from references.unsupported import Unsupported
from tests.references.gated import gated_case
from tests.references.torch_rnn.values import VALUES

pytest.importorskip("torch")
from references.torch_rnn.options import Options, lengths_of, refuse

pytestmark = pytest.mark.framework
PLAIN = {"go_backwards": False, "masks": False, "nonlinearity": "tanh", "num_layers": 1}


def case_of(**limits):
    return next(sample_cases(1, **{**PLAIN, "time": 3, **limits}))


@pytest.mark.parametrize(
    ("options", "limits", "sentence"),
    [
        ({}, {"nonlinearity": "sigmoid"}, "no nonlinearity sigmoid, only tanh and relu"),
        ({}, {"go_backwards": True}, "torch.nn.RNN has no go_backwards"),
        ({"state": "halves"}, {"time": 1, "bidirectional": False}, "only one step"),
        ({"state": "halves"}, {"bidirectional": True}, "cannot be fed in halves"),
        ({"module": "cells", "dropout": True}, {}, "nn.RNNCell has no dropout"),
        ({"weights": "double"}, {"dtype": "float32"}, "makes float64 of a module"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_its_reason(options, limits, sentence):
    with pytest.raises(Unsupported, match=sentence):
        refuse(case_of(**limits), Options(**options))


@pytest.mark.parametrize(
    ("options", "cell", "fields", "sentence"),
    [
        ({}, "gru", {"masked_output": "zero"}, "torch.nn.GRU takes no mask"),
        ({}, "gru", {"reset_after": False}, "torch.nn.GRU resets after the product U h"),
        ({"module": "cells"}, "gru", {"reset_after": False}, "resets after the product"),
        ({"state": "default"}, "lstm", {}, "nn.LSTM starts from zeros, the case does not"),
        ({"module": "cells", "layout": "packed"}, "lstm", {}, "nn.LSTMCell takes one step"),
    ],
)
def test_what_cannot_be_computed_of_a_gated_cell_is_refused(options, cell, fields, sentence):
    with pytest.raises(Unsupported, match=sentence):
        refuse(gated_case(cell, **fields), Options(**options))


def test_the_plain_way_and_a_backward_loop_of_cells_are_not_refused():
    refuse(case_of(), Options())
    refuse(case_of(go_backwards=True), Options(module="cells"))


def test_the_first_value_of_each_option_is_its_default():
    assert Options(**{name: values[0] for name, values in VALUES.items()}) == Options()


def test_every_step_counts_where_there_is_no_mask():
    case = case_of(batch=2)
    assert lengths_of(case).tolist() == [3, 3]
