"""What runs in a process of its own: it is judged as in this one, and nothing there makes it
pass.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from harness import sample_cases
from harness.draw.limits import limits
from harness.implementations.find import Unusable
from harness.implementations.remote import Remote
from harness.implementations.resolve import claim, resolve
from harness.judge.judge import judge
from harness.mistakes.causes.author import is_mirror
from tests.cli.commands import command
from tests.implementations import tricks

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("mine")]
NAMES = ["right", "refuses", "raises", "shared", "writes", "wide", "narrow"]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_judged_as_in_this_process(name):
    remote, (_, local) = Remote.of(f"mine.py:{name}"), resolve(f"mine.py:{name}")
    for case in sample_cases(12, seed=3):
        one, other = judge(case, remote, "it"), judge(case, local, "it")
        assert (one.kind, one.reason, one.crash) == (other.kind, other.reason, other.crash)
        assert (one.outputs, one.exact, one.worst_ratio) == (
            other.outputs,
            other.exact,
            other.worst_ratio,
        )


def test_a_notebooks_function_has_its_form_its_limits_and_its_claim():
    remote, (_, local) = Remote.of("mine.py:transposed"), resolve("mine.py:transposed")
    assert remote.limits == local.limits
    assert remote.notebook_form() == local.notebook_form()
    assert remote.notebook_form().defaults == ("scale",)
    (case,) = sample_cases(1, seed=1, **dict(remote.limits) | {"nonlinearity": "relu"})
    assert judge(case, remote).kind == "refused"
    assert judge(case, claim(remote, {"nonlinearity": "relu", "cell": "rnn"})).kind == "differs"
    assert Remote.of("mine.py:right").limits is None
    assert Remote.of("mine.py:right").notebook_form is None


def test_every_value_of_a_limit_comes_back():
    text = "def run(case): ...\nrun.limits = {'time': (1, 4), 'dtype': 'float64', 'masks': False}\n"
    Path("own.py").write_text(text)
    own = Remote.of("own.py:run").limits
    assert own == {"time": (1, 4), "dtype": "float64", "masks": False}
    limits(**own)


def test_side_effects_are_seen_there():
    Path("prints.py").write_text(
        "from references.numpy_rnn import run as r\n"
        "def run(case):\n"
        "    print('x')\n"
        "    return r(case)\n"
    )
    remote = Remote.of("prints.py:run")
    (case,) = sample_cases(1)
    assert judge(case, remote).kind == "agrees"
    watched = judge(case, remote.but(watch=True))
    assert watched.kind == "crashed"
    assert "printed to standard output" in watched.reason


def test_a_shared_buffer_is_seen_however_many_layers_are_run_one_by_one():
    case = next(sample_cases(1, num_layers=6, bidirectional=False, masks=False))
    for implementation in (Remote.of("mine.py:shared"), resolve("mine.py:shared")[1]):
        verdict = judge(case, implementation)
        assert (verdict.kind, "the next call wrote" in verdict.reason) == ("differs", True)


def test_a_mirror_is_told_in_a_mirrors_words():
    Path("mirror.py").write_text("import torch\ndef run(case): return 0\n")
    pytest.importorskip("torch")
    assert is_mirror(Remote.of("mirror.py:run"))
    assert not is_mirror(Remote.of("mine.py:right"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_fork_in_every_row_does_not_double_the_copies_with_each():
    Path("forks.py").write_text(
        "import os\nfrom references.cells.rnn import simple_rnn\n"
        "def rnn(inputs, W, U, b):\n"
        "    os.fork()\n"
        "    with open('calls', 'ab') as file: file.write(b'x')\n"
        "    return simple_rnn(inputs, W, U, b)\n"
    )
    remote = Remote.of("forks.py:rnn")
    sizes = {"batch": 10, "time": 2, "hidden_size": 2}
    plain = dict.fromkeys(("bidirectional", "masks", "go_backwards", "initial_states"), False)
    case = next(sample_cases(1, num_layers=1, nonlinearity="tanh", **plain, **sizes))
    assert judge(case, remote, calls=1).kind == "agrees"
    # 10 rows, what is left of them in copies and in theirs, and a probe; else 2 + 4 + ... + 1024.
    assert 10 < Path("calls").stat().st_size < 400


def test_limits_that_raise_are_a_sentence():
    Path("raises.py").write_text(
        "class R:\n    limits = property(lambda s: 1 / 0)\n    def __call__(self, case): ...\n"
        "run = R()\n"
    )
    with pytest.raises(Unusable, match="its limits raised ZeroDivisionError: division by zero"):
        Remote.of("raises.py:run")


@pytest.mark.deep
def test_no_trick_makes_a_wrong_one_pass():
    """The judge's own process and pytest's meet every trick: see `tests.hostile`."""
    assert_caught([*tricks.sources()][::7])


@pytest.mark.long
@pytest.mark.parametrize("name", tricks.sources())
def test_no_trick_alone_makes_a_wrong_one_pass(name):
    assert_caught([name])


def assert_caught(names):
    functions = []
    for at, text in enumerate(map(tricks.sources().get, names)):
        Path(f"trick{at}.py").write_text(text)
        function = "rnn" if "def rnn" in text or "rnn =" in text else "run"
        functions.append(f"trick{at}.py:{function}")
    limit = ("--examples", "8", "--time-limit", "8", "--workers", "1")
    process = command("verify", *functions, *limit, "--json", "report.json")
    assert process.returncode == 1, process.stderr[-3000:]
    assert "Traceback" not in process.stdout
    rows = json.loads(Path("report.json").read_text())["implementations"]
    assert len(rows) == len(names)
    for name, row in zip(names, rows, strict=True):
        assert row["exit"] == 1, name
        assert row["counts"].get("agrees", 0) < 20, name
    assert np.tanh(0.5) < 0.47
