"""Runs the lesson's own code blocks, one after the other as a notebook would, and keeps what they print."""

import io
from contextlib import redirect_stdout
from typing import Any

from harness.lesson.text import Block


class Runner:
    """One name space for all blocks of a page."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "my_rnn"}

    def printed(self, block: Block) -> str:
        """What the block prints. An error in it is ours, and is raised."""
        stream = io.StringIO()
        with redirect_stdout(stream):
            exec(compile(block.body, "<lesson>", "exec"), self.names)  # noqa: S102 - code of the lesson's own templates
        return stream.getvalue().rstrip("\n")
