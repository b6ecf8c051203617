"""Adding a framework is one folder and one row: a toy one runs everywhere without another edit."""

import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.process, pytest.mark.deep]

# What sitecustomize does is the one row; a user would write it into references/__init__.py.
ROW = """
import references
references.REFERENCES["toy"] = references.Reference(
    "toy_rnn", "Toy", ("toy_rnn",), "toy", fast="blocked", distributions=("numpy",),
    threads=("TOY_THREADS",),
    layout=(("kernel", "W.T"), ("recurrent", "U.T"), ("bias", "b_W + b_U")),
    settings=(references.Setting("changed Toy's mode", "mode", "set_mode"),),
)
"""
FOLDER = {
    "__init__.py": '''
"""A framework of one line, with a mask and layers of its own."""
import numpy as np
from references import Unsupported
from references.numpy_rnn import run as loop
from toy_rnn import mirror
from toy_rnn.variants import VARIANTS

_mode = ["calm"]
def mode(): return _mode[0]
def set_mode(value): _mode[0] = value

def run(case):
    """Computes the case as the toy does."""
    if case.config.go_backwards:
        raise Unsupported("toy has no go_backwards")
    return loop(case)

def facts(): return {"toy": "1.0"}
def activation_paths(nonlinearity): return {"eager": np.tanh} if nonlinearity == "tanh" else {}
''',
    "mirror.py": """
from references.case import CellWeights
def write(case): return [(cell.W.T, cell.U.T, cell.b_W + cell.b_U) for cell in case.weights]
def arrays(module): return dict(zip(("kernel", "recurrent", "bias"), module[0], strict=True))
def read(module, config): return config, tuple(CellWeights(W.T, U.T, b) for W, U, b in module)
""",
    "variants.py": """
from references import variant
from references.numpy_rnn import run
TABLE = [("blocked", {}, "Copies the case into blocks.")]
VARIANTS = variant.functions(__name__, lambda case: run(case), TABLE)
globals().update(VARIANTS)
""",
}
PLUGIN = ("-p", "harness.pytest_plugin", "-p", "no:cacheprovider")
# As where torch and Keras are not installed: the lesson computes with the loop and the toy.
ALONE = """
for name in ("torch", "keras"):
    row = references.REFERENCES[name]
    references.REFERENCES[name] = row._replace(needs=("nosuch", *row.needs))
"""
FEW = ("--parity-examples", "4")
TEST = """
import pytest
@pytest.mark.parity("toy", "toy/blocked")
def test_toy(parity):
    from harness import sample_cases
    for case in sample_cases(3, go_backwards=False):
        parity.check(case)
"""


@pytest.fixture
def toy(tmp_path):
    """Runs a command of rnn-parity, or of pytest, where the toy is installed; returns what it
    prints.
    """
    folder = tmp_path / "toy_rnn"
    folder.mkdir()
    for name, text in FOLDER.items():
        (folder / name).write_text(text)
    (tmp_path / "sitecustomize.py").write_text(ROW)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    environment = os.environ | {"PYTHONPATH": path, "XDG_STATE_HOME": str(tmp_path / "state")}

    def run(*arguments, module="harness", status=0):
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=environment, cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    run.folder = tmp_path
    return run


def test_it_is_verified_with_its_variants_and_in_workers(toy):
    lines = toy("verify", "toy/all", "--examples", "20").splitlines()
    assert any(line.split()[:1] == ["toy"] for line in lines)
    assert any(line.split()[:1] == ["toy/blocked"] for line in lines)
    assert "toy computes" in toy("verify", "toy", "--examples", "6", "--workers", "1")


def test_a_wrong_one_differs(toy):
    variants = toy.folder / "toy_rnn" / "variants.py"
    wrong = "lambda case: run(case).sequence[:, ::-1]"
    variants.write_text(variants.read_text().replace("lambda case: run(case)", wrong))
    assert "differs" in toy("verify", "toy/blocked", "--examples", "10", status=1)


PROBE = """
from harness import sample_cases
from harness.implementations.side_effects import watch
from harness.judge.calls.observe import LeftBehind
import toy_rnn
try:
    watch(toy_rnn.run)(next(sample_cases(1, go_backwards=False)))
except LeftBehind as error:
    assert "it changed Toy's mode, " in str(error) and toy_rnn.mode() == "calm"
    raise SystemExit(7)
"""


def test_a_setting_of_its_own_that_a_call_changes_is_put_back_and_reported(toy):
    package = toy.folder / "toy_rnn" / "__init__.py"
    wild = '    set_mode("wild"); return loop(case)'
    package.write_text(package.read_text().replace("    return loop(case)", wild))
    (toy.folder / "probe.py").write_text(PROBE)
    toy(module="probe", status=7)


def test_the_plugin_runs_it(toy):
    (toy.folder / "test_toy.py").write_text(TEST)
    assert "2 passed" in toy("-q", *PLUGIN, "test_toy.py", module="pytest")
    conformance = toy("-q", *PLUGIN, "--parity-implementation", "toy", *FEW, module="pytest")
    assert "passed" in conformance
    assert "failed" not in conformance


def test_a_campaign_runs_it(toy):
    printed = toy("campaign", "start", "c", "--implementations", "toy/all", "--cases", "20")
    assert "toy" in printed + toy("campaign", "show", "c")


def test_the_lesson_and_doctor_show_it(toy):
    assert "toy/blocked: Copies the case into blocks." in toy("doctor", "toy")
    (toy.folder / "sitecustomize.py").write_text(ROW + ALONE)
    toy("lesson", "-o", "lesson.html")
    assert "Toy" in (toy.folder / "lesson.html").read_text()
