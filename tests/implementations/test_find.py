"""A user's function by name: it is there, or a sentence says what is not."""

from pathlib import Path

import pytest

from harness.implementations.find import NotFound, Unusable, find
from references import numpy_rnn
from tests.implementations.files import GOOD, sentence

pytestmark = pytest.mark.usefixtures("own_folder")


IS_THERE = {
    "mine.py:run": True,
    "mine_other:run": True,
    "mine_importer:run": True,
    "mine_empty.py:run": True,
    "nosuch.py:run": False,
    "mine_nosuch:run": False,
    "mine_empty.nosuch:run": False,
    "mine_empty.py": False,
    "torhc": False,
}


BROKEN = [
    ("def run(case)\n", "mine.py cannot be imported: SyntaxError: expected ':' (mine.py, line 1)"),
    (
        "import nosuch\n",
        "mine.py cannot be imported: ModuleNotFoundError: No module named 'nosuch'",
    ),
    ("1 / 0\n", "mine.py cannot be imported: ZeroDivisionError: division by zero"),
    ("raise ValueError('one\\ntwo')\n", "mine.py cannot be imported: ValueError: one"),
    ("raise ValueError\n", "mine.py cannot be imported: ValueError: no message"),
    ("assert False\n", "mine.py cannot be imported: AssertionError: no message"),
    ("import sys; sys.exit()\n", "mine.py cannot be imported: SystemExit: no message"),
    ("import sys; sys.exit(0)\n", "mine.py cannot be imported: SystemExit: 0"),
    (
        "class Stop(BaseException): pass\nraise Stop('here')\n",
        "mine.py cannot be imported: Stop: here",
    ),
    (
        "def f(): f()\nf()\n",
        "mine.py cannot be imported: RecursionError: maximum recursion depth exceeded",
    ),
]


def test_a_module_in_the_working_directory_is_found() -> None:
    Path("mine_module.py").write_text(GOOD)
    assert find("mine_module:run") is numpy_rnn.run


def test_a_file_may_import_what_stands_beside_it() -> None:
    """As it may when python runs it."""
    Path("below").mkdir()
    Path("below/mine_part.py").write_text(GOOD)
    Path("below/mine.py").write_text("from mine_part import run\n")
    assert find("below/mine.py:run") is numpy_rnn.run


def test_two_files_of_one_name_are_two_implementations() -> None:
    for folder in ("one", "two"):
        Path(folder).mkdir()
        Path(folder, "mine.py").write_text(f"def run(case):\n    return {folder!r}\n")
    assert [find(f"{folder}/mine.py:run")(None) for folder in ("one", "two")] == [
        "one",
        "two",
    ]  # type: ignore[arg-type]


def test_a_missing_file_is_named() -> None:
    assert sentence(find, "below/mine.py:run") == "there is no file below/mine.py"


def test_a_directory_is_no_file() -> None:
    Path("mine.py").mkdir()
    assert sentence(find, "mine.py:run") == "there is no file mine.py"


def test_a_missing_function_is_named_beside_those_that_are_there() -> None:
    Path("mine.py").write_text(GOOD)
    assert sentence(find, "mine.py:urn") == "mine.py has no function urn; it has rnn"


def test_what_is_there_but_no_function_gets_the_same_sentence() -> None:
    Path("mine.py").write_text(GOOD)
    assert sentence(find, "mine.py:number") == "mine.py has no function number; it has rnn"


def test_a_file_without_functions_has_none() -> None:
    Path("mine.py").write_text("")
    assert sentence(find, "mine.py:run") == "mine.py has no function run; it has none"


def test_a_large_module_is_not_listed_whole() -> None:
    assert len(sentence(find, "numpy:nosuch")) < 400


def test_a_missing_module_is_named() -> None:
    assert (
        sentence(find, "mine_absent.nosuch:run")
        == "mine_absent.nosuch cannot be imported: ModuleNotFoundError: "
        "No module named 'mine_absent'"
    )


@pytest.mark.parametrize(("text", "expected"), BROKEN, ids=[row[1] for row in BROKEN])
def test_a_file_that_cannot_be_imported_says_why(text: str, expected: str) -> None:
    Path("mine.py").write_text(text)
    assert sentence(find, "mine.py:run") == expected


@pytest.mark.parametrize("given", IS_THERE)
def test_what_is_there_but_cannot_be_used_is_told_from_a_wrong_name(given: str) -> None:
    for broken in ("mine.py", "mine_other.py"):
        Path(broken).write_text("1 / 0\n")
    Path("mine_importer.py").write_text("import nosuch\n")
    Path("mine_empty.py").write_text("")
    with pytest.raises(NotFound) as raised:
        find(given)
    assert isinstance(raised.value, Unusable) is IS_THERE[given]


def test_a_file_of_no_text_says_why() -> None:
    Path("mine.py").write_bytes(b"\xffrun")
    assert sentence(find, "mine.py:run").startswith("mine.py cannot be imported: SyntaxError: ")


def test_ctrl_c_while_a_file_is_imported_passes_through() -> None:
    Path("mine.py").write_text("raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        find("mine.py:run")


def test_a_model_is_no_implementation_and_what_to_do_is_said():
    with pytest.raises(NotFound, match=r"m\.pt is a model, whose weights are its own: compare it"):
        find("m.pt")


def test_a_notebook_has_to_become_a_file():
    with pytest.raises(NotFound, match=r"a b\.ipynb is a notebook: .* --to script 'a b\.ipynb'"):
        find("a b.ipynb:rnn")


def test_what_is_no_modules_name_is_no_module_and_a_file_of_a_package_is_named_as_one():
    with pytest.raises(
        NotFound, match=r"\./noext is no module's name; a file's name ends with \.py"
    ):
        find("./noext:rnn")
    Path("pkg").mkdir()
    Path("pkg/__init__.py").touch()
    Path("pkg/api.py").write_text("from .core import rnn\n")
    with pytest.raises(Unusable, match=r"relative import .*; name it as a module: pkg.api:"):
        find("pkg/api.py:rnn")
