"""Shows progress to a person: a live table on a terminal, a line now and then elsewhere."""

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
from harness.printable import how_many, one_line, printable
from harness.runs.summary import worse
from harness.runs.tables import ratio_text

EVERY = 10.0  # seconds between plain lines, at the least; later a tenth of the time that has passed
ROWS = 12  # implementations, and kinds of failure
LONGEST = 200  # characters of a failure
SHORT = 90  # seconds from which a span of time is said in minutes


class Progress:
    """Counts verdicts, failures and worst ratios, and shows them while it is open."""

    def __init__(self, journal: Journal) -> None:
        self._plan, self._name, self._earlier = (
            journal.plan,
            journal.name,
            journal.running_seconds(),
        )
        self._cases: Counter[str] = Counter(dict.fromkeys(journal.plan.implementations, 0))
        self._omissions = 0  # cases from which an implementation was left out
        self._worst: dict[str, tuple[float, str]] = dict.fromkeys(self._cases, (0.0, ""))
        self._failures: Counter[tuple[str, str, str]] = Counter()
        self._sentences: dict[tuple[str, str, str], str] = {}  # of the first failure of each kind
        for row in journal.rows():
            self._add(row)
        self._before = self._cases.total()
        self._start = self._last = time.monotonic()
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
        """Updates the display after a shard has been committed."""
        self._add(result)
        now = time.monotonic()
        if not self._live and now - self._last >= max(EVERY, (now - self._start) / 10):
            self._last = now
            worst = max(self._worst, key=lambda name: self._worst[name][0])
            ratio, place = self._worst[worst]
            highest = f"; worst ratio {ratio_text(ratio)}: {worst}, {place}" if place else ""
            each = ", ".join(f"{name} {count:,}" for name, count in self._cases.most_common(ROWS))
            say(f"{self._pace()}; {each}{highest}; {self._failure_count()}")

    def _add(self, result: dict[str, Any]) -> None:
        for name, table in result["tables"].items():
            self._cases[name] += table["cases"]
            self._omissions += table["left_out"]
            for failure in table["failures"]:
                kind, what, *_ = failure["group"]
                sentence = f"{one_line(name)} {kind}: {one_line(failure['reason'], LONGEST)}"
                self._sentences.setdefault((name, kind, what), sentence)
                self._failures[(name, kind, what)] += failure["count"]
            if worse(table["worst_ratio"], self._worst[name][0]):
                at = table["worst_at"]
                place = f"{at['kind'] or 'a saved one'}, case {at['case']}, {at['place']}"
                self._worst[name] = table["worst_ratio"], place

    def _pace(self) -> str:
        """Says how many verdicts there are, how fast they come, how long the rest takes."""
        count, total = self._cases.total(), self._plan.verdicts
        seconds = time.monotonic() - self._start
        rate = (count - self._before) / seconds if seconds else 0.0
        estimates = []
        if self._plan.seconds is not None:
            estimates.append(self._plan.seconds - self._earlier - seconds)
        if total is not None and rate:
            estimates.append((total - count - self._omissions) / rate)
        verdicts = how_many(count if total is None else total, "verdict")
        if total is not None:
            verdicts = f"{count:,} of {verdicts}"
        rest = f", {duration(max(0, min(estimates)))} to go" if estimates else ""
        return f"{verdicts}, {rate:,.0f} a second{rest}"

    def _failure_count(self) -> str:
        count = len(self._failures)
        return f"{count} kind{'s' if count > 1 else ''} of failure" if count else "no failure"

    def _screen(self) -> Group:
        """Returns what the terminal shows now. Runs in another thread than `update`."""
        progress: float = self._cases.total() + self._omissions
        total: float | None = self._plan.verdicts
        if total is None:
            progress = self._earlier + time.monotonic() - self._start
            total = self._plan.seconds
        table = Table(
            Column("implementation", overflow="fold"),
            Column("cases", justify="right"),
            Column("worst ratio", justify="right"),
            "where",
            box=box.SIMPLE,
        )
        for name, count in self._cases.most_common(ROWS):
            ratio, place = self._worst[name]
            where = Text(one_line(place))
            table.add_row(Text(one_line(name)), f"{count:,}", ratio_text(ratio), where)
        lines = [Text(f"and {len(self._cases) - ROWS} more")] if len(self._cases) > ROWS else []
        lines += [
            Text(f"{how_many(count, 'time')}: {self._sentences[kind]}", "bold", no_wrap=True)
            for kind, count in Counter(dict(self._failures)).most_common(ROWS)
        ]
        return Group(
            Text(f"{one_line(self._name)}: {self._pace()}; {self._failure_count()}"),
            ProgressBar(total=total or 1, completed=min(progress, total or 1), width=60),
            table,
            *lines,
            Text("Ctrl-C stops; every committed shard is safe.", style="dim"),
        )


def say(sentence: str) -> None:
    """Prints a sentence to standard error, if somebody is there."""
    with suppress(OSError):
        print(printable(sentence), file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """A span of time as one says it, rounded: 12 s, 7 min, 2 h 5 min."""
    if seconds < SHORT:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
