"""The pytest plugin: `-p harness.pytest_plugin`, or `pytest_plugins = ["harness.pytest_plugin"]` in the conftest.py at the top.

It is no entry point: it is loaded where it is named and nowhere else. It imports NumPy, Hypothesis and frameworks when a test uses them.
"""

from collections.abc import Generator
from typing import Any

import pytest

from harness.mistakes.on_verdict import listen
from harness.pytest_plugin import options
from harness.pytest_plugin.conformance import Conformance
from harness.pytest_plugin.failures import saved_notes
from harness.pytest_plugin.figures import FIGURES, Figures
from harness.pytest_plugin.fixture import Parity, parametrized, parity, skip_what_is_missing
from harness.pytest_plugin.profiles import use_profile
from harness.pytest_plugin.summary import Totals

__all__ = ["Parity", "parity"]

pytest_addoption = options.add


@pytest.hookimpl(
    tryfirst=True
)  # before Hypothesis' own plugin, which loads the profile that --hypothesis-profile names
def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker, loads a profile where one is asked for, and counts where the results arrive."""
    config.addinivalue_line("markers", options.MARKER)
    options.check(config)
    use_profile(config)
    if not hasattr(config, "workerinput"):  # the workers of pytest-xdist send their reports
        config.pluginmanager.register(Totals(), "rnn-parity totals")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Adds the conformance set of each --parity-implementation to what the session holds."""
    report = yield
    if isinstance(collector, pytest.Session) and report.passed:
        asked = options.implementations(collector.config)
        report.result = [
            *report.result,
            *(Conformance.of(collector, name, asked) for name in asked),
        ]
    return report


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`@pytest.mark.parity("torch", "keras")` runs a test that takes `parity` once for each."""
    parametrized(metafunc)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Puts the tests of one framework into one group, so that --dist loadgroup loads each framework in one process."""
    if item.config.pluginmanager.hasplugin("xdist") and (framework := options.framework_of(item)):
        item.add_marker(pytest.mark.xdist_group(framework))


@pytest.hookimpl(tryfirst=True)  # before the test's fixtures
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A marked test whose framework is not installed is skipped, with the command that installs it."""
    skip_what_is_missing(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Adds up the verdicts of every `check` in the test, and leaves the figures with its report."""
    figures = item.stash.setdefault(FIGURES, Figures(sight=options.wants_sight(item)))
    try:
        with listen(figures.add):
            return (yield)
    finally:
        item.user_properties.extend(figures.properties())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Saves the failing case; a test that met nothing but known differences failed as it was expected to."""
    report = yield
    if report.when == "call":
        if report.failed and call.excinfo:
            report.sections += saved_notes(item, call.excinfo.value)
        figures = item.stash.get(FIGURES, None)
        if report.passed and figures and (reason := figures.only_known()):
            report.outcome, report.wasxfail = "skipped", reason
    return report
