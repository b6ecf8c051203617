"""What the command line does with a campaign: start it, go on with it, show it, export it. Each returns an exit status.

All raise Unusable, Unwritable, Stopped, NotFound, NotInstalled or Unreadable, with a sentence for the user.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from harness.campaign.campaign import Runner
from harness.campaign.executors import asking, executor_of
from harness.campaign.export import rows
from harness.campaign.journal import Journal
from harness.campaign.make_plan import make_plan, shares
from harness.campaign.open_journal import begin, check_folder, check_new, path_of, read, reopen
from harness.campaign.page import page
from harness.campaign.progress import Progress, say
from harness.campaign.report import document, write
from harness.campaign.result import Ask, investigate
from harness.campaign.terminal import print_report
from harness.report.as_json import Document

WIDTH = 110  # of the report, where there is no terminal


def start(
    name: str,
    workers: int | None,
    url: str | None,
    *,
    implementations: str | None,
    limits: Mapping[str, Any],
    time_limit: float,
    memory_limit: int,
    blind: bool,
    cases: int | None,
    seconds: float | None,
    seed: int,
    examples: Path | None,
) -> int:
    """A new campaign, from its plan to its report."""
    path, asked, bounds = path_of(name), shares(implementations), (time_limit, memory_limit)
    check_new(path)
    say(f"importing what {', '.join(asked)} need{'s' if len(asked) == 1 else ''}")
    with executor_of(url, workers, os.cpu_count() or 1) as (executor, count, alive):
        plan, facts = make_plan(
            asked, cases=cases, seconds=seconds, seed=seed, limits=limits, bounds=bounds, steer=not blind, examples=examples,
            count=count, ask=asking(executor, alive),
        )  # fmt: skip
        with begin(path, plan, facts) as journal:
            return _run(
                journal, Runner(journal, executor, count, alive), asking(executor, alive, journal)
            )


def resume(name: str, workers: int | None, url: str | None, accept: bool) -> int:
    """The rest of a campaign; `accept` goes on under other versions."""
    with (
        reopen(path_of(name)) as journal,
        executor_of(url, workers, os.cpu_count() or 1) as (executor, count, alive),
    ):
        return _run(
            journal,
            Runner(journal, executor, count, alive, accept),
            asking(executor, alive, journal),
        )


def show(name: str, folder: Path | None) -> int:
    """What is known of a campaign, which may be running; written to the folder, too, if one is given."""
    if folder:
        check_folder(folder)
    with read(path_of(name)) as journal:
        return _shown(journal, folder)


def export(name: str) -> int:
    """A line of JSON for each shard, then for each finding."""
    with read(path_of(name)) as journal:
        for row in rows(journal):
            print(json.dumps(row))
    return 0


def _run(journal: Journal, runner: Runner, ask: Ask) -> int:
    try:
        with Progress(journal) as progress:
            runner.run(progress.update)
        with read(journal.path):  # as others will
            pass
        say("looking into what was found, and into what the cases could have shown")
        investigate(journal, ask)
        journal.set_fact("complete", "true")
        return _shown(journal, journal.path.with_suffix(".report"))
    except KeyboardInterrupt:
        say(
            f"interrupted: {len(journal.shard_numbers()):,} shards are committed and safe; to go on: rnn-parity campaign resume {journal.shell_name}"
        )
        return 130


def _shown(journal: Journal, folder: Path | None) -> int:
    """The report on the terminal, and in the folder."""
    told, cases = document(journal)
    unwritten = _written(told, cases, folder) if folder else ""  # first: the terminal may be gone
    print_report(
        told,
        folder or journal.path.with_suffix(".report"),
        Console(width=None if sys.stdout.isatty() else WIDTH),
    )
    if unwritten:
        say(
            f"{folder} could not be written: {unwritten}; rnn-parity campaign show {journal.shell_name} --report FOLDER writes it elsewhere"
        )
        return 4
    if folder:
        print(f"{folder / 'report.html'} and report.json beside it hold all of it")
    return int(told["exit"] or (3 if told["interrupted"] else 0))


def _written(told: Document, cases: Mapping[str, bytes], folder: Path) -> str:
    """Why it could not be, or nothing."""
    try:
        write(told, cases, folder)
        (folder / "report.html").write_text(page(told), encoding="utf-8")
    except OSError as error:
        return error.strerror or str(error)
    return ""
