import json
from pathlib import Path

import pytest

from tests.cli.commands import complaint, invoke, main_status
from tests.models.pairs import changed, model, save, swapped

pytestmark = pytest.mark.process


@pytest.fixture
def a():
    return save("a.npz", *model())


def test_a_comparison_as_a_user_types_it(a):
    config, weights = model()
    save("b.npz", config, changed(weights, "U", swapped))
    result = invoke("compare", "a.npz", "b.npz", "--examples", "2", "--json", "c.json")
    assert result.return_value == 1
    assert result.output.startswith("Not the same: 0.U and 0.U of layer 0: B has A's with gates")
    document = json.loads(Path("c.json").read_text())
    assert (document["kind"], document["exit"]) == ("compare", 1)
    assert invoke("compare", "a.npz", "a.npz", "--examples", "2", "-q").output.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("a.npz", "absent.npz"), "absent.npz does not exist"),
        (("numpy", "numpy"), "is a model"),
        (("a.npz", "numpy", "--inputs", "absent.npy"), "there is no file absent.npy"),
        (("a.npz", "numpy", "--layer", "rnn"), "has no recurrent layer 'rnn'"),
        (("a.npz", "numpy", "--cell", "gru"), "the option says 'gru'"),
        (("a.npz", "nope.py:run"), "there is no file nope.py"),
    ],
)
def test_a_wrong_command_is_a_sentence(a, words, sentence):
    assert sentence in complaint("compare", *words)


def test_a_port_that_cannot_be_imported_is_no_wrong_command(a, monkeypatch, capfd):
    Path("bad.py").write_text("1 / 0\n")
    assert main_status(monkeypatch, "compare", "a.npz", "bad.py:run") == 1
    assert "ZeroDivisionError" in capfd.readouterr().err
