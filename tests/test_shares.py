"""Tests that workers of pytest-xdist share the suite as `tests/shares.py` says."""

import re
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.shares import (
    TOGETHER,
    longest_first,
    pytest_cmdline_main,
    pytest_xdist_make_scheduler,
    share,
)

ROOT = Path(__file__).parents[1]
xdist = pytest.importorskip("xdist.plugin")


@pytest.fixture
def options(pytester, monkeypatch):
    """The number of workers, and how they share, of a session with some arguments."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makeini("[pytest]\ntestpaths = tests")
    pytester.mkdir("tests").joinpath("test_file.py").touch()

    def parse(*arguments):
        config = pytester.parseconfig(*arguments)
        pytest_cmdline_main(config)
        if config.pluginmanager.hasplugin("xdist"):
            xdist.pytest_cmdline_main(config)  # which comes next
        return tuple(getattr(config.option, name, None) for name in ("numprocesses", "dist"))

    return parse


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), (3, "loadfile")),
        (("-m", "fast"), (3, "loadfile")),
        (("-n", "4"), (4, "loadfile")),
        (("-n", "0"), (0, "no")),
        (("-n", "2", "--dist", "worksteal"), (2, "worksteal")),
        (("tests/test_file.py",), (None, "no")),
        (("tests/test_file.py", "-n", "4"), (4, "load")),
        (("--pdb",), (None, "no")),
        (("--collect-only",), (None, "no")),
        (("-p", "no:xdist"), (None, None)),
    ],
    ids=str,
)
def test_the_whole_suite_is_shared_unless_the_user_says_otherwise(options, arguments, expected):
    assert options(*arguments) == expected


def test_a_worker_starts_no_workers(options, monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    assert options() == (None, "no")


def test_another_way_to_share_is_left_to_xdist():
    config = SimpleNamespace(option=SimpleNamespace(dist="worksteal"))
    assert pytest_xdist_make_scheduler(config, None) is None


def test_each_name_of_files_that_are_shared_together_exists():
    assert all((ROOT / start).exists() for start in TOGETHER)
    assert share("tests/lesson/test_page.py::test[a::b]") == "a lesson"
    assert share("tests/draw/test_deal.py::test[a::b]") == "tests/draw/test_deal.py"


LONG = "import pytest\n@pytest.mark.{}\ndef test_long(): pass\n"
SHORT = "def test_short(): pass\n"
FILES = {
    "tests/lesson/test_a.py": SHORT + SHORT.replace("short", "other"),
    "tests/lesson/test_b.py": SHORT,
    "tests/test_deep.py": LONG.format("deep") + SHORT,
    "tests/test_slow.py": LONG.format("slow"),
}


@pytest.fixture
def suite(pytester, monkeypatch):
    """A small suite with our way to share it."""
    for name, text in FILES.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeini("[pytest]\ntestpaths = tests\nmarkers = deep:\n slow:\n fast:\n")
    hooks = "pytest_cmdline_main, pytest_xdist_make_scheduler, pytest_collection_modifyitems"
    pytester.path.joinpath("conftest.py").write_text(f"from tests.conftest import {hooks}\n")
    return pytester


@pytest.mark.slow
def test_files_that_share_a_fixture_come_to_one_worker(suite):
    output = suite.runpytest_subprocess("-v", "-m", "not deep").stdout.str()
    workers = defaultdict(list)
    for worker, file in re.findall(r"\[(gw\d)\].* PASSED (\S+)::", output):
        workers[share(file)].append(worker)
    counts = {name: len(own) for name, own in workers.items()}
    assert counts == {"a lesson": 3, "tests/test_deep.py": 1, "tests/test_slow.py": 1}
    assert sorted(map(set, workers.values()), key=min) == [{"gw0"}, {"gw1"}, {"gw2"}]


@pytest.mark.slow
def test_a_worker_starts_with_what_takes_longest_of_what_is_left(suite):
    output = suite.runpytest_subprocess("-v", "-m", "not deep", "-n", "1").stdout.str()
    names = re.findall(r"PASSED tests/(?:lesson/)?(\w+)", output)
    assert names == ["test_slow", "test_a", "test_a", "test_b", "test_deep"]


def test_files_are_sorted_by_what_their_tests_cost(suite):
    own = (
        ("few", SHORT),
        ("many", FILES["tests/lesson/test_a.py"]),
        ("seconds", LONG.format("deep(seconds=9)")),
        ("none", LONG.format("deep(seconds=0.01)")),
    )
    for name, text in own:
        suite.path.joinpath(f"tests/test_{name}.py").write_text(text)
    items, _ = suite.inline_genitems()
    longest_first(items)
    names = [Path(item.nodeid.partition("::")[0]).stem for item in items]
    expected = ["test_deep"] * 2 + ["test_slow", "test_a", "test_a", "test_b"]
    assert names == ["test_seconds", *expected, "test_many", "test_many", "test_few", "test_none"]


@pytest.mark.parametrize("value", ["", "1"])
def test_bytecode_is_written_and_said_where_the_user_asked_for_none(suite, monkeypatch, value):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", value)
    with suite.path.joinpath("conftest.py").open("a") as file:
        file.write("from tests.conftest import pytest_report_header\n")
    suite.path.joinpath("tests/test_slow.py").write_text(
        "import os\ndef test_(): assert 'PYTHONDONTWRITEBYTECODE' not in os.environ\n"
    )
    result = suite.runpytest_subprocess("-p", "no:xdist", "tests/test_slow.py")
    result.assert_outcomes(passed=1)
    assert ("in spite of PYTHONDONTWRITEBYTECODE" in result.stdout.str()) == bool(value)
    assert list(suite.path.glob("tests/__pycache__/test_slow*.pyc"))
