"""What runs in a process of its own: it is judged as in this one, and nothing there makes it pass."""

import json
from pathlib import Path

import numpy as np
import pytest

from harness import sample_cases
from harness.draw.limits import limits
from harness.judge.judge import judge
from harness.judge.observe import observe
from harness.runs.find import NotFound, Unusable
from harness.runs.frames import Malformed
from harness.runs.remote import MOST_STARTS, SPOILT, Callee, Remote, check_in
from harness.runs.resolve import claim, resolve
from references.numpy_rnn import run
from tests.cli.commands import command
from tests.runs import tricks

pytestmark = pytest.mark.process
FILE = """
import numpy as np
from references import Unsupported
from references.numpy_rnn import run
buffer = {}
def right(case): return run(case)
def refuses(case): raise Unsupported("not today")
def raises(case): return 1 / 0
def shared(case):
    out = run(case).sequence
    own = buffer.setdefault(out.shape, out.copy())
    own[:] = out
    return own
def writes(case):
    case.inputs.flags.writeable = True
    case.inputs[:] = 7
    return run(case)
def wide(case): return run(case).sequence.astype(np.float64)
def narrow(case): return run(case).sequence.astype(np.float16)
def exits(case): import os; os._exit(5)
def transposed(inputs, W, U, b, scale=1.0):
    h, outputs = np.zeros_like(b), []
    for x in inputs:
        h = np.tanh(W @ x + U.T @ h + b)
        outputs.append(h)
    return np.stack(outputs)
transposed.limits = {"time": (1, 4), "dtype": "float64"}
def check(run_):
    from harness import sample_cases
    for case in sample_cases(3):
        assert np.array_equal(run_(case).sequence, run(case).sequence), "unequal"
"""
NAMES = ["right", "refuses", "raises", "shared", "writes", "wide", "narrow"]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(FILE)


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
    assert judge(case, claim(remote, ["relu"])).kind == "differs"
    assert "limits" not in vars(Remote.of("mine.py:right"))


def test_every_value_of_a_limit_comes_back():
    text = "def run(case): ...\nrun.limits = {'time': (1, 4), 'dtype': 'float64', 'masks': False}\n"
    Path("own.py").write_text(text)
    own = Remote.of("own.py:run").limits
    assert own == {"time": (1, 4), "dtype": "float64", "masks": False}
    limits(**own)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("nothing.py:run", NotFound), ("mine.py:nothing", Unusable), ("broken.py:run", Unusable)],
)
def test_what_cannot_be_imported_raises_here_what_it_raised_there(name, kind):
    Path("broken.py").write_text("1 / 0\n")
    with pytest.raises(NotFound) as error:
        Remote.of(name)
    assert type(error.value) is kind
    if name.startswith("broken"):
        assert (error.value.crash.error, error.value.crash.line) == ("ZeroDivisionError", 1)


def test_the_fate_of_the_process_is_told_to_who_started_it():
    fates = []

    def end(status):
        fates.append(status)
        raise Malformed("it ended")

    callee = Callee("mine.py:exits", end)
    (case,) = sample_cases(1)
    with pytest.raises(Malformed, match="it ended"):
        callee.exchange(*call(case))
    assert fates == [5]


def call(case):
    from references.as_arrays import arrays_by_name, table_of

    return {"do": "call", "nonlinearity": "", "watch": False, **table_of(case)}, arrays_by_name(
        case
    )


def test_answers_that_are_none_are_a_crash_and_the_process_is_started_a_few_times():
    Path("spoils.py").write_text(f"{tricks.WRONG}{tricks.AT_CALL['noise on the pipe']}")
    remote = Remote.of("spoils.py:run")
    (case,) = sample_cases(1)
    for _ in range(MOST_STARTS + 2):
        observation = observe(case, remote)
        assert (observation.kind, observation.reason) == ("crashed", SPOILT)


def test_a_users_check_runs_there_and_its_implementations_here():
    check = check_in(Callee("mine.py:check"), lambda: None)
    check(run)
    with pytest.raises(AssertionError, match="unequal"):
        check(lambda case: run(next(sample_cases(1, seed=5))))
    with pytest.raises(Exception, match="ZeroDivisionError"):
        check(lambda case: 1 / 0)


def test_side_effects_are_seen_there():
    Path("prints.py").write_text(
        "from references.numpy_rnn import run as r\ndef run(case):\n    print('x')\n    return r(case)\n"
    )
    remote = Remote.of("prints.py:run")
    (case,) = sample_cases(1)
    assert judge(case, remote).kind == "agrees"
    watched = judge(case, remote.but("watch", True))
    assert watched.kind == "crashed"
    assert "printed to standard output" in watched.reason


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if at % 5 == 0 else [pytest.mark.long])
        for at, name in enumerate(tricks.sources())
    ],
)
def test_no_trick_makes_a_wrong_one_pass(name):
    text = tricks.sources()[name]
    Path("trick.py").write_text(text)
    function = "rnn" if "def rnn" in text or "rnn =" in text else "run"
    limit = ("--examples", "20", "--time-limit", "8", "--workers", "1")
    process = command("verify", f"trick.py:{function}", *limit, "--json", "report.json")
    assert process.returncode == 1, process.stderr[-3000:]
    assert "Traceback" not in process.stdout
    (row,) = json.loads(Path("report.json").read_text())["implementations"]
    assert row["counts"].get("agrees", 0) < 20
    assert np.tanh(0.5) < 0.47
