"""What a source says, what an option says, and what is assumed of a Config."""

import pickle

import pytest

from references.case import Config
from references.layer import Unreadable
from references.options import Contradiction, Saying, check_agreement, checked_options, config_of

SIZES = {"input_size": 2, "hidden_size": 3, "num_layers": 1, "bidirectional": False}
SAYS = SIZES | {"bias": True, "dtype": "float64", "go_backwards": False, "cell": "rnn"}


def test_what_nobody_says_is_assumed_in_a_sentence():
    config, assumptions = config_of(Saying("a file", SAYS), {})
    assert config == Config(2, 3, dtype="float64")
    assert assumptions == (
        "A file does not say nonlinearity: 'tanh' is assumed. "
        "If it is another, say so with the option nonlinearity.",
    )


def test_an_option_is_no_assumption():
    config, assumptions = config_of(Saying("a file", SAYS), {"nonlinearity": "relu"})
    assert (config.nonlinearity, assumptions) == ("relu", ())


@pytest.mark.parametrize(("cell", "field"), [("gru", "reset_after"), ("lstm", "")])
def test_only_a_field_that_the_cell_has_is_assumed(cell, field):
    _, assumptions = config_of(Saying("a file", SAYS | {"cell": cell}), {})
    assert [text.split(":")[0] for text in assumptions] == (
        [f"A file does not say {field}"] if field else []
    )


def test_what_no_config_can_be_is_refused():
    with pytest.raises(Unreadable, match=r"^the option nonlinearity does not fit a file: nonlin"):
        config_of(Saying("a file", SAYS), {"nonlinearity": "elu"})
    with pytest.raises(Unreadable, match="a file holds no layer of ours: input_size is 'x'"):
        config_of(Saying("a file", SAYS | {"input_size": "x"}), {})


def test_an_option_has_to_agree_with_the_source_and_to_exist():
    check_agreement(Config(2, 3), {"input_size": 2})
    with pytest.raises(Unreadable, match="the layer has input_size 2, and the option says 5"):
        check_agreement(Config(2, 3), {"input_size": 5})
    with pytest.raises(Contradiction, match="the layer has hidden_size 3") as contradiction:
        check_agreement(Config(2, 3), {"input_size": 2, "hidden_size": 4, "bias": False})
    again = pickle.loads(pickle.dumps(contradiction.value))
    assert (again.options, str(again)) == (
        {"hidden_size": 4, "bias": False},
        str(contradiction.value),
    )
    checked_options({"nonlinearity": "relu"})
    with pytest.raises(TypeError, match="there is no option 'batch_first', expected one of"):
        checked_options({"batch_first": True})
