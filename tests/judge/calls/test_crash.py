"""The place of a crash: the user's own line, whatever a library or the harness did around it."""

import importlib.util
import json
import pickle
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from harness.judge.calls import crash
from harness.judge.calls.crash import CrashPlace, crash_place, is_users
from harness.judge.judge import judge
from references import from_notebook, load
from references.case import Case, CellWeights, Config

CASE = Case(
    Config(2, 2),
    (CellWeights(np.ones((2, 2), "float32"), np.ones((2, 2), "float32")),),
    np.ones((1, 3, 2), "float32"),
)


def place_in(folder: Path, source: str, wrap=lambda run: run) -> CrashPlace | None:
    """The place of the crash of `run` in a user's file of this text."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "mine.py"
    path.write_text(dedent(source), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("mine_of_a_user", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    verdict = judge(CASE, wrap(module.run), "mine")
    assert verdict.kind == "crashed"
    return verdict.crash


def test_a_name_that_is_not_defined(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = place_in(tmp_path, "def run(case):\n    return  undefined_name\n")
    assert place == ("NameError", "mine.py", 2, "run", "return  undefined_name")
    assert str(place) == "mine.py:2, in run: return  undefined_name"


def test_a_file_elsewhere_has_its_whole_path(tmp_path, monkeypatch):
    home = tmp_path / "elsewhere"
    monkeypatch.chdir(tmp_path)
    assert place_in(home, "def run(case): return 1 / 0").file == "elsewhere/mine.py"
    monkeypatch.chdir("/usr")
    assert place_in(home, "def run(case): return 1 / 0").file == str(home / "mine.py")


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("np.dot(np.ones(2), np.ones(3))", "ValueError"),
        ("np.stack([])", "ValueError"),
        ("json.loads('{')", "JSONDecodeError"),
    ],
)
def test_what_a_library_raises_is_placed_where_the_user_called_it(tmp_path, call, error):
    place = place_in(
        tmp_path,
        f"""\
        import json
        import numpy as np
        def run(case):
            return inner()
        def inner():
            return {call}
        """,
    )
    assert place[2:] == (6, "inner", f"return {call}")
    assert place.error == error


def test_a_method_and_the_wrapper_of_a_notebooks_function(tmp_path):
    source = """\
    class Layer:
        def step(self):
            raise OverflowError
    def run(inputs, W, U, b):
        Layer().step()
    """
    place = place_in(tmp_path, source, from_notebook)
    assert (place.line, place.function) == (3, "Layer.step")


def test_an_installed_package_of_the_users_is_placed_in_itself_not_in_what_it_calls(tmp_path):
    home = tmp_path / "site-packages"
    assert not is_users(str(home / "mine" / "mine.py"))
    place = place_in(home / "mine", "import json\ndef run(case):\n    return json.loads('{')\n")
    assert (place.file, place.line) == (str(home / "mine" / "mine.py"), 3)


def test_a_call_that_never_reached_the_users_code_has_no_place():
    verdict = judge(CASE, lambda: None, "mine")
    assert verdict.kind == "crashed"
    assert verdict.crash is None


def test_a_reference_that_raises_is_placed_in_our_own_code(monkeypatch):
    monkeypatch.setattr("references.numpy_rnn.layers", None)
    place = judge(CASE, load("numpy"), "numpy").crash
    assert (place.error, Path(place.file).name) == ("TypeError", "numpy_rnn.py")


def test_a_syntax_error_is_placed_in_the_file_that_has_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mine.py"
    path.write_text("import numpy\ndef run(case)\n", encoding="utf-8")
    with pytest.raises(SyntaxError) as raised:
        compile(path.read_text(), str(path), "exec")
    assert crash_place(raised.value) == ("SyntaxError", "mine.py", 2, "<module>", "def run(case)")


def test_a_place_crosses_to_another_process_and_a_line_has_an_end(tmp_path):
    place = place_in(tmp_path, f"def run(case):\n    return 1 / 0, {'0, ' * 300}\n")
    assert pickle.loads(pickle.dumps(place)) == place
    assert len(place.source) == crash.LONGEST


def test_an_error_of_python_itself_has_no_place_of_the_users(tmp_path):
    path = tmp_path / "mine.py"
    path.write_bytes(b"\0\0")
    spec = importlib.util.spec_from_file_location("mine_of_a_user", path)
    with pytest.raises((SyntaxError, ValueError)) as raised:  # by Python's version
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    error = raised.value
    error.__traceback__ = error.__traceback__.tb_next  # without this test, which is a user's
    assert crash_place(error) is None


def test_code_that_has_no_file_has_no_source():
    namespace = {}
    exec("def run(case):\n    return 1 / 0", namespace)
    place = judge(CASE, namespace["run"], "mine").crash
    assert place == ("ZeroDivisionError", "<string>", 2, "run", "")


@pytest.mark.parametrize("module", [json, np, crash, sys.modules["references.case"]])
def test_libraries_and_our_own_code_are_not_the_users(module):
    assert not is_users(module.__file__)


def test_this_test_is_a_users():
    assert is_users(__file__)
