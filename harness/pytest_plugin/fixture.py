"""The fixture `parity` and the marker that says which implementations a test is about."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from harness.pytest_plugin import options

if TYPE_CHECKING:
    from harness.judge.verdict import Verdict
    from references.case import Case

ASKED = pytest.StashKey[list[str]]()  # every name that a marker of this session gives


@dataclass(frozen=True)
class Parity:
    """What the fixture `parity` gives a test: `check`, `cases`, and the implementation that the marker names."""

    config: pytest.Config = field(repr=False)
    name: str = ""  # as the marker says: "torch", "keras/unroll", "package.module:function"
    implementation: Callable[..., Any] | None = field(
        default=None, repr=False
    )  # run(case) -> Outputs; None without a name in the marker

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What Hypothesis prints: the short repr."""
        printer.text(repr(self))

    def check(
        self,
        case: "Case",
        implementation: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> "Verdict":
        """A Verdict that agrees, or `harness.Mismatch`, `Refused` or `Inconclusive`, all AssertionErrors, as `harness.check` raises them.

        Without an implementation it is the marker's. A difference that is known (`rnn-parity findings`) is returned and counted;
        a test that meets nothing else is reported as an expected failure.
        """
        __tracebackhide__ = True
        from harness.judge.verdict import Mismatch
        from harness.mistakes.check import check
        from harness.runs.ledger import known_difference

        if implementation is None:
            implementation, name = self.implementation, self.name
        if implementation is None:
            raise pytest.UsageError(
                "parity.check(case) has no implementation: pass one, or name it in @pytest.mark.parity('torch')"
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
        """`harness.sample_cases`, with --parity-examples and --parity-seed for what is left out."""
        from harness.draw.generate import sample_cases

        count = options.whole(self.config, "examples", 1) if count is None else count
        return sample_cases(
            count, options.whole(self.config, "seed", 0) if seed is None else seed, **limits
        )


@pytest.fixture(
    scope="session"
)  # so that a test under @given may take it: it keeps nothing of a test
def parity(request: pytest.FixtureRequest) -> Parity:
    """`parity.check(case, implementation)`: one assertion whose figures go into every report."""
    name = getattr(request, "param", "")
    if not name:
        return Parity(request.config)
    from harness.runs.resolve import in_import_order, reference_of, resolve
    from references import installed

    if not request.config.getoption(
        "loadgroup", False
    ):  # there each framework has a process of its own
        asked: list[str] = request.config.stash.get(ASKED, [])
        for earlier in map(reference_of, in_import_order(asked)):
            if earlier == reference_of(name):
                break
            if earlier in installed():
                resolve(earlier)
    return Parity(request.config, *resolve(name))


def parametrized(metafunc: pytest.Metafunc) -> None:
    """One test for each implementation that the marker names, where the test takes the fixture."""
    marker = metafunc.definition.get_closest_marker("parity")
    if not marker:
        return
    if marker.kwargs or not all(isinstance(name, str) for name in marker.args):
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid}: @pytest.mark.parity takes names, as 'torch'; limits go to parity.cases(...)"
        )
    from harness.runs.resolve import in_import_order

    metafunc.config.stash.setdefault(ASKED, []).extend(marker.args)
    if marker.args and "parity" in metafunc.fixturenames:
        metafunc.parametrize("parity", in_import_order(marker.args), indirect=True, scope="session")


def skip_what_is_missing(item: pytest.Item) -> None:
    """Skips a marked test whose framework is not installed."""
    framework = options.framework_of(item)
    if not framework or ":" in framework:
        return
    from references import REFERENCES, installed

    if framework in REFERENCES and framework not in installed():
        pytest.skip(
            f"{framework} is not installed: pip install 'rnn-parity[{REFERENCES[framework].extra}]'"
        )
