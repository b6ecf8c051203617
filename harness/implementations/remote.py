"""A user's implementation that runs in a process of its own, as the judge calls it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import Any

from harness.implementations.callee_process import Callee
from harness.implementations.names import is_program
from harness.implementations.program import Notice, Program
from harness.judge.calls.returned import Observation
from harness.printable import one_line
from references.case import NONLINEARITIES, Case, Outputs
from references.cells import CELLS
from references.form import BIASES, Form
from references.probe import ORDERS
from references.unsupported import Unsupported


@dataclass(frozen=True)
class Remote:
    """The function as an implementation: what the judge observes of it comes from its process.

    So is a program, which has no form, limits or claims.
    """

    callee: Callee | Program
    limits: Mapping[str, Any] | None = None  # the function's own
    is_notebook: bool = False
    uses_framework: bool = False  # it mirrors weights into one
    nonlinearity: str = ""  # that a notebook's function claims to compute
    cell: str = ""  # the same
    watch: bool = False  # each call for side effects
    around: Callable[[], AbstractContextManager[Any]] = nullcontext  # each call

    @classmethod
    def of(cls, name: str, callee: Callee | None = None) -> "Remote":
        """Starts the process, unless there is a callee. Raises NotFound or Unusable.

        A program's starts for each block of cases.
        """
        if is_program(name):
            return cls(Program(name))
        callee = callee or Callee(name)
        return callee.ask("describe", partial(_remote, callee))

    def but(self, **changes: Any) -> "Remote":
        """This implementation with other values of fields."""
        return replace(self, **changes)

    @property
    def notebook_form(self) -> Callable[[], Form] | None:
        """A function that probes a notebook's function; None for any other."""
        return self._form if self.is_notebook else None

    @cached_property
    def _form(self) -> Callable[[], Form]:
        assert isinstance(self.callee, Callee)  # a program is no notebook's function
        return cache(partial(self.callee.ask, "probe", _form, **self._claim))

    @property
    def _claim(self) -> dict[str, Any]:
        return {"nonlinearity": self.nonlinearity, "cell": self.cell}

    @property
    def with_claim(self) -> Callable[[str, str], "Remote"] | None:
        """A function that makes a notebook's function claim nonlinearity and cell; else None."""
        if not self.is_notebook:
            return None
        return lambda nonlinearity, cell: self.but(
            nonlinearity=nonlinearity or self.nonlinearity, cell=cell or self.cell
        )

    def observe(self, case: Case) -> Observation:
        """What `harness.judge.calls.observe.observe` gives."""
        with self.around():
            observation = self.callee.observe(case, {**self._claim, "watch": self.watch})
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
        """What `harness.implementations.overwrite.overwrite` gives."""
        return self.callee.observe(case, {"do": "overwrite", **self._claim})

    @property
    def prepare(self) -> Callable[[Sequence[Case], Notice], None] | None:
        """A function that has a program run on all of some cases at once; None for any other.

        It calls a notice with a case's position where the answer to that is awaited.
        """
        return self.callee.prepare if isinstance(self.callee, Program) else None

    def digests(self) -> dict[str, str]:
        """The versions of the user's files."""
        return self.callee.digests()


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
    cell, gates = form["cell"] if form["cell"] in CELLS else "", tuple(form["gates"])
    return Form(
        bias=form["bias"] is True,
        rows=form["rows"] is True,
        defaults=tuple(map(one_line, form["defaults"])),
        written=form["written"] is True,
        nonlinearity=form["nonlinearity"] if form["nonlinearity"] in NONLINEARITIES else "",
        cell=cell,
        gates=gates if gates in ORDERS.get(cell, ()) else (),
        reset_after=form["reset_after"] if isinstance(form["reset_after"], bool) else None,
        biases=form["biases"] if form["biases"] in BIASES else BIASES[0],
    )


def _limit(value: Any) -> Any:
    return tuple(map(_limit, value)) if isinstance(value, list) else value
