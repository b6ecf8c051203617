"""A user's file, and the one sentence about what is not in it."""

from collections.abc import Callable
from typing import Any

import pytest

from harness.implementations.find import NotFound

GOOD = """
from references.cells.rnn import simple_rnn as imported
from references.numpy_rnn import run
def rnn(inputs, W, U, b):
    return imported(inputs, W, U, b)
number = 5
"""


def sentence(function: Callable[[Any], object], name: Any) -> str:
    """What the function says of a name that leads nowhere."""
    with pytest.raises(NotFound) as raised:
        function(name)
    text = str(raised.value)
    assert len(text.splitlines()) == 1, text
    return text
