"""A run shared among worker processes, which an implementation may end without ending the run."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from harness.draw.generate import cases_at
from harness.judge.verdict import Verdict
from harness.runs import worker
from harness.runs.batches import Block, Row
from harness.runs.findings import Finding, ProcessEnded, unexamined
from harness.runs.pool import Job, Pool
from harness.runs.process import DEATHS, Ended
from harness.runs.resolve import NotFound, check_name, expanded, group_of, in_import_order


class Processes:
    """Implementations by name, as the workers know them. Raises NotFound or NotInstalled for names that nothing can have."""

    def __init__(self, implementations: tuple[Any, ...], workers: int, time_limit: float) -> None:
        for item in implementations:
            check_name(item)
        self.names = tuple(dict.fromkeys(expanded(in_import_order(implementations))))
        self._pool = Pool(workers, time_limit)
        self._facts: dict[str, dict[str, str]] = {}
        self._deaths: Counter[str] = Counter()
        self._died: list[Row] = []

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.__exit__()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know besides."""
        return tuple(
            f"{name} ended {DEATHS} processes, and was judged on no more cases"
            for name, count in self._deaths.items()
            if count >= DEATHS
        )

    def limits_of(self, name: str) -> Mapping[str, Any]:
        """The limits within which a notebook's function refuses nothing; empty for others."""
        jobs = {group_of(name): iter([Job(worker.limits_of, (name,))])}
        ((_, limits),) = self._pool.run(jobs, partial(_not_loaded, (name,)))
        return limits  # type: ignore[no-any-return]

    def rows(self, blocks: Mapping[str, Iterable[Block]]) -> Iterator[Row]:
        """The rows of all blocks, in whatever order they come."""
        for job, (rows, facts) in self._pool.run(
            {group: self._jobs(own) for group, own in blocks.items()}, self._again
        ):
            self._facts[group_of(job.arguments[0].names[0])] = facts
            yield from rows
            while self._died:
                yield self._died.pop()
        yield from self._died
        self._died.clear()

    def facts(self) -> dict[str, str]:
        """The environment, as the workers found it."""
        return {
            name: value
            for group in sorted(self._facts)
            for name, value in self._facts[group].items()
        }

    def finding(
        self, first: Verdict, count: int, save: Path | None, facts: Mapping[str, str]
    ) -> Finding:
        """What is behind these failures."""
        if isinstance(first.cause, ProcessEnded):
            return unexamined(
                first,
                count,
                "an implementation that ends its process cannot be called again and again",
                save,
                facts,
            )
        job = Job(worker.looked_into, (first, count, save, facts))
        found = list(
            self._pool.run({group_of(first.implementation): iter([job])}, lambda job, ended: [])
        )
        if not found:
            return unexamined(
                first, count, "it ended the process when it was called again", save, facts
            )
        looked: Finding = found[0][1]
        return replace(looked, first=first)

    def _jobs(self, blocks: Iterable[Block]) -> Iterator[Job]:
        for block in blocks:
            names = tuple(name for name in block.names if self._deaths[name] < DEATHS)
            if names:
                yield Job(worker.judged, (replace(block, names=names),))

    def _again(self, job: Job, ended: Ended) -> list[Job]:
        """The verdict on what ended the process, and the same block without it."""
        (block,) = job.arguments
        if ended.at is None:
            return _not_loaded(block.names, job, ended)
        name, index = block.names[ended.at[0]], ended.at[1]
        (case,) = cases_at([index], block.seed, block.limits)
        reason = f"it {ended.how}"
        self._died.append(
            Row(index, Verdict("crashed", name, case, reason, cause=ProcessEnded(reason)))
        )
        self._deaths[name] += 1
        return list(self._jobs([replace(block, skip=block.skip | {(name, index)})]))


def _not_loaded(names: tuple[str, ...], job: Job, ended: Ended) -> list[Job]:
    raise NotFound(
        f"{' and '.join(names)} {ended.how} before the first case: when it was imported, or called with nothing as yet"
    )
