"""What decides rounding is told with every report."""

import platform

import numpy as np
import pytest

from harness.runs.environment import environment


def test_python_numpy_and_the_machine_are_told():
    facts = environment()
    assert facts["python"] == platform.python_version()
    assert facts["numpy"] == np.__version__
    assert all(isinstance(value, str) and value for value in facts.values())


def test_a_variable_that_sets_threads_is_told_where_it_is_set(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert "OMP_NUM_THREADS" not in environment()
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert environment()["OMP_NUM_THREADS"] == "3"


@pytest.mark.framework
@pytest.mark.parametrize("name", ["torch", "keras/graph"])
def test_a_frameworks_facts_are_text_that_loads_no_framework(name):
    facts = environment([name])
    assert {"torch", "keras"} & set(facts)
    assert {type(value) for value in facts.values()} == {str}
