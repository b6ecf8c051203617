"""Starts the process of a user's function, if need be before anybody knows which function."""

import os
import subprocess

from harness.processes import pipes

_early: list["subprocess.Popen[bytes]"] = []


def start_early() -> None:
    """Starts a process that the next call of `start` returns: it loads while this one does."""
    _early.append(_start())


def start() -> "subprocess.Popen[bytes]":
    """Starts a `harness.implementations.callee`, which reads requests and writes answers."""
    return _early.pop() if _early else _start()


def _start() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - this Python, and code of ours
        pipes.command("harness.implementations.callee", os.getpid(), pipes.patience),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
