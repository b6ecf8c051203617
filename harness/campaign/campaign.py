"""Runs the shards that a journal does not hold yet.

Hands them to an executor, commits the results, and stops with a sentence where it must.
"""

import json
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import islice
from typing import Any

from harness.campaign import isolated
from harness.campaign.executors import LOOK, TRIES, Stopped, gone, lost
from harness.campaign.feedback import Feedback
from harness.campaign.journal import Journal
from harness.campaign.plan import Shard, shards
from harness.campaign.shard import Task
from harness.campaign.versions import changes
from harness.implementations.find import NotFound
from references import NotInstalled


class Runner:
    """One run of a campaign, from start or resume to its end."""

    def __init__(
        self,
        journal: Journal,
        executor: Executor,
        count: int,
        alive: Callable[[], bool] = lambda: True,
        accept: bool = False,
    ) -> None:
        """The executor does `count` tasks at once; `alive` says whether it still runs.

        With `accept` the campaign goes on under other versions.
        """
        self._journal, self._executor, self._count, self._alive, self._accept = (
            journal,
            executor,
            count,
            alive,
            accept,
        )
        self._before, self._since = journal.running_seconds(), time.monotonic()
        self._versions: dict[str, str] = journal.texts("versions")
        self._feedback = Feedback(journal.plan)
        self._pending: dict[Future[dict[str, Any]], tuple[Task, int]] = {}

    @property
    def spent(self) -> float:
        """Seconds for which the campaign has run, over all resumes."""
        return self._before + time.monotonic() - self._since

    def run(
        self, on_commit: Callable[[Shard, dict[str, Any]], None] = lambda shard, result: None
    ) -> None:
        """Runs until every shard is committed, or the plan's time is up.

        Raises Stopped, Unwritable, RuntimeError or KeyboardInterrupt.
        """
        plan, numbers = self._journal.plan, self._journal.shard_numbers()
        last = max(numbers, default=-1)  # those below it were begun while there was time
        if numbers:
            groups = [shard.group for shard in islice(shards(plan), last + 1)]
            for row in self._journal.rows():
                self._feedback.add(row["shard"], groups[row["shard"]], row["tables"])
        for shard in shards(plan):
            if plan.seconds is not None and self.spent >= plan.seconds and shard.number > last:
                self._drop()
                break
            while len(self._pending) >= 2 * self._count or (
                self._pending and shard.number - self._feedback.lowest >= plan.ahead
            ):
                self._collect(on_commit)
            task = self._feedback.task(shard)
            if shard.number not in numbers:
                self._submit(task, 1)
        while self._pending:
            self._collect(on_commit)

    def _drop(self) -> None:
        """The last shards, as far as they have not begun: what is run has no gap."""
        for future in sorted(
            self._pending, key=lambda future: -self._pending[future][0].shard.number
        ):
            if not future.cancel():
                break
            del self._pending[future]

    def _submit(self, task: Task, tries: int) -> None:
        try:
            future = self._executor.submit(isolated.run, task)
        except Exception as error:
            raise gone(error, self._journal) from error
        self._pending[future] = task, tries

    def _collect(self, on_commit: Callable[[Shard, dict[str, Any]], None]) -> None:
        finished, _ = wait(self._pending, LOOK, FIRST_COMPLETED)
        if not finished and not self._alive():
            raise gone("it does not answer", self._journal)
        for future in finished:
            task, tries = self._pending.pop(future)
            try:
                why = lost(future)
            except (NotFound, NotInstalled) as error:
                raise Stopped(str(error)) from error
            if why:
                if tries == TRIES or not self._alive():
                    raise gone(why, self._journal) from why
                self._submit(task, tries + 1)
                continue
            result = future.result()
            if "ended" in result:
                raise Stopped(
                    f"{' and '.join(task.shard.names)} {result['ended']} outside any case: "
                    "when it was imported, say"
                )
            self._commit(task.shard, result)
            on_commit(task.shard, result)

    def _commit(self, shard: Shard, result: dict[str, Any]) -> None:
        changed = changes(self._versions, result["versions"])
        if changed and not self._accept:
            raise Stopped(
                f"{self._journal.name} was begun with other versions: {changed}. "
                "To go on all the same: --accept-new-versions"
            )
        if changed or not self._versions.keys() >= result["versions"].keys():
            self._versions |= result["versions"]
            self._journal.set_fact("versions", json.dumps(self._versions))
        self._journal.commit(shard.number, result, self.spent)
        self._feedback.add(shard.number, shard.group, result["tables"])
