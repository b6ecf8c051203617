"""Each skeleton of `rnn-parity init` agrees as it stands, and so does its test."""

import importlib
import os
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from harness import verify
from harness.cli.init import STYLES, TEMPLATES
from harness.implementations.program import words_of
from tests.cli.commands import command, complaint, invoke

SMALL = {"time": (1, 8), "hidden_size": (1, 8), "input_size": (1, 8)}
PLAIN = [style for style, (_, packages) in STYLES.items() if not packages and style != "command"]


@pytest.fixture(autouse=True)
def _imports(monkeypatch):
    """What is imported here is forgotten afterwards."""
    monkeypatch.syspath_prepend(os.getcwd())
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if "my_" in name:
            del sys.modules[name]


def needs(style):
    """Skips, with the reason, where a package of the style is not installed."""
    for package in STYLES[style][1]:
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")


def written(style):
    """The skeleton's file, as the command writes it with its test."""
    stem = f"my_{style.replace('-', '_')}"
    result = invoke("init", f"{stem}.py", "--style", style)
    assert f"pytest test_{stem}.py" in result.stdout
    return Path(f"{stem}.py")


def marked(style):
    """The style, with the ring of its test."""
    marks = {
        "torch": ["framework"],
        "onnx": ["framework"],
        "keras": ["framework", "long"],
        "jax": ["framework", "slow"],
    }
    own = [getattr(pytest.mark, name) for name in marks.get(style, [])]
    return pytest.param(style, marks=own)


def test_what_is_missing_is_installed_before_the_commands_that_need_it(monkeypatch):
    monkeypatch.setattr("harness.cli.init.find_spec", lambda package: None)
    lines = [
        line.strip() for line in invoke("init", "my_rnn.py", "--style", "jax").stdout.split("\n")
    ]
    verify = lines.index("rnn-parity verify my_rnn.py:run")
    assert lines[verify - 1 : verify + 2] == [
        "pip install jax",
        "rnn-parity verify my_rnn.py:run",
        "pytest test_my_rnn.py",
    ]


def test_a_program_in_a_folder_whose_name_has_a_space_can_be_run():
    Path("my dir").mkdir()
    printed = invoke("init", "my dir/k_rnn.py", "--style", "command").stdout
    (line,) = [line for line in printed.split("\n") if "rnn-parity verify" in line][:1]
    (*_, name) = shlex.split(line)
    assert words_of(name) == ["python", "my dir/k_rnn.py"]


@pytest.mark.slow
@pytest.mark.parametrize("style", [marked(style) for style in STYLES if style != "command"])
def test_a_skeleton_agrees_and_so_does_its_test(style):
    needs(style)
    file = written(style)
    test = importlib.import_module(f"test_{file.stem}")
    if style in PLAIN:
        test.test_it_computes_what_the_hand_written_loop_computes()
        return
    report = verify(f"{file}:run", examples=4, **SMALL)
    assert set(report.summaries[0].counts) == {"agrees"}, str(report)


@pytest.mark.process
def test_the_test_of_a_program_passes():
    """tests/implementations/test_program.py judges the program itself."""
    written("command")
    importlib.import_module(
        "test_my_command"
    ).test_it_computes_what_the_hand_written_loop_computes()


@pytest.mark.long
@pytest.mark.process
@pytest.mark.framework
@pytest.mark.parametrize("style", STYLES)
def test_the_commands_that_it_prints_end_well(style):
    needs(style)
    file = written(style)
    lines = invoke("init", str(file), "--style", style, "--force").stdout.splitlines()
    _, *words = shlex.split(lines[1])
    assert command(*words).returncode == 0
    process = subprocess.run([sys.executable, "-m", "pytest", "-q", f"test_{file}"], timeout=300)
    assert process.returncode == 0


@pytest.mark.slow
def test_a_mistake_in_a_skeleton_is_caught():
    file = written("notebook")
    file.write_text(file.read_text().replace("U @ state", "U.T @ state"))
    with pytest.raises(AssertionError, match="U transposed"):
        verify(f"{file}:run", examples=8, **SMALL).raise_if_failed()


def test_nothing_is_overwritten_unless_it_is_forced():
    Path("test_mine_too.py").write_text("mine")
    assert complaint("init", "mine_too.py") == (
        "test_mine_too.py is there already; to overwrite: --force"
    )
    assert not Path("mine_too.py").exists()
    assert complaint("init", "mine.py", "--style", "rows").startswith("mine.py is there already")
    invoke("init", "mine.py", "--force", "--style", "rows")
    assert "(I, H)" in Path("mine.py").read_text()


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("", ". cannot be imported; name a Python file such as my_rnn.py"),
        ("my-rnn.py", "my-rnn.py cannot be imported; name a Python file such as my_rnn.py"),
        ("class.py", "class.py cannot be imported"),
        ("rnn", "rnn cannot be imported"),
        ("torch.py", "torch.py would be imported for torch itself; choose another name"),
        ("random.py", "random.py would be imported for random itself"),
        ("nowhere/rnn.py", "there is no folder nowhere"),
    ],
)
def test_a_path_that_cannot_be_is_a_sentence(path, sentence):
    assert complaint("init", path).startswith(sentence)
    assert os.listdir() == ["mine.py"]


def test_the_lines_for_ci_are_a_workflow_that_runs_both():
    Path("own kernels").mkdir()
    text = invoke("init", "own kernels/rnn.py", "--style", "jax").stdout
    workflow = yaml.safe_load(text[text.index("name: rnn-parity") :])
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    *_, install, verify_, test = [step["run"] for step in job["steps"] if "run" in step]
    assert install == "pip install ./wheels/rnn_parity-*.whl pytest jax"
    assert shlex.split(verify_) == ["rnn-parity", "verify", "own kernels/rnn.py:run", "--github"]
    assert shlex.split(test) == ["pytest", "own kernels/test_rnn.py"]


def test_each_template_is_used_and_each_style_has_one():
    names = {path.stem for path in TEMPLATES.iterdir()}
    assert names == {*STYLES, "test", "test-command", "workflow"}
    for path in TEMPLATES.iterdir():
        assert max(map(len, path.read_text().splitlines())) <= 100
