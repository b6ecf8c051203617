"""A user's implementation that runs in a process of its own, as the judge calls it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from harness.judge.observe import Observation
from harness.judge.printable import one_line
from harness.runs.callee_process import Callee
from references.case import NONLINEARITIES, Case, Outputs
from references.form import Form
from references.unsupported import Unsupported


@dataclass(frozen=True)
class Remote:
    """The function as an implementation: what the judge observes of it comes from its process."""

    callee: Callee
    limits: Mapping[str, Any] | None = None  # the function's own
    is_notebook: bool = False
    uses_framework: bool = False  # it mirrors weights into one
    nonlinearity: str = ""  # that a notebook's function claims to compute
    watch: bool = False  # each call for side effects
    around: Callable[[], AbstractContextManager[Any]] = nullcontext  # each call

    @classmethod
    def of(cls, name: str, callee: Callee | None = None) -> "Remote":
        """Starts the process, unless there is a callee. Raises NotFound or Unusable."""
        callee = callee or Callee(name)
        return callee.ask("describe", partial(_remote, callee))

    def but(self, **changes: Any) -> "Remote":
        """This implementation with other values of fields."""
        return replace(self, **changes)

    @property
    def notebook_form(self) -> Callable[[], Form] | None:
        """A function that probes a notebook's function; None for any other."""
        return partial(self.callee.ask, "probe", _form) if self.is_notebook else None

    @property
    def with_nonlinearity(self) -> Callable[[str], "Remote"] | None:
        """A function that makes a notebook's function claim this nonlinearity; else None."""
        return (lambda name: self.but(nonlinearity=name)) if self.is_notebook else None

    def observe(self, case: Case) -> Observation:
        """What `harness.judge.observe.observe` gives."""
        with self.around():
            options = {"nonlinearity": self.nonlinearity, "watch": self.watch}
            observation = self.callee.observe(case, options)
        return replace(observation, overwritten=partial(self._look, observation.overwritten))

    def _look(self, look: Callable[[], str]) -> str:
        with self.around():
            return look()

    def __call__(self, case: Case) -> Outputs:
        """The outputs; raises what stands for a refusal or a crash."""
        observation = self.observe(case)
        if observation.outputs is not None:
            return observation.outputs
        kind = Unsupported if observation.kind == "refused" else RuntimeError
        raise kind(observation.reason)

    def overwrite(self, case: Case) -> Observation:
        """What `harness.runs.overwrite.overwrite` gives."""
        options = {"do": "overwrite", "nonlinearity": self.nonlinearity}
        return self.callee.observe(case, options)

    def digests(self) -> dict[str, str]:
        """The versions of the user's files, see `harness.runs.digests`; none of a dead process."""
        if not self.callee.is_open:
            return {}
        return self.callee.ask("digest", lambda answer: _texts(answer["digests"]))


def _remote(callee: Callee, answer: Mapping[str, Any]) -> Remote:
    limits = answer["limits"]
    return Remote(
        callee,
        None if limits is None else {str(name): _limit(value) for name, value in limits.items()},
        answer["is_notebook"] is True,
        answer["uses_framework"] is True,
    )


def _form(answer: Mapping[str, Any]) -> Form:
    form = answer["form"]
    flags = {name: form[name] is True for name in ("bias", "rows", "written")}
    nonlinearity = form["nonlinearity"] if form["nonlinearity"] in NONLINEARITIES else ""
    return Form(**flags, defaults=tuple(map(one_line, form["defaults"])), nonlinearity=nonlinearity)


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {one_line(name): one_line(value) for name, value in values.items()}


def _limit(value: Any) -> Any:
    return tuple(map(_limit, value)) if isinstance(value, list) else value
