"""Runs every block of code in the pages and docstrings as it stands there; checks links and names.

The pages are README, CONTRIBUTING, the page of measurements, and each manual: a README.md below
`harness` or `references`.
"""

import doctest
import importlib
import inspect
import os
import pkgutil
import re
import shlex
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

import harness
import references
import references.case
from references import REFERENCES, installed

ROOT = Path(__file__).parent.parent
MANUALS = sorted(
    path.relative_to(ROOT).as_posix()
    for package in ("harness", "references")
    for path in (ROOT / package).rglob("README.md")
)
PAGES = ("README.md", "CONTRIBUTING.md", "tests/benchmarks/README.md", *MANUALS)
FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"# (\S+\.(?:py|yml))\n")
# Commands that no test here runs: with a reason, or with what .ci/run has in their place.
ELSEWHERE = {
    'python3 -m venv .venv && .venv/bin/pip install -e ".[dev]"': 'pip install -q ".[dev]"',
    "bash .ci/run": "#!/usr/bin/env bash",
    ".venv/bin/pytest -m fast": "takes a part of the command before it",
    "rnn-parity calibrate -o harness/judge/bounds/calibration.json": "takes ten minutes",
    "python -m tests.benchmarks.ratios torch": "takes minutes",
    "python -m tests.benchmarks.detection --seeds 20": "takes minutes: tests/benchmarks tests it",
    "python -m tests.benchmarks.sight": "takes minutes",
    "python -m tests.benchmarks.naming": "takes minutes",
    "python -m tests.benchmarks.rare_inputs": "takes a minute: its own test runs parts of it",
    "python -m tests.benchmarks.goals --memory 100000": "takes minutes",
    "python -m tests.benchmarks.growth -o growth.svg": "takes minutes",
    "python -m tests.benchmarks.ports": "takes minutes: tests/benchmarks tests its faults",
    "python -m tests.benchmarks.rounded_cases torch --cell lstm": "takes twenty minutes",
    "python -m tests.benchmarks.blind_side": "takes minutes: tests/benchmarks tests it",
    ".venv/bin/pytest tests/benchmarks/bench_speed.py": "takes a minute, and measures",
    "python -m tests.benchmarks.variants named torch 1000": "takes minutes",
    "python -m tests.benchmarks.variants pairs torch 10": "takes minutes",
    "python -m tests.benchmarks.variants exact keras 300": "takes minutes",
    "rnn-parity verify torch/all keras/all": "takes minutes",
    "rnn-parity verify onnx onnx/reference": "takes seconds: tests/references/onnx_rnn judges both",
    "rnn-parity lesson": "takes a quarter of a minute: tests/lesson writes it",
    "rnn-parity trace": "takes an import of both frameworks: tests/cli prints it",
    "rnn-parity trace --scaled": "takes the same",
    "rnn-parity lesson --numpy-only -o numpy.html --notebook lesson.ipynb": "takes as long",
    "rnn-parity convert trained.pt trained.npz": "takes seconds, as the one before: tests/cli",
    "python -m tests.campaign.kills 50": "takes minutes",
    "python -m tests.references.hostile_files 10000": "takes minutes: its own test reads 200",
    "python -m tests.campaign.steered 120 torch 1 2 3 4": "takes minutes",
    "rnn-parity campaign friday --implementations "
    "torch,keras/graph,torch/all@1000,keras/all@1000 --time 60h": "takes a weekend",
    "rnn-parity campaign resume friday": "needs the one before: tests/campaign runs them",
    "rnn-parity campaign show friday": "needs it, too",
    "rnn-parity campaign export friday --jsonl": "needs it, too",
}


# Packages of the gallery that no extra installs: its blocks run where they are there.
ELSEWHERE_INSTALLED = ("flax", "haiku", "mlx.core", "onnxruntime")


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    language: str
    text: str

    @property
    def file(self):
        """The name under which the page says to save it, or None."""
        start = FILE.match(self.text)
        return start and start[1]


def read(page):
    """The text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


BLOCKS = [Block(page, *block) for page in PAGES for block in FENCE.findall(read(page))]


def blocks(language, to_save=False):
    """The blocks of a language that are to be saved under a name, or the others."""
    return [b for b in BLOCKS if b.language == language and bool(b.file) == to_save]


def steps():
    """Every command of the two workflows."""
    text = "".join(block.text for block in blocks("yaml", to_save=True))
    return re.findall(r"- (?:run: )?((?:rnn-parity|pytest|pip) .*)", text)


def commands():
    """Every line of every block of commands, and every command of the two workflows, once."""
    lines = [line for block in blocks("bash") for line in block.text.splitlines()] + steps()
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def runnable():
    """The commands that this test runs as they stand; those of a manual alone are deep."""
    texts = [block.text for block in BLOCKS if block.page == "README.md"]
    readme = "".join(texts).splitlines()
    return [
        line if line in readme else pytest.param(line, marks=pytest.mark.deep)
        for line in run_here()
    ]


def run_here():
    """The lines that start with a command of ours and need no other place."""
    return [
        line
        for line in commands()
        if line.startswith(("rnn-parity ", "pytest ")) and line not in ELSEWHERE
    ]


def prose(page):
    """A page without its blocks of code."""
    return FENCE.sub("", read(page))


def environment(*folders):
    """The process' environment with these folders first on the path of commands."""
    path = os.pathsep.join([*map(str, folders), os.environ["PATH"]])
    dropped = ("PYTEST_ADDOPTS", "GITHUB_ACTIONS")
    return {name: value for name, value in os.environ.items() if name not in dropped} | {
        "PATH": path
    }


