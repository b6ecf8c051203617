"""Every block of code in README, CONTRIBUTING and docstrings is run as it stands there, and every public name is documented."""

import doctest
import importlib
import inspect
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import harness
import references
import references.case
from references import installed

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "CONTRIBUTING.md")
BLOCKS = [
    (page, language, text)
    for page in PAGES
    for language, text in re.findall(
        r"^```(\S*)\n(.*?)^```$",
        (ROOT / page).read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
]
# What a test cannot run: with a reason, or what .ci/run has in its place.
ELSEWHERE = {
    '.venv/bin/pip install "torch>=2.6,<2.14" --index-url https://download.pytorch.org/whl/cpu': "needs another index",
    'python3 -m venv .venv && .venv/bin/pip install -e ".[dev]"': '.venv/bin/pip install -q ".[dev]"',
    "bash .ci/run": "#!/usr/bin/env bash",
    "rnn-parity calibrate -o harness/judge/calibration.json": "takes ten minutes",
    "python -m tests.benchmarks.ratios torch": "takes minutes",
    "python -m tests.benchmarks.sight": "takes minutes",
    "python -m tests.benchmarks.goals --memory 100000": "takes minutes",
    "python -m tests.benchmarks.growth -o growth.svg": "takes minutes",
    ".venv/bin/pytest tests/benchmarks/bench_speed.py": "takes a minute, and what it measures means nothing here",
    "python -m tests.campaign.kills 50": "takes minutes",
    "python -m tests.campaign.steered 120 torch 1 2 3 4": "takes minutes",
    "rnn-parity campaign friday --implementations torch,keras/graph,torch/all@1000,keras/all@1000 --time 60h": "takes a weekend",
    "rnn-parity campaign resume friday": "needs the one before, as do the next two: tests/campaign runs all of them",
    "rnn-parity campaign show friday": "needs it, too",
    "rnn-parity campaign export friday --jsonl": "needs it, too",
}
FILE = re.compile(r"# (\S+\.(?:py|yml))\n")


def blocks(language, named=False):
    """The blocks of a language; those that begin with a file's name, or the others."""
    return [
        (page, text)
        for page, found, text in BLOCKS
        if found == language and bool(FILE.match(text)) == named
    ]


def commands():
    """Every line of every block of commands, and every command of the two workflows."""
    lines = [line for _, text in blocks("bash") for line in text.splitlines() if line]
    for _, text in blocks("yaml", named=True):
        lines += re.findall(r"- (?:run: )?((?:rnn-parity|pytest|pip) .*)", text)
    return lines


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A user's folder, with every file that the pages say to save."""
    made = tmp_path_factory.mktemp("user")
    for _, text in blocks("python", named=True):
        (made / FILE.match(text)[1]).write_text(text, encoding="utf-8")
    return made


@pytest.mark.parametrize(
    "text", [text for _, text in blocks("python")], ids=lambda text: text.splitlines()[0]
)
def test_a_block_of_python_runs(text):
    exec(text, {})


@pytest.mark.parametrize(
    "line",
    [
        line
        for line in dict.fromkeys(commands())
        if line.startswith(("rnn-parity verify", "pytest"))
    ],
)
def test_a_command_runs_and_exits_with_0(line, folder):
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    }
    environment = {
        name: value
        for name, value in environment.items()
        if name not in ("PYTEST_ADDOPTS", "GITHUB_ACTIONS")
    }
    done = subprocess.run(
        shlex.split(line), cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "computes what the hand-written loop computes" in done.stdout or " passed" in done.stdout


def test_the_mistake_that_the_readme_plants_is_found_as_it_says(folder):
    text = (folder / "my_rnn.py").read_text()
    (folder / "planted.py").write_text(text.replace("np.dot(U, state_t)", "np.dot(U.T, state_t)"))
    done = subprocess.run(
        [sys.executable, "-m", "harness", "verify", "planted.py:rnn"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    shown = next(text for _, text in blocks("text") if text.startswith("my_rnn.py:rnn differs"))
    labels = [line[2:14].strip() for line in shown.splitlines()[1:9]]
    assert labels == [
        "where",
        "actual",
        "expected",
        "difference",
        "allowed",
        "ratio",
        "diagnosis",
        "failures",
    ]
    assert all(f"\n  {label:12}" in done.stdout for label in labels)
    for line in shown.splitlines():  # the numbers between are those of one processor's BLAS
        if line.startswith(("  where", "  diagnosis", "  failures")):
            assert line in done.stdout, line


def test_every_other_command_is_run_by_the_gate_or_has_a_reason():
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    others = [
        line
        for line in commands()
        if not line.startswith(("rnn-parity verify", "pytest", "pip install"))
    ]
    assert others
    for line in others:
        if line in ELSEWHERE:
            assert ELSEWHERE[line] in gate or ELSEWHERE[line].startswith(("takes", "needs"))
        else:
            for part in line.split(" && "):
                assert part in gate.replace(" -q", "").replace(",browser", ""), (
                    f"{part} is run nowhere"
                )
    assert not set(ELSEWHERE) - set(others)


def test_there_is_no_other_kind_of_block():
    assert {language for _, language, _ in BLOCKS} == {
        "python",
        "bash",
        "powershell",
        "text",
        "yaml",
    }
    for page in PAGES:
        prose = re.sub(
            r"^```.*?^```$",
            "",
            (ROOT / page).read_text(encoding="utf-8"),
            flags=re.DOTALL | re.MULTILINE,
        )
        assert not re.search(r"\n\n {4}\S", prose), (
            f"{page} has an indented block, which no test runs"
        )


def test_the_workflows_are_yaml_of_the_right_shape():
    github, gitlab = (yaml.safe_load(text) for _, text in blocks("yaml", named=True))
    assert github["permissions"] == {"contents": "read"}
    assert set(github) == {"name", True, "permissions", "jobs"}  # YAML reads the key "on" as True
    (job,) = github["jobs"].values()
    assert job["runs-on"] == "ubuntu-latest"
    assert all(("run" in step) != ("uses" in step) for step in job["steps"])
    (job,) = gitlab.values()
    assert job["artifacts"]["reports"]["junit"] == ["verify.xml", "tests.xml"]
    assert all(isinstance(line, str) for line in job["script"])


def modules():
    """Every module that can be imported here: a framework's where it is installed."""
    skipped = [f"references.{name}_rnn" for name in ("torch", "keras") if name not in installed()]
    for package in (harness, references):
        yield package.__name__
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__") and not found.name.startswith(tuple(skipped)):
                yield found.name


def test_the_examples_in_docstrings_hold():
    tried = 0
    for name in modules():
        result = doctest.testmod(importlib.import_module(name))
        assert result.failed == 0, name
        tried += result.attempted
    assert tried >= 8


def test_an_example_that_does_not_hold_would_be_noticed(capsys):
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    assert doctest.DocTestRunner().run(wrong).failed == 1
    assert "Expected" in capsys.readouterr().out


def undocumented(where, names):
    """Public names, and public methods and properties of public classes, that say nothing of their own."""
    for name in names:
        thing = getattr(where, name)
        if isinstance(thing, dict):
            continue
        if not (
            vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
        ):  # a class inherits its parent's
            yield name
        for member, value in vars(thing).items() if inspect.isclass(thing) else ():
            looks = value.fget if isinstance(value, property) else getattr(value, "func", value)
            if (
                not member.startswith("_")
                and (inspect.isfunction(looks) or isinstance(value, property))
                and not inspect.getdoc(looks)
            ):
                yield f"{name}.{member}"


def test_every_public_name_is_documented():
    case = [
        name
        for name, value in vars(references.case).items()
        if inspect.isclass(value) and value.__module__ == "references.case"
    ]
    assert list(undocumented(harness, harness.__all__)) == []
    assert list(undocumented(references, references.__all__)) == []
    assert (
        list(undocumented(references.case, [name for name in case if not name.startswith("_")]))
        == []
    )


def test_a_public_name_without_documentation_would_be_noticed():
    class Silent:
        @property
        def value(self): ...

        def method(self): ...

        def told(self):
            """Says so."""

    class Places:
        pass

    Places.Silent, Places.function = Silent, lambda: None
    assert list(undocumented(Places, ["Silent", "function"])) == [
        "Silent",
        "Silent.value",
        "Silent.method",
        "function",
    ]
