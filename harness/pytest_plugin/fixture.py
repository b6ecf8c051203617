"""Provides the fixture `parity`, and the marker that names a test's implementations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from harness.pytest_plugin import options

if TYPE_CHECKING:
    from harness.judge.verdict import Verdict
    from references.case import Case

NAMES = pytest.StashKey[list[str]]()  # every name in a marker of this session


@dataclass(frozen=True)
class Parity:
    """Provides `check`, `cases`, and the implementation that the marker names."""

    config: pytest.Config = field(repr=False)
    name: str = ""  # as the marker says: "torch", "keras/unroll", "package.module:function"
    # run(case) -> Outputs; None without a name in the marker
    implementation: Callable[..., Any] | None = field(default=None, repr=False)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Lets Hypothesis print the short repr."""
        printer.text(repr(self))

    def check(
        self,
        case: "Case",
        implementation: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> "Verdict":
        """Returns a Verdict that agrees, or raises what `harness.check` raises.

        That is `harness.Mismatch`, `Refused` or `Inconclusive`, all AssertionErrors. Without an
        implementation the marker's is checked. A known difference (`rnn-parity findings`) is
        returned and counted; a test with no other verdicts is reported as an expected failure.
        """
        __tracebackhide__ = True
        from harness.judge.verdict import Mismatch
        from harness.mistakes.check import check
        from harness.runs.ledger import known_difference

        if implementation is None:
            implementation, name = self.implementation, self.name
        if implementation is None:
            raise pytest.UsageError(
                "parity.check(case) has no implementation: pass one, or name it in "
                "@pytest.mark.parity('torch') of a test function that takes parity itself"
            )
        try:
            return check(case, implementation, name)
        except Mismatch as error:
            if known_difference(error.verdict):
                return error.verdict
            raise

    def cases(
        self, count: int | None = None, seed: int | None = None, **limits: Any
    ) -> "Iterator[Case]":
        """Calls `harness.sample_cases`, by default with --parity-examples and --parity-seed."""
        from harness.draw.generate import sample_cases

        count = options.whole(self.config, "examples", 1) if count is None else count
        seed = options.whole(self.config, "seed", 0) if seed is None else seed
        return sample_cases(count, seed, **limits)


# The scope lets a test under @given take it: it holds no state of a test.
@pytest.fixture(scope="session")
def parity(request: pytest.FixtureRequest) -> Parity:
    """Provides `parity.check(case, implementation)`, whose figures go into every report."""
    name = getattr(request, "param", "")
    if not name:
        return Parity(request.config)
    from harness.implementations.find import NotFound
    from harness.implementations.names import in_import_order, reference_of
    from harness.implementations.resolve import resolve
    from references import installed

    # With loadgroup each framework has a process of its own.
    if not request.config.getoption("loadgroup", False):
        names: list[str] = request.config.stash.get(NAMES, [])
        for earlier in map(reference_of, in_import_order(names)):
            if earlier == reference_of(name):
                break
            if earlier in installed():
                resolve(earlier)
    try:
        return Parity(request.config, *resolve(name))
    except NotFound as error:
        reason = str(error)
    pytest.fail(reason, pytrace=False)  # here, or the report would show both


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Makes a test for each implementation that the marker names, if it takes the fixture."""
    definition = metafunc.definition
    own = [marker for marker in definition.own_markers if marker.name == "parity"]
    markers = own or [*filter(None, [definition.get_closest_marker("parity")])]
    if any(marker.kwargs for marker in markers) or not all(
        isinstance(name, str) for marker in markers for name in marker.args
    ):
        pytest.fail(
            f"{definition.nodeid}: @pytest.mark.parity takes names, as 'torch'; "
            "limits go to parity.cases(...)",
            pytrace=False,
        )
    if not (args := list(dict.fromkeys(name for marker in markers for name in marker.args))):
        return
    names = options.whole_names(args)
    metafunc.config.stash.setdefault(NAMES, []).extend(names)
    if "parity" in metafunc.fixturenames:
        metafunc.parametrize("parity", names, indirect=True, scope="session")


def skip_if_missing(item: pytest.Item) -> None:
    """Skips a marked test whose framework is not installed."""
    framework = options.framework_of(item)
    if not framework or ":" in framework:
        return
    from references import REFERENCES, NotInstalled, require

    try:
        if framework in REFERENCES:
            require(framework)
    except NotInstalled as error:
        pytest.skip(str(error))
