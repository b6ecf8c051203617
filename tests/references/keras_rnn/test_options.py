"""What a way of calling Keras cannot compute is refused by name."""

import pytest

from harness import sample_cases
from references.unsupported import Unsupported

pytest.importorskip("keras")
from references.keras_rnn.options import Options, refuse, shape_of
from tests.references.keras_rnn.values import VALUES

pytestmark = pytest.mark.framework


def case_of(**limits):
    return next(sample_cases(1, **{"masks": False, "time": 3, **limits}))


def test_the_first_value_of_each_option_is_its_default():
    assert Options(**{name: values[0] for name, values in VALUES.items()}) == Options()


@pytest.mark.parametrize(
    ("options", "limits"),
    [
        ({"weights": "argument"}, {"bidirectional": False}),
        ({"merge": "sum"}, {"bidirectional": False}),
        ({"state": "halves"}, {"time": 1, "bidirectional": False}),
        ({"layer": "list of one"}, {"num_layers": 2, "bidirectional": False}),
    ],
)
def test_what_cannot_be_computed_is_refused(options, limits):
    with pytest.raises(Unsupported):
        refuse(case_of(**limits), Options(**options))


def test_cases_of_one_shape_share_a_network_and_others_do_not():
    one, same = (case_of(batch=2, input_size=3, hidden_size=4, dtype="float32") for _ in range(2))
    other = case_of(batch=2, input_size=3, hidden_size=5, dtype="float32")
    assert shape_of(one, Options()) == shape_of(same, Options())
    assert shape_of(one, Options()) != shape_of(other, Options())
