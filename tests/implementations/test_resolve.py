"""From what a user writes to an implementation: every way in, and a sentence for every way that
leads nowhere.
"""

from pathlib import Path
from typing import Any

import pytest

from harness import sample_cases
from harness.implementations.resolve import claim, resolve
from harness.judge.judge import judge
from references import NotInstalled, installed, numpy_rnn
from references.cells.rnn import simple_rnn
from references.notebook import LIMITS
from tests.implementations.files import GOOD, sentence

KNOWN = "numpy, torch, keras"

pytestmark = pytest.mark.usefixtures("own_folder")


def test_a_reference_is_found_by_its_name() -> None:
    assert resolve("numpy") == ("numpy", numpy_rnn.run)


def test_a_function_is_itself_under_its_own_name() -> None:
    assert resolve(numpy_rnn.run) == ("references.numpy_rnn:run", numpy_rnn.run)


def test_a_module_and_function_are_found_as_written() -> None:
    assert resolve("references.numpy_rnn:run") == ("references.numpy_rnn:run", numpy_rnn.run)


@pytest.mark.parametrize(
    "path", ["mine.py", "./mine.py", "below/mine.py", "my rnn.py", "C:mine.py", "rnn[torch].py"]
)
def test_a_file_and_function_are_found_as_written(path: str) -> None:
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(GOOD)
    assert resolve(f"{path}:run") == (f"{path}:run", numpy_rnn.run)


def test_a_function_of_four_arguments_is_taken_for_a_notebooks() -> None:
    Path("mine.py").write_text(GOOD)
    case = next(sample_cases(1, **LIMITS))
    for implementation in (
        "mine.py:rnn",
        "mine.py:imported",
        simple_rnn,
        "references.cells.rnn:simple_rnn",
    ):
        _, function = resolve(implementation)
        assert function.limits == LIMITS  # type: ignore[attr-defined]
        assert judge(case, function).kind == "agrees"


def test_a_function_of_a_case_and_options_is_left_alone() -> None:
    def run(case: Any, a: int = 1, b: int = 2, c: int = 3) -> None: ...

    assert resolve(run)[1] is run


@pytest.mark.parametrize(
    "given", ["", "torhc", "numpy:", ":run", ":", "mine.py:", "package.module"]
)
def test_what_is_no_name_and_no_place_gets_a_sentence(given: str) -> None:
    text = sentence(resolve, given)
    assert text.startswith(f"implementation is {given!r}, expected one of {KNOWN}")
    assert text.endswith("package.module:function, file.py:function or command:./program")


def test_a_path_without_a_function_gets_advice_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("mine.py").touch()
    assert sentence(resolve, "folder") == "folder is a folder; name a file in it"
    assert sentence(resolve, "mine.py") == "name the function of mine.py, as in mine.py:run"
    assert sentence(resolve, "other.py") == "there is no file other.py"


def test_a_row_of_one_cell_refuses_cases_of_the_others() -> None:
    name, run = resolve("numpy gru")
    rnn, gru = (next(sample_cases(1, cell=cell)) for cell in ("rnn", "gru"))
    assert judge(gru, run, name).kind == "agrees"
    verdict = judge(rnn, run, name)
    assert verdict.kind == "refused"
    assert "'numpy gru' stands for those of 'gru' alone, 'numpy' for all" in verdict.reason


@pytest.mark.framework
def test_an_unknown_variant_is_told_the_known_ones() -> None:
    if "keras" in installed():
        assert sentence(resolve, "keras/unrolled").startswith(
            "keras has no variant 'unrolled'; it has graph, unroll, cell, stacked, "
        )
    assert sentence(resolve, "numpy/fast") == "numpy has no variant 'fast'; it has none"


@pytest.mark.parametrize("given", [None, 5, b"numpy", ["numpy"]])
def test_what_is_no_string_and_no_function_gets_a_sentence(given: Any) -> None:
    assert (
        sentence(resolve, given)
        == f"implementation is {given!r}, expected a name, 'module:function' or a function"
    )


def test_a_framework_that_is_not_installed_says_what_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("references.find_spec", lambda name: None)
    with pytest.raises(NotInstalled) as raised:
        resolve("keras")
    assert str(raised.value) == (
        "keras needs keras and tensorflow, which are not installed: pip install 'rnn-parity[keras]'"
    )


def test_several_choices_claim_nothing() -> None:
    run = resolve(simple_rnn)[1]
    one = claim(run, {"nonlinearity": ["relu", "relu"], "cell": "rnn"})
    assert one.limits["nonlinearity"] == "relu"  # type: ignore[attr-defined]
    several = claim(one, {"nonlinearity": ["tanh", "relu"], "cell": ["rnn", "gru"]})
    assert several.limits == one.limits  # type: ignore[attr-defined]
    assert claim(numpy_rnn.run, {}) is numpy_rnn.run
