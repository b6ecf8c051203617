"""A run in this process: names in order, each once, and other functions of one name apart."""

import pytest

from harness.draw.limits import limits
from harness.runs.find import Unusable
from harness.runs.in_process import InThisProcess
from harness.runs.search import Search
from references import from_notebook
from references.cells.rnn import simple_rnn
from references.numpy_rnn import run


def make():
    def run_case(case):
        return run(case)

    return run_case


def test_a_name_that_stands_twice_is_judged_once_and_other_functions_get_a_number():
    runner = InThisProcess(("numpy", "numpy", make(), make()))
    first, second, third = runner.names
    assert first == "numpy"
    assert third == f"{second} #2"


def test_the_limits_are_those_of_the_function():
    runner = InThisProcess((from_notebook(simple_rnn), "numpy"))
    notebook = next(name for name in runner.names if name != "numpy")
    assert runner.limits_of(notebook)["num_layers"] == 1
    assert runner.limits_of("numpy") == {}


def test_a_name_of_what_cannot_be_used_is_kept_and_an_object_raises(tmp_path):
    (tmp_path / "broken.py").write_text("x = 1 / 0")
    name = f"{tmp_path / 'broken.py'}:run"
    runner = InThisProcess((name, "numpy", name))
    assert runner.names == ("numpy", name)
    with pytest.raises(Unusable, match="ZeroDivisionError: division by zero") as raised:
        runner.limits_of(name)
    assert raised.value.crash.source == "x = 1 / 0"


def test_rows_come_block_by_block():
    allowed = limits(time=(1, 3), hidden_size=(1, 3), input_size=(1, 3))
    names = ("numpy", "references.numpy_rnn:run")
    search = Search(names, 120, 0, allowed, {})
    rows = []
    for row in InThisProcess(names).rows(search):
        rows.append(row)
        search.add(row)
    turns = [(row.verdict.implementation, row.verdict.kind) for row in rows]
    assert turns[:120] == [(names[0], "agrees")] * 50 + [(names[1], "agrees")] * 50 + turns[100:120]
    assert [name for name, _ in turns].count(names[1]) == len(turns) / 2 >= 120
