"""Layers by torch's names in arrays of NumPy: without torch, and whatever is missing in them."""

import re

import numpy as np
import pytest

from references import state_dict
from references.layer import Unreadable
from references.unsupported import Unsupported


def arrays(prefix="", gates=4, layers=2, reverse=True, bias=True):
    """A state_dict of H = 3 and I = 2, where no two arrays are equal."""
    own, D = {}, 1 + reverse
    for layer in range(layers):
        for way in ("", "_reverse")[:D]:
            suffix = f"_l{layer}{way}"
            own[f"{prefix}weight_ih{suffix}"] = np.ones((3 * gates, 3 * D if layer else 2)) * len(
                own
            )
            own[f"{prefix}weight_hh{suffix}"] = np.ones((3 * gates, 3)) * len(own)
            if bias:
                own[f"{prefix}bias_ih{suffix}"] = np.ones(3 * gates) * len(own)
                own[f"{prefix}bias_hh{suffix}"] = np.ones(3 * gates) * len(own)
    return own


def layers(own, **options):
    return state_dict.layers({k: v.shape for k, v in own.items()}, own.__getitem__, options)


@pytest.mark.parametrize(("gates", "cell"), [(1, "rnn"), (3, "gru"), (4, "lstm")])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_cell_and_sizes_come_from_the_shapes(gates, cell, bias, reverse):
    own = arrays(gates=gates, reverse=reverse, bias=bias)
    layer = layers(own)[""]()
    config = layer.config
    assert (config.cell, config.input_size, config.hidden_size, config.num_layers) == (
        cell,
        2,
        3,
        2,
    )
    assert (config.bidirectional, config.bias, config.dtype) == (reverse, bias, "float64")
    assert len(layer.assumptions) == (cell == "rnn")
    suffix = "_l1_reverse" if reverse else "_l1"
    assert layer.names[-1]["U"] == f"weight_hh{suffix}"
    assert np.array_equal(layer.weights[-1].U, own[f"weight_hh{suffix}"])
    assert layer.framework == "torch"


def test_layers_are_listed_by_their_dotted_names():
    own = arrays("model.enc.", layers=1) | arrays("dec.", gates=3) | {"fc.weight": np.ones((2, 2))}
    assert list(layers(own)) == ["model.enc", "dec"]
    assert layers(own)["dec"]().config.cell == "gru"
    assert layers(own)["model.enc"]().names[0]["W"] == "model.enc.weight_ih_l0"


def test_a_cell_has_no_numbers_in_its_names():
    own = {"weight_ih": np.ones((3, 2)), "weight_hh": np.eye(3)}
    assert layers(own, nonlinearity="relu")[""]().config.nonlinearity == "relu"


@pytest.mark.parametrize("name", ["weight_hh_l1", "bias_ih_l0_reverse", "bias_hh_l1_reverse"])
def test_a_missing_array_is_named(name):
    own = arrays()
    del own[name]
    with pytest.raises(Unreadable, match=f"the layer has no {name}, but "):
        layers(own)[""]()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight_hr_l0": np.ones((2, 3))}, r"weight_hr_l0 projects h \(proj_size\)"),
        ({"weight_ih_l7": np.ones((12, 3))}, r"has parameters with the suffixes _l0, .*: no layer"),
        ({"weight_ih": np.ones((12, 3))}, r"the suffixes none, _l0, .*: no layer has them all"),
        ({"weight_hh_l0": np.ones((12, 5))}, r"weight_hh_l0 has shape \(12, 5\), expected"),
        ({"weight_hh_l0": np.ones((6, 3))}, r"weight_hh_l0 has shape \(6, 3\), expected .* gates$"),
        ({"weight_hh_l0": np.ones((3, 12))}, "; transpose weight_ih_l0 and weight_hh_l0 first"),
        ({"weight_hh_l0": np.ones(3)}, r"weight_hh_l0 has shape \(3,\), expected"),
        ({"weight_ih_l0": np.ones((9, 2))}, r"weight_ih_l0 has shape \(9, 2\), but weight_hh_l0"),
        ({"weight_ih_l1": np.ones((12, 5))}, r"weight_ih_l0 to weight_ih_l1_reverse do not fit"),
        ({"bias_ih_l0": np.ones(5)}, r"weight_ih_l0, weight_hh_l0, bias_ih_l0, .*: b_W has shape"),
        ({"weight_ih_l0": np.ones((12, 2), "float16")}, "weight_ih_l0 has dtype float16"),
        ({"weight_hh_l1": np.ones((12, 3), "float32")},
         "^weight_hh_l1 has dtype float32, and weight_ih_l1 has float64: save all"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(change, message):
    with pytest.raises((Unreadable, Unsupported), match=message):
        layers(arrays() | change)[""]()


@pytest.mark.parametrize("prefix", ["", "encoder."])
def test_a_parameter_that_torch_computes_is_said_to_be_such(prefix):
    own = {f"{prefix}{name}": array for name, array in arrays().items()}
    U = own.pop(f"{prefix}weight_hh_l0")
    parts = [
        [f"{prefix}weight_hh_l0_g", f"{prefix}weight_hh_l0_v"],
        [f"{prefix}parametrizations.weight_hh_l0.original{n}" for n in (0, 1)],
    ]
    for names in parts:
        message = f"no weight_hh_l0, but {', '.join(names)}, of which torch computes it. Remove"
        with pytest.raises(Unreadable, match=re.escape(message)):
            layers(own | dict.fromkeys(names, U))[prefix[:-1]]()
