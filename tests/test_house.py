"""Keeps the house in order: a test file for each module, short functions, plain names."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCT = sorted(
    path.relative_to(ROOT)
    for package in ("harness", "references")
    for path in (ROOT / package).rglob("*.py")
)
TESTS = sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))
# Modules without a test file of their own; `__init__.py` and `__main__.py` never have one.
EXEMPT = {}
# Past participles are neither things nor actions, and so no names.
PARTICIPLES = {
    *("asked", "begun", "described", "done", "drawn", "found", "given", "judged", "kept", "known"),
    *("learned", "left", "looked", "made", "met", "paced", "seen", "shown", "taken", "told"),
    *("tried", "unseen", "wanted", "written"),
}
MOST_PARTICIPLES = 40
MARK = re.compile(r"mark\.(deep|long)\b")


@cache
def tree(path):
    """The syntax tree of a file."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def nodes(*kinds, paths=PRODUCT):
    """Yields each node of these kinds with its file."""
    for path in paths:
        for node in ast.walk(tree(path)):
            if isinstance(node, kinds):
                yield path, node


def test_file(path):
    """Where the tests of a module stand: `harness/a/b.py` has `tests/a/test_b.py`."""
    parts = path.parts if path.parts[0] == "references" else path.parts[1:]
    return Path("tests", *parts[:-1], f"test_{path.name}")


test_file.__test__ = False  # a function of ours, not a test


def names(node):
    """The names that a node binds."""
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.Name | ast.Attribute):
        is_stored = isinstance(node.ctx, ast.Store)
        return [getattr(node, "id", None) or node.attr] if is_stored else []
    return [node.name]


def is_participle(name):
    """A part of the name is a past participle."""
    return bool(PARTICIPLES & set(name.strip("_").split("_")))


def is_chain(node):
    """A conditional expression has another one as a branch."""
    return any(isinstance(branch, ast.IfExp) for branch in (node.body, node.orelse))


def rows(node):
    """The number of lines of a function."""
    return node.end_lineno - node.lineno + 1


def test_each_module_has_a_test_file_by_its_path():
    modules = [path for path in PRODUCT if path.name not in ("__init__.py", "__main__.py")]
    without = {path.as_posix() for path in modules if test_file(path) not in TESTS}
    assert without == set(EXEMPT), "differs from the list of exempt modules"


def test_each_folder_of_tests_is_a_package():
    folders = {path.parent for path in TESTS}
    assert {folder for folder in folders if folder / "__init__.py" not in TESTS} == set()


def test_no_line_is_longer_than_100_columns():
    assert [
        f"{path}:{number}"
        for path in (*PRODUCT, *TESTS)
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 100
    ] == []


def test_marks_of_the_deep_and_the_long_ring_stand_in_the_file_of_the_test():
    """tests/conftest.py leaves out the files without them."""
    helpers = [path for path in TESTS if not path.name.startswith("test_")]
    lenders = [path for path in helpers if MARK.search((ROOT / path).read_text("utf-8"))]
    assert lenders == [Path("tests/hostile/in_process.py")]  # which has a pytest of its own


@pytest.mark.slow
def test_no_conditional_expression_is_chained():
    places = [f"{path}:{node.lineno}" for path, node in nodes(ast.IfExp) if is_chain(node)]
    assert places == []


@pytest.mark.slow
def test_no_function_is_longer_than_40_lines():
    functions = nodes(ast.FunctionDef, ast.AsyncFunctionDef)
    assert [
        f"{path}:{node.lineno} {node.name}" for path, node in functions if rows(node) > 40
    ] == []


def test_each_public_function_and_class_has_a_docstring():
    places = []
    for path in PRODUCT:
        for node in tree(path).body:
            is_definition = isinstance(node, ast.FunctionDef | ast.ClassDef)
            if is_definition and node.name[0] != "_" and not ast.get_docstring(node):
                places.append(f"{path}:{node.lineno} {node.name}")
    assert places == []


@pytest.mark.slow
def test_few_names_are_participles():
    kinds = (ast.arg, ast.Name, ast.Attribute, ast.FunctionDef, ast.ClassDef)
    places = [
        f"{path}:{node.lineno} {name}"
        for path, node in nodes(*kinds)
        for name in names(node)
        if is_participle(name)
    ]
    assert len(places) <= MOST_PARTICIPLES, "\n".join(places)


@pytest.mark.parametrize("framework", ["torch", "keras", "onnx"])
def test_the_contract_of_a_framework_names_every_other_module(framework):
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = configuration["tool"]["importlinter"]["contracts"]
    own = f"references.{framework}_rnn"
    (contract,) = (one for one in contracts if one["name"].startswith(f"only {own} imports"))
    modules = {
        f"references.{path.parts[1].removesuffix('.py')}"
        for path in PRODUCT
        if path.parts[0] == "references" and path.parts[1] != "__init__.py"
    }
    assert sorted(contract["source_modules"]) == sorted({"harness", *modules} - {own})


@pytest.mark.parametrize(
    ("source", "kind", "check"),
    [
        ("a = 1 if b else 2 if c else 3", ast.IfExp, is_chain),
        ("def f():\n" + "    a = 1\n" * 40, ast.FunctionDef, lambda node: rows(node) > 40),
        ("def f(found_here): ...", ast.arg, lambda node: is_participle(*names(node))),
        ("self._kept = 1", ast.Attribute, lambda node: is_participle(*names(node))),
        ("told = 1", ast.Name, lambda node: is_participle(*names(node))),
    ],
)
def test_disorder_would_be_noticed(source, kind, check):
    assert any(check(node) for node in ast.walk(ast.parse(source)) if isinstance(node, kind))
