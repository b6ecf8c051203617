"""The pytest plugin, loaded by `-p harness.pytest_plugin` or by the conftest.py at the top.

There it reads `pytest_plugins = ["harness.pytest_plugin"]`. The plugin is no entry point: it is
loaded only where it is named. It imports NumPy, Hypothesis and frameworks when a test uses them.
"""

from collections.abc import Generator
from typing import Any

import pytest

from harness.mistakes.on_verdict import listen
from harness.pytest_plugin import options, sentinel
from harness.pytest_plugin.conformance import Conformance
from harness.pytest_plugin.disturbance import after_call, after_teardown
from harness.pytest_plugin.failures import saved_notes
from harness.pytest_plugin.figures import FIGURES, Figures
from harness.pytest_plugin.fixture import Parity, parametrize, parity, skip_if_missing
from harness.pytest_plugin.profiles import use_profile
from harness.pytest_plugin.summary import Totals

__all__ = ["Parity", "parity"]

pytest_addoption = options.add


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before output is captured, and conftests loaded
def pytest_load_initial_conftests(
    early_config: pytest.Config,
) -> Generator[None, None, None]:
    """Has a parent process wait for the session, where the plugin is loaded by `-p`."""
    sentinel.begin(early_config.invocation_params.args)
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Does the same where a conftest.py loads the plugin."""
    sentinel.begin(config.invocation_params.args)


# This runs before Hypothesis' own plugin, which loads the profile of --hypothesis-profile.
@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker, loads the profile that is named, and counts where results arrive."""
    config.addinivalue_line("markers", options.MARKER)
    options.check(config)
    sentinel.register(config)
    use_profile(config)
    if not hasattr(config, "workerinput"):  # a worker of pytest-xdist sends its reports instead
        config.pluginmanager.register(Totals(), "rnn-parity totals")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Adds the conformance set of each --parity-implementation to the session."""
    report = yield
    if isinstance(collector, pytest.Session) and report.passed:
        names = options.implementations(collector.config)
        report.result = [*report.result, *(Conformance.of(collector, name) for name in names)]
    return report


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test with the fixture `parity` once for each name in `@pytest.mark.parity(...)`."""
    parametrize(metafunc)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Groups tests by framework, so that --dist loadgroup loads each in one process."""
    if item.config.pluginmanager.hasplugin("xdist") and (framework := options.framework_of(item)):
        item.add_marker(pytest.mark.xdist_group(framework))


@pytest.hookimpl(tryfirst=True)  # before the test's fixtures
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a marked test whose framework is not installed, and says how to install it."""
    skip_if_missing(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Adds up the verdicts of every `check` in the test, and puts the figures in its report."""
    figures = item.stash.setdefault(FIGURES, Figures(sight=options.wants_sight(item)))
    try:
        with listen(figures.add):
            result = yield
    finally:
        disturbance = after_call(figures)
        item.user_properties.extend(figures.properties())
    if disturbance:
        pytest.fail(disturbance, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)  # after the test's fixtures are gone
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Fails where a test has left replaced what the judge uses."""
    yield
    if FIGURES in item.stash:
        after_teardown(item.stash[FIGURES])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Saves the failing case; turns a test of known differences only into an expected failure."""
    report = yield
    if report.when == "call":
        if report.failed and call.excinfo:
            report.sections += saved_notes(item, call.excinfo.value)
        figures = item.stash.get(FIGURES, None)
        if report.passed and figures and (reason := figures.xfail_reason()):
            report.outcome, report.wasxfail = "skipped", reason
    return report
