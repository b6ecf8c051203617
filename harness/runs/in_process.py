"""Runs `verify` in this process: for functions, and for a few cases.

What an implementation does to the judge is its crash, see `harness.judge.shared_process`. After
each block the judge has to catch a known mistake, or the block's verdicts become crashes.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import zip_longest
from typing import Any

from harness.draw.generate import cases_at
from harness.implementations.find import Unusable, notebook_form
from harness.implementations.names import expanded, in_import_order
from harness.implementations.own_limits import own_limits
from harness.implementations.resolve import claim, resolve
from harness.judge.calls.observe import Implementation
from harness.judge.shared_process import guarded
from harness.judge.shared_process.guard import Record, record, restore, sentence
from harness.judge.shared_process.known_case import DISTURBED, assert_whole
from harness.judge.shared_process.reach import in_sys_modules, modules_of, namespaces
from harness.judge.verdict import Verdict
from harness.runs.batches import Block, Row, judge_block
from harness.runs.environment import environment
from harness.runs.findings import Finding, Request, finding, unexamined
from harness.runs.parts import Parts
from harness.runs.values import values_of
from references.form import Form

# Of the run, beside the judge: what draws cases, and adds verdicts up.
RUN = (
    "harness.draw",
    *(f"harness.runs.{name}" for name in ("batches", "in_process", "results", "summary")),
)


class InThisProcess:
    """Implementations by name, in the order in which frameworks are imported.

    Other functions of the same name get a number.
    """

    notes: tuple[str, ...] = ()
    uses = None  # of the answer: in this process nobody watches

    def __init__(self, implementations: tuple[Any, ...]) -> None:
        self._implementations: dict[str, Implementation] = {}
        self.forms: dict[str, Form] = {}  # of notebooks' functions
        self._unusable: dict[str, Unusable] = {}
        ordered = expanded(in_import_order(implementations))
        for position, item in enumerate(ordered):
            if any(_is_same(item, other) for other in ordered[:position]):
                continue
            if (resolution := self._resolve(item)) is None:
                continue
            name, run = resolution
            number = 1
            while (unique := name if number == 1 else f"{name} #{number}") in self._implementations:
                number += 1
            self._implementations[unique] = run
        self.names = (*self._implementations, *self._unusable)

    def _resolve(self, item: Any) -> tuple[str, Implementation] | None:
        """Returns name and function, or None for a name of what cannot be used."""
        try:
            return resolve(item)
        except Unusable as error:
            if not isinstance(item, str):
                raise
            self._unusable[item] = error
            return None

    def __enter__(self) -> "InThisProcess":
        assert_whole()
        originals()
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def limits_of(self, name: str) -> Mapping[str, Any]:
        """Returns an implementation's own limits, within which a notebook's function refuses none.

        Probes such a function, whose form is then in `forms`. Raises NotFound, or Unusable for what
        is there but cannot be used.
        """
        if name in self._unusable:
            raise self._unusable[name]
        form = notebook_form(name, self._implementations[name])
        if form:
            self.forms[name] = form
        return own_limits(name, self._implementations[name], form)

    def rows(self, parts: Parts) -> Iterator[Row]:
        """Yields the rows of all rounds, block by block; the groups take turns."""
        turns = [self._group_rows(parts, group) for group in parts.groups]
        for turn in zip_longest(*turns):
            for rows in filter(None, turn):
                yield from rows

    def _group_rows(self, parts: Parts, group: str) -> Iterator[Iterator[Row]]:
        """Yields the rows of each block, in rounds."""
        while blocks := list(parts.next_round(group)):
            for block in blocks:
                choices = block.limits.choices
                claims = {name: claim(run, choices) for name, run in self._implementations.items()}
                yield self._block_rows(block, claims)

    def _block_rows(self, block: Block, claims: Mapping[str, Implementation]) -> Iterator[Row]:
        """Yields the rows of a block; crashes for all of them where the judge was disturbed."""
        rows = tuple(judge_block(block, claims, judge=guarded))
        edits = restore(originals())
        reason = f"{DISTURBED}: {sentence(edits, 'something')}" if edits else guarded.disturbance()
        yield from crashes_of(rows, block, reason) if reason else rows

    def facts(self) -> dict[str, str]:
        """Returns the environment."""
        return environment(self.names)

    def finding(self, request: Request) -> Finding:
        """Returns what is behind these failures."""
        failure = request.failure
        try:
            implementation = self._implementations[failure.implementation]
            claimed = claim(implementation, vars(failure.case.config))
            return finding(request, guarded.restoring(claimed))
        except Exception as error:  # what it does in the judge's process may reach the search, too
            text = f"{type(error).__name__}: {error}"
            reason = guarded.disturbance() or f"the search for a known mistake ended with {text}"
            return unexamined(request, reason)
        finally:
            restore(originals())


@cache
def originals() -> Record:
    """Records the modules of RUN, all of which a run has loaded when it begins."""
    modules = modules_of(*RUN)
    return record((*namespaces(modules), in_sys_modules(modules)))


def crashes_of(rows: Iterable[Row], block: Block, reason: str) -> Iterator[Row]:
    """Yields a crash in the place of each verdict of a block, which proves nothing."""
    cases = dict(zip(block.indices, cases_at(block.indices, block.seed, block.limits), strict=True))
    for row in rows:
        case = cases[row.at]
        verdict = Verdict("crashed", row.verdict.implementation, case, reason)
        yield Row(row.at, verdict, values_of(case))


def _is_same(item: Any, other: Any) -> bool:
    """Tells whether both are one name, or one function; functions may have an equality."""
    return item is other or (isinstance(item, str) and item == other)
