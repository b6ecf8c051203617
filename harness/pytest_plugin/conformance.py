"""Makes pytest tests of the conformance set, with no test file.

Each --parity-implementation is a collector, and each property an item of it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.pytest_plugin import options
from harness.pytest_plugin.figures import FIGURES, Figures

if TYPE_CHECKING:
    from harness.judge.calls.observe import Implementation
    from harness.pytest_plugin.checks import Subject

HOME = "rnn-parity"  # stands in node ids where other tests have their file


class Conformance(pytest.Collector):
    """Collects the properties of one implementation."""

    implementation: str

    @classmethod
    def of(cls, session: pytest.Session, implementation: str) -> "Conformance":
        """Makes a collector under the session."""
        nodeid = f"{HOME}::{implementation}"
        collector: Conformance = cls.from_parent(session, name=implementation, nodeid=nodeid)
        collector.implementation = implementation
        return collector

    def collect(self) -> Iterator["Check"]:
        """Imports a user's module, so that an error in it is reported once, and yields the checks.

        What cannot be used has one test, `import`, which fails. A framework is imported by its
        first test.
        """
        from harness.implementations import callee_start
        from harness.implementations.names import is_function, is_users, reference_of

        if is_function(self.implementation):
            callee_start.start_early()  # it loads while this process loads the judge
        from harness.implementations.find import NotFound, Unusable
        from harness.pytest_plugin.checks import checks
        from references import NotInstalled, require

        limits = options.limits(self.config)
        reference = reference_of(self.implementation)
        try:
            if is_users(self.implementation):
                self._resolved()
            else:
                require(reference)
        except Unusable:  # a failure of this implementation, which stops no other test
            yield Check.of(self, "import", lambda subject: None)
            return
        except (NotFound, NotInstalled) as error:
            raise self.CollectError(f"--parity-implementation: {error}") from error
        for name, check in checks(limits).items():
            yield Check.of(self, name, check)

    def _resolved(self) -> "tuple[str, Implementation]":
        """Returns name and function. A user's has a process of its own, which it may end or hang.

        Raises NotFound or Unusable.
        """
        from harness.implementations.names import is_users
        from harness.implementations.resolve import resolve
        from harness.pytest_plugin.child import in_child

        if not is_users(self.implementation):
            return resolve(self.implementation)
        if not hasattr(self, "_run"):
            limit = options.seconds(self.config, "time_limit")
            self._run = in_child(self.implementation, limit)
        return self.implementation, self._run

    def subject(self) -> "Subject":
        """Returns the implementation, which the first test that needs it makes.

        Raises NotFound for what does not exist, or for limits of its own that cannot be.
        """
        from harness.draw.limits import DEFAULTS
        from harness.draw.limits import limits as checked_limits
        from harness.implementations.find import notebook_form
        from harness.implementations.names import is_users
        from harness.implementations.own_limits import merge_limits, own_limits
        from harness.implementations.resolve import claim
        from harness.pytest_plugin.checks import Subject

        if not hasattr(self, "_subject"):
            name, run = self._resolved()
            form = notebook_form(name, run)  # raises Unusable where it is not written yet
            own = own_limits(name, run, form)
            if own and is_users(name):  # who names limits is tried within them as by `verify`
                own = {"cell": DEFAULTS["cell"], **own}
            limits = merge_limits([name], own, options.limits(self.config))
            self._subject = Subject(
                name,
                claim(run, checked_limits(**limits).choices),
                limits,
                examples=options.whole(self.config, "examples", 1),
                seed=options.whole(self.config, "seed", 0),
                save=Path(options.value(self.config, "save")),
            )
        return self._subject


class Check(pytest.Item):
    """Checks one property of one implementation."""

    check: "Callable[[Subject], None]"

    @classmethod
    def of(cls, parent: Conformance, name: str, check: "Callable[[Subject], None]") -> "Check":
        """Makes an item with the marker `parity`, so that `-m parity` runs the set alone."""
        # As text: pytest 9.2 reads what stands in brackets as parameters, as it does for --lf.
        item: Check = cls.from_parent(parent, name=name, nodeid=f"{parent.nodeid}::{name}")
        item.check = check
        # The cases of one property alone are meant to catch few mistakes.
        item.stash[FIGURES] = Figures(sight=name == "sight" and options.wants_sight(item))
        item.add_marker(pytest.mark.parity(parent.implementation))
        return item

    def runtest(self) -> None:
        """Runs the check. Raises Failed with the whole finding; skips a refusal."""
        from harness.implementations.find import NotFound
        from harness.pytest_plugin.checks import Failed

        assert isinstance(self.parent, Conformance)
        try:
            self.check(self.parent.subject())
        # A variant that its framework, loaded only now, does not have, or a process that ends.
        except NotFound as error:
            raise Failed(f"--parity-implementation: {error}") from error

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Returns the finding, without our own frames around it."""
        from harness.pytest_plugin.checks import Failed

        if isinstance(excinfo.value, Failed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Returns the location and title that pytest prints for this item."""
        return self.path, None, f"{self.name} of {self.parent.name if self.parent else '?'}"
