"""How the whole suite is shared among workers of pytest-xdist: which files together, which first.

A scheduler of our own does it: pytest 9.2 ignores the mark `xdist_group` of pytest-xdist 3.8.
"""

import os
from collections import Counter

import pytest

# Seconds that a test takes, about, unless its mark says `seconds=`; others take 0.02.
SECONDS = {"framework": 0.3, "process": 0.8, "slow": 1.0, "deep": 5.0, "long": 100.0}
# Files that share a fixture of the session which takes seconds, and under what name.
TOGETHER = {
    "tests/lesson/": "a lesson",
    "tests/campaign/test_page.py": "a campaign with findings",
    "tests/campaign/test_report.py": "a campaign with findings",
}


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """Shares the whole suite file by file, where pytest-xdist is there and no `--dist` is named.

    Three workers, unless `-n` names a number: a third of the time they wait for processes that
    tests start.
    """
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    alone = config.option.usepdb or config.option.collectonly or is_worker()
    free = config.pluginmanager.hasplugin("xdist") and config.option.dist == "no"
    if whole and not alone and free:
        if config.option.numprocesses is None:
            config.option.numprocesses = 3
        config.option.dist = "loadfile"
        config.option.loadscopereorder = False  # the tests come in a better order


def is_worker():
    """Tells whether this process is a worker of pytest-xdist."""
    return "PYTEST_XDIST_WORKER" in os.environ


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Gives a worker whole files, and files that share a fixture together."""
    from xdist.scheduler import LoadFileScheduling

    class Shares(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return share(nodeid)

    return Shares(config, log) if config.option.dist == "loadfile" else None


def share(nodeid):
    """The name of what a test is shared out with: its file, or files that share a fixture."""
    file = nodeid.partition("::")[0]
    return next((name for start, name in TOGETHER.items() if file.startswith(start)), file)


def longest_first(items):
    """Sorts files by what their marks cost: a long one at the end leaves the other core idle."""
    costs = Counter()
    for item in items:
        marks = filter(None, map(item.get_closest_marker, SECONDS))
        cost = sum(mark.kwargs.get("seconds", SECONDS[mark.name]) for mark in marks)
        costs[share(item.nodeid)] += cost or 0.02
    items.sort(key=lambda item: -costs[share(item.nodeid)])
