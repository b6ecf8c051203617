"""Every argument of torch's recurrent layers is reached by a case or a variant, or changes no
output; a new one fails here.
"""

import inspect
from typing import get_overloads

import pytest

from tests.references.accounts import pointless, unaccounted

pytestmark = pytest.mark.framework
torch = pytest.importorskip("torch")

# What reaches each argument: "case" and a field of Config, a variant, or why it changes no output.
ACCOUNTED = {
    "input_size": "case: input_size",
    "hidden_size": "case: hidden_size",
    "num_layers": "case: num_layers",
    "nonlinearity": "case: nonlinearity",
    "bias": "case: bias",
    "bidirectional": "case: bidirectional",
    "dtype": "case: dtype",
    "mode": "case: cell",  # of RNNBase
    "batch_first": "variant: time_major",
    "dropout": "variant: dropout",
    "device": "variant: all_positional",
    "proj_size": "refused by nn.RNN and nn.GRU, and of an LSTM by the mirror",
    "input": "case: input_size",
    "hx": "variant: default_state",
    "lengths": "variant: packed",
    "enforce_sorted": "variant: packed_sorted",
    "sequence": "variant: packed",
    "padding_value": "shown at masked steps alone, where the case says zeros",
    "total_length": "variant: packed",
}


LAYERS = (torch.nn.RNN, torch.nn.GRU, torch.nn.LSTM)
CELLS = (torch.nn.RNNCell, torch.nn.GRUCell, torch.nn.LSTMCell)


def arguments():
    """The arguments of the layers, their base, the cells, and the functions that pack sequences."""
    functions = [
        *(get_overloads(layer.__init__)[0] for layer in LAYERS),
        torch.nn.RNNBase.__init__,
        *(cell.__init__ for cell in CELLS),
        *(module.forward for module in LAYERS + CELLS),
        torch.nn.utils.rnn.pack_padded_sequence,
        torch.nn.utils.rnn.pad_packed_sequence,
    ]
    return {name for function in functions for name in inspect.signature(function).parameters} - {
        "self",
        "args",
        "kwargs",
    }


def test_every_argument_is_accounted_for():
    assert unaccounted(arguments(), ACCOUNTED) == []


def test_a_new_argument_would_be_noticed():
    assert unaccounted(arguments() | {"skip_every_other_step"}, ACCOUNTED) == [
        "skip_every_other_step"
    ]
    assert unaccounted(arguments() - {"proj_size"}, ACCOUNTED) == ["proj_size"]


def test_the_accounts_name_what_there_is():
    assert pointless(ACCOUNTED, "torch") == []
    assert pointless({"x": "case: no_field", "y": "variant: no_way", "z": "says why"}, "torch") == [
        "no_field",
        "no_way",
    ]


@pytest.mark.parametrize("layer", LAYERS[:2])
def test_proj_size_is_refused_by_the_layer(layer):
    with pytest.raises(
        ValueError, match="proj_size argument is only supported for LSTM, not RNN or GRU"
    ):
        layer(3, 4, proj_size=2)
