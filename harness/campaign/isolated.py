"""Runs tasks in worker processes, which may crash, hang, eat memory or exit: `run(task)` returns.

This is what an executor calls, in a thread here or in a Dask worker elsewhere.
"""

import time
from collections.abc import Callable
from typing import Any

from harness.campaign.shard import Death, Task, judge_shard
from harness.processes.process import Ended
from harness.runs.pool import Pool, result_of

TRIES = 3  # of a task that ends its process outside of any call, or is ended from outside
# Signals that may come from elsewhere, the kernel short of memory say: what ends so is tried again.
OUTSIDE = ("SIGKILL", "SIGTERM")
CHANCES = 10  # of being ended from outside, in one shard
PLACES = 3  # processes, idle ones among them, for each task at once
IDLE = 900.0  # seconds: on a cluster nothing stays for long when a campaign is over
# A Dask worker calls `run` and `ask` alone, so their processes are kept here from call to call.
POOL = Pool(PLACES, quiet=True, idle=IDLE)


def run(task: Task) -> dict[str, Any]:
    """Returns the shard's result, or {"ended": how} where it cannot be had.

    Raises NotFound, NotInstalled, or RuntimeError for a defect of ours.
    """
    deaths: list[Death] = []
    chances: set[tuple[int, int]] = set()
    losses, start = 0, time.monotonic()
    # What ends a process that has worked on other shards may be due to them, and does not count:
    # then a new one is asked for.
    new = False
    while True:
        group, bounds = task.shard.group, task.plan.bounds
        outcome, new = POOL.ask(group, bounds, judge_shard, task, tuple(deaths), new=new)
        if not isinstance(outcome, Ended):
            return {**result_of(outcome), "seconds": time.monotonic() - start}
        losses += outcome.at is None
        if losses == TRIES or POOL.closed:
            return {"ended": outcome.how}
        if outcome.at is not None and new:
            outside = outcome.how.endswith(OUTSIDE) and len(chances) < CHANCES
            if outside and outcome.at not in chances:
                chances.add(outcome.at)
            else:
                position, index = outcome.at
                deaths.append(Death(task.shard.names[position], index, outcome.how))
        new = True


def ask(
    group: str, bounds: tuple[float, int], function: Callable[..., Any], *arguments: Any
) -> Any:
    """Returns what the function gives in a process of the group, or Ended. Raises its errors."""
    for number in range(TRIES):
        outcome, _ = POOL.ask(group, bounds, function, *arguments, new=number > 0)
        if not isinstance(outcome, Ended) or not outcome.how.endswith(OUTSIDE):
            break
    return result_of(outcome)
