"""How files of tests are shared among the workers of pytest-xdist: which together, which first."""

from collections import Counter

import pytest

# Seconds that a test takes, about; others take 0.02.
SECONDS = {"framework": 0.3, "process": 0.8, "slow": 1.0}
# Files that share a fixture of the session which takes seconds, and under what name.
TOGETHER = {
    "tests/lesson/": "a lesson",
    "tests/campaign/test_page.py": "a campaign with findings",
    "tests/campaign/test_report.py": "a campaign with findings",
}


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
        if not (item.get_closest_marker("deep") or item.get_closest_marker("long")):
            marks = [mark for mark in SECONDS if item.get_closest_marker(mark)]
            costs[share(item.nodeid)] += sum(map(SECONDS.get, marks)) or 0.02
    items.sort(key=lambda item: (-costs[share(item.nodeid)], share(item.nodeid)))
