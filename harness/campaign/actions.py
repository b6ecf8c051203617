"""Starts, resumes, shows and exports a campaign for the command line; each returns an exit status.

All raise NoCampaign, Unusable, Unwritable, Stopped, NotFound, NotInstalled or Unreadable, with a
sentence for the user.
"""

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import Executor
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from rich.console import Console

from harness.campaign.campaign import Runner
from harness.campaign.executors import asking, executor_of
from harness.campaign.export import rows
from harness.campaign.journal import Journal
from harness.campaign.make_plan import make_plan, shares
from harness.campaign.open_journal import begin, check_folder, check_new, path_of, read, reopen
from harness.campaign.progress import Progress, say
from harness.campaign.report import document, write
from harness.campaign.result import investigate
from harness.campaign.terminal import print_report
from harness.draw.saved import write_whole
from harness.implementations.find import NotFound, Unusable
from harness.implementations.names import is_program
from harness.printable import printable

NOT_STARTED = "No campaign was started: fix this first, or leave it out of --implementations."
WIDTH = 110  # of the report, where there is no terminal
Workplace = tuple[Executor, int, Callable[[], bool]]  # see `executor_of`


def start(
    name: str, workers: int | None, url: str | None, *, implementations: str | None, **options: Any
) -> int:
    """Runs a new campaign, from its plan to its report; `options` are as in `make_plan`."""
    path, names = path_of(name), shares(implementations)
    check_new(path)
    say(f"importing what {', '.join(names)} need{'s' if len(names) == 1 else ''}")
    with executor_of(url, workers, os.cpu_count() or 1) as place:
        executor, count, alive = place
        try:
            plan, facts = make_plan(names, **options, count=count, ask=asking(executor, alive))
        except Unusable as error:
            error.add_note(NOT_STARTED)
            raise
        with begin(path, plan, facts) as journal:
            return _run(journal, place)


def resume(
    name: str, workers: int | None, url: str | None, accept: bool, run_programs: bool = False
) -> int:
    """Runs the rest of a campaign; `accept` goes on under other versions.

    Programs that the journal names are run with `run_programs` alone: who wrote it chose them.
    """
    with reopen(path_of(name)) as journal:
        programs = list(filter(is_program, journal.plan.implementations))
        if programs and not run_programs:
            names = printable(" and ".join(programs))
            raise NotFound(f"{journal.path} says what would be run: {names}; agree: --run-programs")
        with executor_of(url, workers, os.cpu_count() or 1) as place:
            return _run(journal, place, accept)


def show(name: str, folder: Path | None) -> int:
    """Shows a campaign, which may be running, and writes its report to the folder, if any."""
    if folder:
        check_folder(folder)
    with read(path_of(name)) as journal:
        return _report(journal, folder)


def export(name: str) -> int:
    """Prints a line of JSON for each shard, then for each finding."""
    with read(path_of(name)) as journal:
        for row in rows(journal):
            print(json.dumps(row))
    return 0


def _run(journal: Journal, place: Workplace, accept: bool = False) -> int:
    executor, _, alive = place
    # What draws the page takes a second to import: it does so while the workers work.
    Thread(target=import_module, args=["harness.campaign.page"], daemon=True).start()
    try:
        with Progress(journal) as progress:
            Runner(journal, *place, accept).run(progress.update)
        with read(journal.path):  # checks it, as whoever reads it later will
            pass
        say("investigating the failures, and which mistakes the cases would catch")
        investigate(journal, asking(executor, alive, journal))
        journal.set_fact("complete", "true")
        return _report(journal, journal.path.with_suffix(".report"))
    except KeyboardInterrupt:
        say(
            f"interrupted: {journal.safe_shards}; "
            f"to go on: rnn-parity campaign resume {journal.shell_name}"
        )
        return 130


def _report(journal: Journal, folder: Path | None) -> int:
    """Writes the report to the folder, if any, and prints it."""
    contents, cases = document(journal)
    trouble = ""
    if folder:  # first: the terminal may be gone
        from harness.campaign.page import page

        try:
            write(contents, cases, folder)
            write_whole(folder / "report.html", page(contents).encode())
        except OSError as error:
            trouble = error.strerror or str(error)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    print_report(contents, folder or journal.path.with_suffix(".report"), console)
    if trouble:
        elsewhere = f"rnn-parity campaign show {journal.shell_name} --report FOLDER"
        say(f"{folder} could not be written: {trouble}; {elsewhere} writes it elsewhere")
        return 4
    if folder:
        print(printable(f"{folder / 'report.html'} and report.json beside it hold all of it"))
    return int(contents["exit"] or (3 if contents["interrupted"] else 0))