def execute(words, folder, **options):
    """Runs a command in the folder and captures its output."""
    return subprocess.run(
        words,
        cwd=folder,
        capture_output=True,
        text=True,
        **{"env": environment(Path(sys.executable).parent), "timeout": 120} | options,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A user's folder, with every file that the pages say to save; `save_` files have run."""
    user = tmp_path_factory.mktemp("user")
    for block in blocks("python", to_save=True):
        (user / block.file).write_text(block.text, encoding="utf-8")
        if block.file.startswith("save_"):
            execute([sys.executable, block.file], user, check=True)
    return user


def test_a_file_has_the_same_text_wherever_a_page_says_to_save_it():
    texts = {}
    for block in blocks("python", to_save=True) + blocks("yaml", to_save=True):
        assert texts.setdefault(block.file, block.text) == block.text, f"{block.page}: {block.file}"


@pytest.mark.framework
@pytest.mark.parametrize(
    "block", blocks("python"), ids=lambda block: f"{block.page}: {block.text.splitlines()[0]}"
)
def test_a_block_of_python_runs(block, folder, monkeypatch):
    for package in ELSEWHERE_INSTALLED:
        if re.search(rf"^(import|from) {package}\b", block.text, re.MULTILINE):
            pytest.importorskip(package, reason=f"{package} is not installed", exc_type=ImportError)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)
    exec(block.text, {})


@pytest.mark.framework
@pytest.mark.process
@pytest.mark.parametrize("line", runnable())
def test_a_command_runs_and_exits_with_0(line, folder):
    process = execute(shlex.split(line), folder)
    assert process.returncode == 0, process.stdout + process.stderr
    if line.startswith("rnn-parity verify"):
        assert "what the hand-written loop computes" in process.stdout
    elif line.startswith("pytest"):
        assert " passed" in process.stdout


@pytest.mark.process
def test_the_mistake_that_the_readme_plants_is_found_as_it_says(folder):
    text = (folder / "my_rnn.py").read_text()
    (folder / "wrong").mkdir(exist_ok=True)
    (folder / "wrong" / "my_rnn.py").write_text(
        text.replace("np.dot(U, state_t)", "np.dot(U.T, state_t)")
    )
    process = execute(["rnn-parity", "verify", "my_rnn.py:rnn"], folder / "wrong")
    assert process.returncode == 1
    sample = next(b.text for b in blocks("text") if b.text.startswith("my_rnn.py:rnn differs"))
    labels = [match[1] for match in re.finditer(r"^  (\w+(?: \w+)*)  ", sample, re.MULTILINE)]
    assert labels == ["where", "actual", "expected", "diagnosis", "smallest", "replay"]
    assert all(f"\n  {label:12}" in process.stdout for label in labels)
    output = " ".join(process.stdout.split())
    # The actual value is that of one processor's tanh. A long line is folded in the page.
    for entry in re.split(r"\n(?= {2,4}\w)", sample):
        if entry.startswith(("my_rnn", "  where", "  diagnosis", "  smallest", "  replay")):
            assert " ".join(entry.split()) in output, entry


@pytest.mark.framework
@pytest.mark.process
def test_the_port_that_the_manual_breaks_is_told_as_it_says(folder):
    process = execute(["rnn-parity", "compare", "trained.pt", "wrong.npz"], folder)
    assert process.returncode == 1
    sample = next(block.text for block in blocks("text") if block.text.startswith("Not the same"))
    assert " ".join(process.stdout.split()).startswith(" ".join(sample.split()))


