"""Progress that a person can read: a table that renews itself on a terminal, a line now and then elsewhere."""

import sys
import time
from collections import Counter
from contextlib import suppress
from typing import Any

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Column, Table
from rich.text import Text

from harness.campaign.journal import Journal
from harness.campaign.plan import Shard
from harness.report.foreign import one_line
from harness.runs.summary import worse

EVERY = 10.0  # seconds between plain lines, at the least; later a tenth of the time that has passed
SHOWN = 12  # implementations, and kinds of failure
LONGEST = 200  # characters of a failure


class Progress:
    """Rate, estimate, cases and worst ratio of each implementation and where, findings so far; as a context manager."""

    def __init__(self, journal: Journal) -> None:
        self._plan, self._name, self._spent = journal.plan, journal.name, journal.running_seconds()
        self._cases: Counter[str] = Counter(dict.fromkeys(journal.plan.implementations, 0))
        self._left_out = 0
        self._worst: dict[str, tuple[float, str]] = dict.fromkeys(self._cases, (0.0, ""))
        self._failures: Counter[tuple[str, str, str]] = Counter()
        self._told: dict[
            tuple[str, str, str], str
        ] = {}  # by kind of failure: how the first one reads
        for row in journal.rows():
            self._add(row)
        self._before = self._cases.total()
        self._start = self._printed = time.monotonic()
        console = Console(stderr=True)
        self._live = (
            Live(console=console, get_renderable=self._screen, refresh_per_second=2, transient=True)
            if console.is_terminal
            else None
        )

    def __enter__(self) -> "Progress":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def update(self, shard: Shard, result: dict[str, Any]) -> None:
        """A shard was."""
        self._add(result)
        now = time.monotonic()
        if not self._live and now - self._printed >= max(EVERY, (now - self._start) / 10):
            self._printed = now
            best = max(self._worst, key=lambda name: self._worst[name][0])
            ratio, where = self._worst[best]
            worst = f"; worst ratio {ratio:.3f}: {best}, {where}" if where else ""
            each = ", ".join(f"{name} {count:,}" for name, count in self._cases.most_common(SHOWN))
            say(f"{self._line()}; {each}{worst}; {self._found()}")

    def _add(self, result: dict[str, Any]) -> None:
        for name, table in result["tables"].items():
            self._cases[name] += table["cases"]
            self._left_out += table["left_out"]
            for failure in table["failures"]:
                kind, what, *_ = failure["group"]
                self._told.setdefault(
                    (name, kind, what), f"{name} {kind}: {one_line(failure['reason'], LONGEST)}"
                )
                self._failures[(name, kind, what)] += failure["count"]
            if worse(table["worst_ratio"], self._worst[name][0]):
                at = table["worst_at"]
                self._worst[name] = (
                    table["worst_ratio"],
                    f"{at['kind'] or 'a saved one'}, case {at['case']}, {at['place']}",
                )

    def _line(self) -> str:
        """How far, how fast, how long still."""
        done, wanted = self._cases.total(), self._plan.verdicts
        seconds = time.monotonic() - self._start
        rate = (done - self._before) / seconds if seconds else 0.0
        left = (
            [self._plan.seconds - self._spent - seconds] if self._plan.seconds is not None else []
        )
        if wanted is not None and rate:
            left.append((wanted - done - self._left_out) / rate)
        estimate = f", {_duration(max(0, min(left)))} to go" if left else ""
        return f"{done:,}{f' of {wanted:,}' if wanted is not None else ''} verdicts, {rate:,.0f} a second{estimate}"

    def _found(self) -> str:
        count = len(self._failures)
        return f"{count} kind{'s' if count > 1 else ''} of failure" if count else "no failure"

    def _screen(self) -> Group:
        wanted = self._plan.verdicts
        done, total = (
            (self._cases.total() + self._left_out, wanted)
            if wanted is not None
            else (self._spent + time.monotonic() - self._start, self._plan.seconds)
        )
        table = Table(
            Column("implementation", overflow="fold"),
            Column("cases", justify="right"),
            Column("worst ratio", justify="right"),
            "where",
            box=box.SIMPLE,
        )
        for name, count in self._cases.most_common(SHOWN):
            ratio, where = self._worst[name]
            table.add_row(Text(name), f"{count:,}", f"{ratio:.3f}", where)
        lines = [Text(f"and {len(self._cases) - SHOWN} more")] if len(self._cases) > SHOWN else []
        failures = Counter(dict(self._failures)).most_common(
            SHOWN
        )  # of a copy: this is another thread
        lines += [
            Text(f"{count:,} times: {self._told[kind]}", "bold", no_wrap=True)
            for kind, count in failures
        ]
        bar = ProgressBar(total=total or 1, completed=min(done, total or 1), width=60)
        return Group(
            Text(f"{self._name}: {self._line()}; {self._found()}"),
            bar,
            table,
            *lines,
            Text("Ctrl-C stops; what is done is kept.", style="dim"),
        )


def say(sentence: str) -> None:
    """Prints it to standard error, if somebody is there."""
    with suppress(OSError):
        print(sentence, file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
