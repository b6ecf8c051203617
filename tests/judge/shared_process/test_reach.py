"""What the judge reaches: its own modules, classes and tables, and what NumPy's functions are made
of.
"""

import builtins
import sys
from importlib import import_module
from types import ModuleType

import numpy as np

import harness.judge.bounds.activation
import references.cells
from harness.judge.shared_process import reach
from harness.judge.shared_process.guarded import NO_PARTS, PARTS


def labels(*modules):
    return {space.label: space for space in reach.namespaces(modules)}


def test_modules_are_found_by_package_and_never_by_the_beginning_of_a_name():
    names = [
        module.__name__ for module in reach.modules_of("references.cells", "harness.judge.judge")
    ]
    assert names == sorted(names)
    assert {"references.cells", "references.cells.walk", "harness.judge.judge"} <= set(names)
    assert reach.modules_of("references.cell") == ()


def test_a_module_its_tables_and_its_classes_are_namespaces():
    spaces = labels(*reach.modules_of("harness.judge"), references.cells)
    assert spaces["harness.judge.bounds.activation"].whole
    assert "tanh" in spaces["harness.judge.bounds.activation"].keys
    assert (
        spaces["harness.judge.bounds.activation.FUNCTIONS"].mapping
        is harness.judge.bounds.activation.FUNCTIONS
    )
    assert "__init__" in spaces["harness.judge.certificate.Certificate"].keys
    assert not spaces["references.cells"].whole, "its submodules become attributes when they load"
    assert "harness.judge.bounds.enclosure.NoRule" not in spaces, "an exception decides nothing"


def test_functions_behind_wrappers_are_found_and_generated_ones_left_out():
    spaces = reach.namespaces(reach.modules_of("harness.judge", "references.case"))
    names = {label for label, _ in reach.functions(spaces)}
    for name in (
        "harness.judge.judge.ask",
        "harness.judge.bounds.enclosure.Value.enclosure",  # a property
        "harness.judge.bounds.factors.Factors.sample",  # a cached one
        "harness.judge.calls.crash.is_users",  # a cached function
    ):
        assert name in names
    assert "references.case.Case.__init__" not in names
    assert "harness.judge.bounds.sum_bound.SumBound._replace" not in names


def test_the_parts_of_numpys_functions_are_followed():
    spaces, functions = reach.numpy_parts(["array_equal", "tanh"])
    names = {f"{space.label}.{key}" for space in spaces for key in space.keys}
    assert any(name.endswith("numeric.asarray") for name in names)
    assert any(name.endswith("_methods.umr_maximum") for name in names), "a.max()"
    reached = {label for label, _ in functions}
    assert "numpy.array_equal" in reached
    assert "numpy.ndarray._amax" in reached
    assert "numpy.tanh" not in reached, "it is no Python function"
    assert all(space.mapping is vars(space.owner) for space in spaces)


def test_builtins_are_those_that_the_code_names_without_those_that_others_replace():
    def function(items):
        print(len(items))
        return [max(item) for item in items]

    space = reach.builtins_of([function.__code__])
    assert space.keys == ("len", "max")
    assert space.owner is builtins


def test_every_module_that_a_verdict_needs_is_watched():
    """Those that `ask` and `verdict_on` reach by the names in their code."""
    watched = {module.__name__ for module in reach.modules_of(*PARTS)} - {*NO_PARTS}
    waiting, reached = ["harness.judge.judge"], set()
    while waiting:
        name = waiting.pop()
        reached.add(name)
        for value in vars(sys.modules[name]).values():
            own = (
                value.__name__
                if isinstance(value, ModuleType)
                else getattr(value, "__module__", "")
            )
            ours = isinstance(own, str) and own.startswith(("harness.judge.", "references."))
            if ours and own not in reached and own in sys.modules:
                waiting.append(own)
    assert reached - {*NO_PARTS} <= watched


def test_numpy_is_the_one_that_is_installed():
    assert reach.np is np


def test_what_has_no_part_is_there():
    """A name that is none, after a move, would leave nothing out."""
    for name in NO_PARTS:
        assert import_module(name).__name__ == name
