"""Importing the packages imports no framework and no Hypothesis."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.process
WATCHED = {"torch", "keras", "tensorflow", "onnx", "onnxruntime", "hypothesis"}


def loaded_by(statement):
    """The frameworks that are in memory after the statement, in a process of its own."""
    code = f"import sys; {statement}; print(*sorted({WATCHED} & set(sys.modules)))"
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return process.stdout.split()


@pytest.mark.parametrize(
    "statement",
    [
        "import harness, references",
        "import harness.cli.main, importlib; "
        "[importlib.import_module(f'harness.cli.{name}') for name in harness.cli.main.COMMANDS]",
        "from harness import check, verify, sample_cases, Verdict, Report; list(sample_cases(2))",
        "import references; references.installed()",
    ],
)
def test_no_framework_is_imported(statement):
    assert loaded_by(statement) == []


def test_the_probe_would_notice():
    assert loaded_by("import harness; harness.cases") == ["hypothesis"]
    assert loaded_by("import references; references.load('torch')") == ["torch"]


def test_verify_brings_its_guard_before_there_is_code_to_judge():
    guard = "harness.judge.shared_process.guarded"
    code = f"import sys; from harness import verify; print({guard!r} in sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert process.stdout.split() == [b"True"]


@pytest.mark.deep
def test_torch_is_imported_before_tensorflow_whatever_the_order_asked_for():
    statement = (
        "import harness; harness.verify('keras', 'torch', examples=1); names = list(sys.modules); "
    )
    assert loaded_by(statement + "assert names.index('torch') < names.index('tensorflow')") == [
        "keras",
        "tensorflow",
        "torch",
    ]


def test_public_names_are_listed_and_unknown_ones_are_refused():
    import harness

    assert all(getattr(harness, name) for name in harness.__all__)
    assert dir(harness) == sorted(harness.__all__)
    with pytest.raises(
        AttributeError, match="module 'harness' has no attribute 'verfy'; it has Comparison, "
    ):
        harness.verfy  # noqa: B018
