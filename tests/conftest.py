"""The implementations under test, and the rings of tests.

A missing framework is a counted skip, and one failure where `.[test]` was asked for.
"""

import os
import signal
import subprocess
import sys

# Three workers on two cores: a second thread of NumPy's would wait for the first one's core.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings

from references import REFERENCES, installed, load
from tests.shares import (
    is_worker,
    longest_first,
    pytest_cmdline_main,  # noqa: F401 - a hook
    pytest_xdist_make_scheduler,  # noqa: F401 - a hook
)

# Else each worker rewrites each module of tests, and each of some hundred processes
# compiles the whole harness again.
WITHOUT_BYTECODE = sys.dont_write_bytecode
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# What the tests start prints as it does for users: what is not flushed may be lost.
os.environ.pop("PYTHONUNBUFFERED", None)

# Building a Keras layer takes tens of milliseconds: no deadline, no complaint about slow examples.
settings.register_profile(
    "parity", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("parity")

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # in a shell's background: what tests start and interrupt would ignore it, too
    signal.signal(signal.SIGINT, signal.default_int_handler)


# What a test costs that uses a fixture; the last three compute a whole lesson.
COSTS = dict.fromkeys(("implementation", "fast_implementation"), "framework")
COSTS |= {"pytester": "process"} | dict.fromkeys(("plain", "material", "html"), "slow")
NOT_FAST = ("framework", "process", "slow", "deep", "long")


# ONNX Runtime is by request: what is wrong with it is in the ledger, and its own tests judge it.
JUDGED = [name for name, row in REFERENCES.items() if not row.by_request]


@pytest.fixture(scope="session", params=JUDGED)
def implementation(request):
    """Each reference's run(case)."""
    return load(_present(request.param))


@pytest.fixture(scope="session", params=JUDGED)
def fast_implementation(request):
    """Each reference's fast variant, where it has one: many cases take minutes with the other."""
    name = _present(request.param)
    return load("/".join(filter(None, (name, REFERENCES[name].fast))))


def _present(name):
    if name not in installed():
        pytest.skip(f"{name} is not installed")
    return name


def pytest_report_header():
    """Says that bytecode is written, where the user has asked for none."""
    if WITHOUT_BYTECODE:
        return (
            "bytecode: written in spite of PYTHONDONTWRITEBYTECODE, since some hundred processes "
            "share it; PYTHONPYCACHEPREFIX says where"
        )
    return None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items):
    """Marks the fast ring: what uses no framework, starts no process and takes no second.

    Then `-m` is applied, and a worker sorts what is left.
    """
    for item in items:
        for fixture, name in COSTS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(name)
        if not any(item.get_closest_marker(name) for name in NOT_FAST):
            item.add_marker(pytest.mark.fast)
    result = yield
    if is_worker():
        longest_first(items)
    return result


def pytest_ignore_collect(collection_path, config):
    """Leaves out the folders that import a framework where the fast ring alone is wanted.

    Where the deep or the long ring is, it leaves out the files without a test of that ring.
    """
    ring, name = config.option.markexpr, collection_path.name
    if ring == "fast" and name in ("torch_rnn", "keras_rnn", "onnx_rnn"):
        return True
    if ring in ("deep", "long") and name.startswith("test_") and collection_path.suffix == ".py":
        return f"mark.{ring}" not in collection_path.read_text("utf-8") or None
    return None


@pytest.fixture(autouse=True)
def _is_fast(request, monkeypatch):
    """Fails a test of the fast ring that starts a process or loads a framework."""
    if not request.node.get_closest_marker("fast"):
        yield
        return

    def refuse(*_, **__):
        pytest.fail("it starts a process: mark it with pytest.mark.process")

    frameworks = {"torch", "tensorflow", "onnx"}
    before = frameworks & sys.modules.keys()
    monkeypatch.setattr(subprocess, "Popen", refuse)
    yield
    if frameworks & sys.modules.keys() - before:
        pytest.fail("it loads a framework: mark it with pytest.mark.framework")
