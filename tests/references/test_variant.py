"""A variant is a function of its own: named, documented, and found again by pickle."""

import pickle

import pytest

from harness import sample_cases
from references import load, variant, variants
from references.numpy_rnn import run

ROWS = [
    ("plain", {"word": "a"}, "Says a."),
    ("by_case", lambda case: {"word": case.config.dtype}, "Says the dtype."),
]


def test_each_row_is_a_function_with_its_options_name_and_sentence():
    table = variant.functions(__name__, lambda case, word: word, ROWS)
    (case,) = sample_cases(1, dtype="float64")
    assert {name: function(case) for name, function in table.items()} == {
        "plain": "a",
        "by_case": "float64",
    }
    assert table["plain"].__name__ == table["plain"].__qualname__ == "plain"
    assert (table["plain"].__module__, table["plain"].__doc__) == (__name__, "Says a.")
    assert table["plain"] is not table["by_case"]


@pytest.mark.framework
@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_every_variant_is_found_again_by_pickle_and_says_what_it_does(framework):
    pytest.importorskip(framework)
    for name in variants(framework):
        function = load(name)
        assert pickle.loads(pickle.dumps(function)) is function
        assert function.__doc__.splitlines()[0].endswith(".")
    assert len({load(name).__doc__ for name in variants(framework)}) == len(variants(framework))
    assert run not in map(load, variants(framework))
