"""The conformance set as pytest's tests, with no test file: a collector for each --parity-implementation, an item for each property."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.pytest_plugin import options
from harness.pytest_plugin.figures import FIGURES, Figures

if TYPE_CHECKING:
    from harness.pytest_plugin.checks import Subject

HOME = "rnn-parity"  # what stands where other tests have their file


class Conformance(pytest.Collector):
    """The properties of one implementation."""

    implementation: str
    asked: list[str]

    @classmethod
    def of(cls, session: pytest.Session, implementation: str, asked: list[str]) -> "Conformance":
        """A collector under the session."""
        collector: Conformance = cls.from_parent(
            session, name=implementation, nodeid=f"{HOME}::{implementation}"
        )
        collector.implementation, collector.asked = implementation, asked
        return collector

    def collect(self) -> Iterator["Check"]:
        """A user's module is imported here, so that what is wrong with it is told once; a framework by its first test."""
        from harness.pytest_plugin.checks import checks
        from harness.runs.resolve import NotFound, reference_of, resolve
        from references import REFERENCES, NotInstalled, installed

        limits = options.limits(self.config)
        reference = reference_of(self.implementation)
        try:
            if not reference or ":" in self.implementation:
                for earlier in filter(None, map(reference_of, self.asked)):
                    resolve(
                        earlier
                    )  # torch is imported before TensorFlow, which a user's module may import
                resolve(self.implementation)
            elif reference not in installed():
                raise NotInstalled(
                    f"{reference} is not installed: pip install 'rnn-parity[{REFERENCES[reference].extra}]'"
                )
        except (NotFound, NotInstalled) as error:
            raise self.CollectError(f"--parity-implementation: {error}") from error
        for name, check in checks(limits).items():
            yield Check.of(self, name, check)

    def subject(self) -> "Subject":
        """The implementation; made by the first test that needs it."""
        from harness.pytest_plugin.checks import Subject
        from harness.runs.resolve import resolve

        if not hasattr(self, "_subject"):
            name, run = resolve(self.implementation)
            limits = {**getattr(run, "limits", {}), **options.limits(self.config)}
            examples, seed = (
                options.whole(self.config, "examples", 1),
                options.whole(self.config, "seed", 0),
            )
            self._subject = Subject(
                name, run, limits, examples, seed, Path(options.value(self.config, "save"))
            )
        return self._subject


class Check(pytest.Item):
    """One property of one implementation."""

    check: "Callable[[Subject], None]"

    @classmethod
    def of(cls, parent: Conformance, name: str, check: "Callable[[Subject], None]") -> "Check":
        """An item that carries the marker `parity`, so that `-m parity` runs the set alone."""
        item: Check = cls.from_parent(parent, name=name)
        item.check = check
        item.stash[FIGURES] = Figures(
            sight=name == "sight" and options.wants_sight(item)
        )  # a property alone is meant to see little
        item.add_marker(pytest.mark.parity(parent.implementation))
        return item

    def runtest(self) -> None:
        """Raises Failed with the whole finding; skips what is refused."""
        from harness.pytest_plugin.checks import Failed
        from harness.runs.resolve import NotFound

        assert isinstance(self.parent, Conformance)
        try:
            subject = self.parent.subject()
        except NotFound as error:  # a variant that its framework, loaded only now, does not have
            raise Failed(f"--parity-implementation: {error}") from error
        self.check(subject)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """The finding, without our own frames around it."""
        from harness.pytest_plugin.checks import Failed

        return (
            str(excinfo.value)
            if isinstance(excinfo.value, Failed)
            else super().repr_failure(excinfo)
        )

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Nowhere but here; then the title of its failure."""
        return self.path, None, f"{self.name} of {self.parent.name if self.parent else '?'}"
