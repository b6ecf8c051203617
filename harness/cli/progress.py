"""The progress of a command, on a terminal alone."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress


@contextmanager
def show_progress(title: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """Shows a bar on standard error while the block runs, if that is a terminal.

    The block calls the function before each of `total` stages, with the stage in words.
    """
    if not sys.stderr.isatty():  # before 14.3 rich ends a bar that shows nothing with a line
        yield lambda stage: None
        return
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total)
        stages = iter(range(total or 0))

        def start(stage: str) -> None:
            progress.update(task, description=f"{title}: {stage}", completed=next(stages, total))

        yield start