@pytest.mark.long
@pytest.mark.process
def test_the_install_line_of_the_workflows_runs_as_it_stands(tmp_path, folder):
    """In a new environment, beside the wheel that the page says to build."""
    execute(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path / "wheels", ROOT],
        tmp_path,
        check=True,
        timeout=600,
    )
    (tmp_path / "my_rnn.py").write_text((folder / "my_rnn.py").read_text())
    venv.create(tmp_path / "venv", with_pip=True)
    own = environment(tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin"))
    own.pop("PYTHONPATH", None)
    installs = [line for line in steps() if line.startswith("pip install")]
    assert len(installs) == 2
    for line in [
        *dict.fromkeys(installs),
        "rnn-parity verify my_rnn.py:rnn -q",
        "pytest --version",
    ]:
        process = execute(shlex.split(line), tmp_path, env=own, timeout=600)
        assert process.returncode == 0, line + process.stdout + process.stderr


@pytest.mark.deep
@pytest.mark.process
def test_the_project_page_of_the_wheel_links_to_files_in_it(tmp_path):
    words = ["pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(ROOT)]
    execute([sys.executable, "-m", *words], tmp_path, check=True, timeout=600)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        page = archive.read(metadata).decode()
    assert page.endswith(read("README.md"))
    assert set(links("README.md")) <= set(names)


def test_every_other_command_is_run_by_the_gate_or_has_a_reason():
    gate = read(".ci/run")
    others = [line for line in commands() if line not in run_here()]
    assert not set(ELSEWHERE) - set(others), "no page has these any more"
    for line in others:
        if line in ELSEWHERE:
            assert ELSEWHERE[line] in gate or ELSEWHERE[line].startswith(("takes", "needs"))
        elif not line.startswith("pip install"):
            for part in line.split(" && "):
                assert part in gate.replace(" -q", "").replace(",browser", ""), (
                    f"{part} is run nowhere"
                )


def test_there_is_no_other_kind_of_block():
    languages = {"python", "bash", "powershell", "text", "yaml", "toml"}
    assert {block.language for block in BLOCKS} <= languages
    assert all(tomllib.loads(block.text) for block in BLOCKS if block.language == "toml")
    for page in PAGES:
        assert not re.search(r"\n\n {4}\S", prose(page)), (
            f"{page} has an indented block, which no test runs"
        )


def links(page):
    """The targets of a page's links, from the root of the repository."""
    here = (ROOT / page).parent
    for target in re.findall(r"\]\(([^)]+)\)", prose(page)):
        if not re.match(r"\w+:", target):
            path = (here / target.partition("#")[0]).resolve() if target[0] != "#" else ROOT / page
            yield path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_a_page_lead_to_files(page):
    for target in links(page):
        assert (ROOT / target).is_file(), f"{page} links to {target}, which is not there"


def test_the_readme_links_to_every_manual_and_to_nothing_that_the_wheel_lacks():
    targets = set(links("README.md"))
    assert targets >= set(MANUALS)
    hatch = tomllib.loads(read("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {target.split("/")[0] for target in targets} <= set(hatch["packages"])


def test_the_readme_is_short_in_lines_columns_and_sentences():
    lines = read("README.md").splitlines()
    assert len(lines) <= 130
    assert max(map(len, lines)) <= 120
    text = re.sub(r"`[^`]*`", "code", prose("README.md"))
    for paragraph in re.split(r"\n\n|\n(?=[-|#])|\|", text):
        for sentence in re.split(r"[.:;?!](?=\s|$)", paragraph):
            assert len(sentence.split()) <= 30, sentence


def test_the_workflows_are_yaml_of_the_right_shape():
    github, gitlab = (yaml.safe_load(block.text) for block in blocks("yaml", to_save=True))
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
    missing = tuple(row.module for name, row in REFERENCES.items() if name not in installed())
    for package in (harness, references):
        yield package.__name__
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__") and not module.name.startswith(missing):
                yield module.name


@pytest.mark.framework
def test_the_examples_in_docstrings_hold():
    attempts = 0
    for name in modules():
        result = doctest.testmod(importlib.import_module(name))
        assert result.failed == 0, name
        attempts += result.attempted
    assert attempts >= 8


def test_an_example_that_does_not_hold_would_be_noticed(capsys):
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    assert doctest.DocTestRunner().run(wrong).failed == 1
    assert "Expected" in capsys.readouterr().out


def undocumented(where, names):
    """Yields the public names, and the public members of classes, that have no docstring."""
    for name in names:
        thing = getattr(where, name)
        if isinstance(thing, dict):
            continue
        # A class inherits its parent's docstring: only its own counts.
        if not (vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__):
            yield name
        for member, value in vars(thing).items() if inspect.isclass(thing) else ():
            is_property = isinstance(value, property)
            function = value.fget if is_property else getattr(value, "func", value)
            if member.startswith("_") or not (is_property or inspect.isfunction(function)):
                continue
            if not inspect.getdoc(function):
                yield f"{name}.{member}"


def test_every_public_name_is_documented():
    classes = [
        name
        for name, value in vars(references.case).items()
        if inspect.isclass(value) and value.__module__ == "references.case" and name[0] != "_"
    ]
    assert list(undocumented(harness, harness.__all__)) == []
    assert list(undocumented(references, references.__all__)) == []
    assert list(undocumented(references.case, classes)) == []


def test_a_public_name_without_documentation_would_be_noticed():
    class Silent:
        @property
        def value(self): ...

        def method(self): ...

        def documented(self):
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
