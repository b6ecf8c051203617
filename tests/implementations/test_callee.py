"""What a user's process answers to each request, whatever the function does."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from harness import sample_cases
from harness.implementations import answers, callee
from harness.implementations.callee import Exchange
from references.as_arrays import arrays_by_name, output_arrays, table_of
from references.numpy_rnn import run

FILE = """
import numpy as np
from references import Unsupported
from references.numpy_rnn import run
last = []
def right(case): return run(case)
def refuses(case): raise Unsupported("not today")
def raises(case): return 1 / 0
def interrupts(case): raise KeyboardInterrupt
def buffer(case):
    last[:] = last or [run(case).sequence]
    last[0][:] += 1
    return last[0]
def rnn(inputs, W, U, b): return np.tanh(inputs @ W.T)
def blank(inputs, W, U, b): raise NotImplementedError
right.limits = {"time": (1, 4), "odd": object}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(answers, "watch", lambda name: None)  # it is for a process of its own
    Path("mine.py").write_text(FILE)


def exchange(name):
    one = Exchange(lambda *_: None, lambda: ({}, {}))
    assert one.answer({"do": "import", "name": f"mine.py:{name}"}, {}) == ({}, {})
    return one


def call(one, case):
    number = len(one._observations) + 1
    options = {"nonlinearity": "", "watch": False, "number": number, "over": []}
    request = {"do": "call", **options, **table_of(case)}
    table, arrays = one.answer(request, arrays_by_name(case))
    json.dumps(table)
    return table, arrays


def test_a_call_gives_the_arrays_of_the_outputs():
    (case,) = sample_cases(1)
    table, arrays = call(exchange("right"), case)
    assert table["reason"] == ""
    assert arrays.keys() == output_arrays(run(case)).keys()
    assert np.array_equal(arrays["sequence"], run(case).sequence)


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("refuses", "refused", "not today"),
        ("raises", "crashed", "it raised ZeroDivisionError: division by zero"),
        ("interrupts", "crashed", "it raised KeyboardInterrupt: no message"),
    ],
)
def test_what_a_call_raises_is_a_kind_and_a_reason(name, kind, reason):
    (case,) = sample_cases(1)
    table, arrays = call(exchange(name), case)
    assert (table["kind"], table["reason"], arrays) == (kind, reason, {})
    assert (table["crash"] is None) == (kind == "refused")


def test_an_array_that_changes_later_is_named():
    one, (case,) = exchange("buffer"), sample_cases(1)
    call(one, case)
    assert one.answer({"do": "look", "number": 1}, {})[0] == {"name": ""}
    call(one, case)
    assert one.answer({"do": "look", "number": 1}, {})[0] == {"name": "sequence"}


def test_what_is_known_before_a_call():
    table, _ = exchange("right").answer({"do": "describe"}, {})
    assert table["limits"]["time"] == [1, 4]
    assert "object" in table["limits"]["odd"]
    assert table["is_notebook"] is False
    one = exchange("rnn")
    assert one.answer({"do": "describe"}, {})[0]["is_notebook"]
    assert one.answer({"do": "probe"}, {})[0]["form"]["bias"]


def test_what_cannot_be_used_is_a_sentence_with_code_to_paste():
    table, _ = exchange("blank").answer({"do": "describe"}, {})
    assert "not written yet" in table["unusable"]
    assert "def rnn" in table["paste"]
    one = Exchange(lambda *_: None, lambda: ({}, {}))
    assert "absent" in one.answer({"do": "import", "name": "nothing.py:run"}, {})[0]
    Path("stops.py").write_text("raise KeyboardInterrupt\n")
    table, _ = one.answer({"do": "import", "name": "stops.py:run"}, {})
    assert table["crash"][0] == "KeyboardInterrupt"


def test_what_breaks_the_process_is_said(monkeypatch):
    one, (case,) = exchange("right"), sample_cases(1)
    monkeypatch.setattr(callee, "observe", None)
    table, _ = call(one, case)
    assert table == {
        "kind": "crashed",
        "reason": "it broke the process that runs it: TypeError",
    }


def test_a_check_asks_for_what_its_function_gives():
    (case,) = sample_cases(1)
    sent = []
    one = Exchange(
        lambda *reply: sent.append(reply), lambda: ({"number": 0}, output_arrays(run(case)))
    )
    one._function = lambda fn: fn(case)
    assert one.answer({"do": "check"}, {}) == ({"raised": "", "result": "Outputs"}, {})
    assert sent[0][0]["do"] == "run"
    one.receive = lambda: ({"refused": "no"}, {})
    answer, _ = one.answer({"do": "check"}, {})
    assert (answer["raised"], answer["text"]) == ("Unsupported", "no")

    def fails(fn):
        raise AssertionError("unequal")

    one._function = fails
    answer, _ = one.answer({"do": "check"}, {})
    assert (answer["raised"], answer["text"]) == ("AssertionError", "unequal")
    assert 'fails: raise AssertionError("unequal")' in answer["place"]
