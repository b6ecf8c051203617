"""A Layer's arrays are checked under their own names, and a library's errors become sentences."""

import numpy as np
import pytest

from references.case import Config
from references.layer import Unreadable, check_dtype, layer_of, readable, title_of
from references.unsupported import Unsupported

CONFIG = Config(2, 2)
NAMES = [{"W": "kernel", "U": "recurrent"}]


def arrays(**changes):
    return [{"W": np.ones((2, 2), "float32"), "U": np.ones((2, 2), "float32")} | changes]


def test_arrays_that_fit_make_a_layer():
    layer = layer_of("a", CONFIG, arrays(), "torch", NAMES, ("one",))
    assert (layer.name, layer.config, layer.framework, layer.assumptions) == (
        "a", CONFIG, "torch", ("one",),
    )  # fmt: skip
    assert layer.weights[0].W.tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"W": np.full((2, 2), np.nan, "float32")}, r"^kernel\[0, 0\] is nan"),
        ({"U": np.full((2, 2), np.inf, "float32")}, r"^recurrent\[0, 0\] is inf"),
        ({"W": np.ones((3, 2), "float32")}, r"kernel, recurrent: U has shape \(2, 2\), but W"),
        ({"W": np.ones((2, 3), "float32")}, r"kernel to kernel do not fit together: weights\[0\]"),
        ({"U": np.ones((2, 2), "float16")}, r"recurrent has dtype float16, expected float32 or"),
    ],
)
def test_other_arrays_are_refused_by_their_names(changes, message):
    with pytest.raises(Unreadable, match=message):
        layer_of("a", CONFIG, arrays(**changes), "torch", NAMES)


def test_a_dtype_says_how_to_go_on():
    check_dtype("a", "float64")
    with pytest.raises(Unreadable, match=r"a has dtype bfloat16.*Convert it to float32"):
        check_dtype("a", "bfloat16")


def test_what_a_library_raises_becomes_a_sentence_with_its_cause():
    message = r"a.pt cannot be read \(KeyError: 'b'\)"
    with pytest.raises(Unreadable, match=message) as caught, readable("a.pt"):
        {}["b"]
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize("error", [Unsupported("that"), Unreadable("that")])
def test_our_own_errors_pass(error):
    with pytest.raises(type(error), match=r"^that$"), readable("a.pt"):
        raise error


def test_a_long_text_is_cut():
    with pytest.raises(Unreadable) as caught, readable("a.pt"):
        raise RuntimeError("x" * 1000)
    assert len(str(caught.value)) < 300


def test_a_class_has_the_module_that_it_comes_from():
    assert title_of(CONFIG, "references", "ours") == "ours.Config"
    assert title_of(CONFIG, "torch", "torch.nn") == "references.case.Config"
