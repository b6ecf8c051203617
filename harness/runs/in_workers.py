"""A run of `verify` in worker processes, which an implementation may end without ending the run."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import chain
from typing import Any

from harness.draw.generate import cases_at
from harness.implementations.answers import Use
from harness.implementations.find import NotFound, Unusable
from harness.implementations.names import expanded, group_of, in_import_order, is_users
from harness.implementations.own_limits import with_form
from harness.implementations.resolve import check_name
from harness.printable import one_line
from harness.processes.process import Ended
from harness.runs import worker
from harness.runs.batches import Block, Row
from harness.runs.environment import environment
from harness.runs.failures import (
    DEATHS,
    NO_MORE_CALLS,
    ProcessEnded,
    ended_process,
    unusable,
    when_imported,
)
from harness.runs.findings import Finding, Request, unexamined
from harness.runs.parts import Parts
from harness.runs.pool import Bounds, Pool, result_of
from harness.runs.values import values_of
from references import REFERENCES
from references.form import Form

START = 1.0  # seconds that the start of a process takes, or less
SOON = 1.0  # seconds after which Ctrl-C is noticed on any system


class InWorkers:
    """Holds implementations by name, as workers know them. Raises NotFound or NotInstalled."""

    def __init__(self, implementations: tuple[Any, ...], workers: int, bounds: Bounds) -> None:
        for item in implementations:
            check_name(item)
        self.names = tuple(dict.fromkeys(expanded(in_import_order(implementations))))
        self._pool, self._workers, self._bounds = Pool(), workers, bounds
        self._facts: dict[str, dict[str, str]] = {}
        self.uses: dict[str, tuple[Use, ...]] = {}  # of the answer, by name
        self._deaths: Counter[str] = Counter()
        self._live: set[str] = set()  # names that gave a verdict
        self._hung: dict[str, str] = {}  # what those took that hung on their first case
        self.forms: dict[str, Form] = {}  # of notebooks' functions
        self._began: dict[str, float] = {}  # when its first block was handed out (time.monotonic)
        self._unusable: set[str] = set()  # by now, after some verdicts

    def __enter__(self) -> "InWorkers":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.__exit__()

    @property
    def notes(self) -> tuple[str, ...]:
        """Lists what a reader must know besides."""
        ends = {
            name: f"cost {DEATHS} processes"
            for name, count in self._deaths.items()
            if count >= DEATHS
        }
        ends |= {name: f"{how} on its first case" for name, how in self._hung.items()}
        return tuple(f"{name} {end}, and was judged on no more cases" for name, end in ends.items())

    def limits_of(self, name: str) -> Mapping[str, Any]:
        """Returns a function's own limits. Raises NotFound, Unusable or NotInstalled.

        Probes a notebook's function, whose form is then in `forms`, unless that ends the process.
        """
        outcome = self._ask(group_of(name), worker.limits_of, name)
        if isinstance(outcome, Ended):
            raise Unusable(when_imported(outcome.how))
        form = self._ask(group_of(name), worker.form_in_worker, name)
        if isinstance(form, Ended) and form.hung:
            raise Unusable(f"{name} cannot be used: it {form.how} on a first small case")
        if not isinstance(form, Form):
            return dict(outcome)
        self.forms[name] = form
        return with_form(name, outcome, form)

    def rows(self, parts: Parts) -> Iterator[Row]:
        """Yields the rows of all rounds, in whatever order they come."""
        waiting = {group: iter(parts.next_round(group)) for group in parts.groups}
        running: dict[Future[Any], tuple[str, Block]] = {}
        threads = ThreadPoolExecutor(self._workers)
        try:
            group = ""
            while waiting or running:
                self._hand_out(group, waiting, running, threads, parts)
                if len(running) < self._workers:  # a core is free
                    _look_ahead(parts, running)
                for future in wait(running, SOON, FIRST_COMPLETED).done:
                    group, block = running.pop(future)
                    try:
                        outcome = future.result()
                    except NotFound as error:
                        if not all(map(is_users, block.names)):  # there is no such variant
                            raise
                        # A function that could be imported before.
                        outcome = error if isinstance(error, Unusable) else Unusable(str(error))
                    if isinstance(outcome, Ended | Unusable):
                        row, rest = self._bury(block, outcome)
                        waiting[group] = chain([rest], waiting.get(group, ()))
                        yield row
                    else:
                        rows, self._facts[group], uses = outcome
                        if uses:  # in a process of its own
                            self.uses[block.names[0]] = uses
                        self._live |= {row.verdict.implementation for row in rows}
                        yield from rows
                for other in parts.groups:
                    if other not in waiting and not _is_busy(other, running):
                        waiting |= _next_round(parts, other)
        except BaseException:
            self._pool.__exit__()  # else the threads would wait for the blocks that they are at
            raise
        finally:
            threads.shutdown(cancel_futures=True)

    def _hand_out(
        self,
        group: str,
        waiting: dict[str, Iterator[Block]],
        running: dict[Future[Any], tuple[str, Block]],
        threads: ThreadPoolExecutor,
        parts: Parts,
    ) -> None:
        """Gives idle workers blocks; the one of `group` its own, as long as there are any."""
        while waiting and len(running) < self._workers:
            if group not in waiting:
                crowd = [other for other, _ in running.values()]
                open_to = [other for other in waiting if self._may_grow(other, running)]
                if not open_to:
                    return
                group = min(open_to, key=crowd.count)
            if block := self._next(waiting, group):
                self._began.setdefault(group, time.monotonic())
                future = threads.submit(self._ask, group, worker.judge_in_worker, block)
                running[future] = group, block
                group = ""
            elif group not in waiting and not _is_busy(group, running):
                # At once: else another group's process would take the place of this one's.
                waiting |= _next_round(parts, group)

    def _may_grow(self, group: str, running: Mapping[Any, tuple[str, Block]]) -> bool:
        """Tells whether one more process of the group is worth its start.

        A user's function gets another where it has worked for about as long as that takes.
        """
        if not _is_busy(group, running) or group in REFERENCES:
            return True
        return time.monotonic() - self._began[group] > START

    def facts(self) -> dict[str, str]:
        """Returns the environment, as the workers read it."""
        groups = sorted(self._facts)
        facts = {name: value for group in groups for name, value in self._facts[group].items()}
        return facts or environment(())

    def finding(self, request: Request) -> Finding:
        """Returns what is behind these failures."""
        if isinstance(request.failure.cause, ProcessEnded):
            return unexamined(request, NO_MORE_CALLS)
        group = group_of(request.failure.implementation)
        try:
            outcome = self._ask(group, worker.finding_in_worker, request)
        except NotFound as error:  # a new process imports it anew
            return unexamined(request, f"it could not be imported again: {one_line(error)}")
        if isinstance(outcome, Ended):
            return unexamined(request, f"it {outcome.how} when it was called again")
        finding: Finding = outcome
        return finding

    def _ask(self, group: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Returns what the function returns in a worker, or Ended. Raises what it raises."""
        outcome, _ = self._pool.ask(group, self._bounds, function, *arguments)
        return result_of(outcome)

    def _next(self, waiting: dict[str, Iterator[Block]], group: str) -> Block | None:
        """Returns the group's next block without names that ended too many processes, or None."""
        block = next(waiting[group], None)
        if block is None:
            del waiting[group]
            return None
        whole = (name for name in block.names if name not in self._unusable)
        names = tuple(name for name in whole if self._deaths[name] < DEATHS)
        return replace(block, names=names) if names else None

    def _bury(self, block: Block, ended: Ended | Unusable) -> tuple[Row, Block]:
        """Returns the verdict on what ended the process, and the same block without it."""
        if isinstance(ended, Unusable) or ended.importing is not None:
            (name,) = block.names
            self._unusable.add(name)
            error = ended if isinstance(ended, Unusable) else Unusable(when_imported(ended.how))
            row = Row(block.indices[0], unusable(name, error))
            return row, replace(block, names=())
        if ended.at is None and not all(map(is_users, block.names)):
            raise NotFound(f"{' and '.join(block.names)} {ended.how} before the first case")
        # Between two cases of a user's function: that is due to the first of the block, or to none.
        place, index = ended.at or (0, block.indices[0])
        name = block.names[place]
        self._deaths[name] += 1
        if ended.hung and name not in self._live and index == block.indices[0]:
            self._deaths[name], self._hung[name] = DEATHS, ended.how
        (case,) = cases_at([index], block.seed, block.limits)
        verdict = ended_process(name, case, ended.how)
        return Row(index, verdict, values_of(case)), replace(
            block, skip=block.skip | {(name, index)}
        )


def _look_ahead(parts: Parts, running: Iterable[Future[Any]]) -> None:
    """Uses a free core until a worker has nothing to do."""
    for _ in parts.look_ahead():
        if any(future.done() for future in running):
            return


def _is_busy(group: str, running: Mapping[Any, tuple[str, Block]]) -> bool:
    return any(group == busy for busy, _ in running.values())


def _next_round(parts: Parts, group: str) -> dict[str, Iterator[Block]]:
    blocks = list(parts.next_round(group))
    return {group: iter(blocks)} if blocks else {}
