"""The activations, against Python's own arithmetic."""

import numpy as np
import pytest

from references.case import NONLINEARITIES
from references.cells.activations import ACTIVATIONS, sigmoid
from tests.references.oracle import ACTIVATIONS as PLAIN


def test_every_nonlinearity_of_a_config_has_an_activation():
    assert tuple(ACTIVATIONS) == NONLINEARITIES


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_what_its_formula_says(name):
    z = np.linspace(-4, 4, 33)
    assert np.allclose(ACTIVATIONS[name](z), [PLAIN[name](float(value)) for value in z], rtol=1e-14)


def test_sigmoid_is_the_rule_of_what_has_one():
    class Enclosed:
        def activate(self, name):
            return f"rule for {name}"

    assert sigmoid(Enclosed()) == "rule for sigmoid"
