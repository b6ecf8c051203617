"""Runs a user's program, in any language: once for a block of cases, which it gets as files.

`command:./my_rnn --fast` names it. It is started without a shell; the folder is its last argument.
`harness.implementations.case_files` has what is in the folder.
"""

import math
import os
import shlex
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from harness.implementations.answers import Use
from harness.implementations.case_files import (
    SUFFIX,
    answers_in,
    case_bytes,
    digest_of,
    names_of,
    observation_in,
)
from harness.implementations.digests import digest
from harness.implementations.find import NotFound, Unusable
from harness.implementations.names import PREFIX, is_program
from harness.judge.calls.returned import Observation
from harness.judge.judge import called_cases
from harness.printable import one_line
from harness.processes.descendants import kill_descendants, kill_group
from harness.processes.endings import in_words, too_long
from references.case import Case

CRASHES = 3  # in a block, after which its other cases are left out
TAIL = 2000  # bytes of what it wrote to standard error last
LAST_LINES = 3
TICK = 0.05  # seconds between looks at it, at most
Notice = Callable[[int], None]  # called with a call's position where its answer is awaited


def words_of(name: str) -> list[str]:
    """Returns the program of a name and its arguments, as a shell divides them. Raises NotFound."""
    try:
        words = shlex.split(name.removeprefix(PREFIX))
    except ValueError as error:
        raise NotFound(f"{name!r} cannot be divided into words: {error}") from error
    if not words:
        raise NotFound(f"{name!r} names no program, expected command:./my_rnn")
    if shutil.which(words[0]) is None and not Path(words[0]).is_file():
        raise NotFound(f"there is no program {words[0]}")
    return words


def replay_command(file: object, name: str) -> str:
    """Returns the command that judges a saved case again.

    It names a program: a file of cases may come from a stranger, and cannot say what is run.
    """
    path = f"./{file}" if str(file).startswith("-") else str(file)
    return shlex.join(["rnn-parity", "explain", path, *([name] if is_program(name) else [])])


class Program:
    """A program as the process of an implementation, see `callee_process`."""

    uses: tuple[Use, ...] = ()  # of the answer: nobody can watch

    def __init__(self, name: str, time_limit: float = math.inf) -> None:
        """Looks for the program. Raises NotFound, or Unusable for what cannot be started.

        `time_limit` is in seconds for a case, where no worker is watched for it.
        """
        self.name, self._words, self._limit = name, words_of(name), time_limit
        if shutil.which(self._words[0]) is None:
            raise Unusable(f"{name} cannot be used: {_advice(self._words[0])}")
        self._answers: dict[str, list[Observation]] = {}

    def digests(self) -> dict[str, str]:
        """The versions of the files that the command names."""
        files = [Path(shutil.which(word) or word) for word in self._words]
        return {
            f"{self.name}: {word}": digest(path)
            for word, path in zip(self._words, files, strict=True)
            if path.is_file()
        }

    def observe(self, case: Case, options: Mapping[str, Any]) -> Observation:
        """Returns what it left for a case: of the block before, or of one for this case.

        That has what a judge calls besides.
        """
        digest = digest_of(case)
        if not self._answers.get(digest):
            self.prepare(list(called_cases(case)), lambda position: None)
        # Each answer is for one call: to call again is to run it again.
        return self._answers[digest].pop(0)

    def prepare(self, cases: Sequence[Case], notice: Notice) -> None:
        """Runs it on these cases, which later calls may ask for.

        Where it crashes it is run again on each case alone, to tell on which.
        """
        observations, ending = self._run(cases, notice)
        if ending and len(cases) > 1:
            observations = self._alone(cases, notice, ending)
            if not any(one.kind == "crashed" for one in observations):
                many = f"{ending} (on {len(cases)} cases in a run, on each alone it does not)"
                observations[0] = Observation(None, "crashed", many)
        self._answers = {}
        for case, observation in zip(cases, observations, strict=True):
            self._answers.setdefault(digest_of(case), []).append(observation)

    def _alone(self, cases: Sequence[Case], notice: Notice, ending: str) -> list[Observation]:
        """Runs it on one case after the other, and no more once it has crashed a few times."""
        observations, crashes = list[Observation](), 0
        for position, case in enumerate(cases):
            if crashes == CRASHES:
                how = ending.partition(": ")[0]
                reason = f"{how}: on {CRASHES} cases of this block, and was not run on this one"
                observations.append(Observation(None, "crashed", reason))
                continue
            (one,), trouble = self._run([case], partial(_notice_alone, notice, position))
            ending, crashes = trouble or ending, crashes + bool(trouble)
            observations.append(one)
        return observations

    def _run(self, cases: Sequence[Case], notice: Notice) -> tuple[list[Observation], str]:
        """Runs it once; returns what it left, and a sentence where it crashed, else "".

        Nothing that it left counts then.
        """
        names = names_of(len(cases))
        try:
            with _folder() as folder:
                for name, case in zip(names, cases, strict=True):
                    (folder / f"{name}{SUFFIX}").write_bytes(case_bytes(case))
                if ending := self._wait(folder, names, notice):
                    return [Observation(None, "crashed", ending)] * len(cases), ending
                return list(map(observation_in, [folder] * len(cases), names, cases)), ""
        except OSError as error:
            reason = f"its cases could not be written to {error.filename}: {error.strerror}"
            return [Observation(None, "inconclusive", one_line(reason))] * len(cases), ""

    def _wait(self, folder: Path, names: Sequence[str], notice: Notice) -> str:
        """Runs it to its end; returns a sentence about a crash, else ""."""
        try:
            with _running([*self._words, str(folder)]) as (process, tail):
                since, answers, tick = time.monotonic(), set[str](), 0.001
                notice(0)
                while not _is_over(process):
                    time.sleep(tick)
                    tick = min(2 * tick, TICK)
                    if more := answers_in(folder) & set(names) - answers:
                        answers |= more
                        since = time.monotonic()
                        missing = (at for at, name in enumerate(names) if name not in answers)
                        notice(next(missing, len(names) - 1))
                    elif time.monotonic() - since > self._limit:
                        return f"it {too_long(self._limit)} on a case"
        except OSError as error:
            return f"it could not be started: {error.strerror}"
        if process.returncode == 0:
            return ""
        last = one_line("; ".join(bytes(tail).decode(errors="replace").splitlines()[-LAST_LINES:]))
        return f"it ended {in_words(process.returncode)}{f': {last}' if last else ''}"


def _advice(program: str) -> str:
    """Says how to name a file that cannot be started as it is named."""
    if os.access(program, os.X_OK):
        return f"a program beside you is named with its folder: {PREFIX}./{program}"
    return f"it is not executable; chmod +x {program}, or name what runs it"


def _notice_alone(notice: Notice, position: int, _: int) -> None:
    """Passes on the position of a case that is alone in its run."""
    notice(position)


@contextmanager
def _folder() -> Iterator[Path]:
    """Makes a folder, of which nothing is left afterwards, whatever a program has made of it."""
    with tempfile.TemporaryDirectory(prefix="rnn-parity-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def _running(words: Sequence[str]) -> Iterator[tuple["subprocess.Popen[bytes]", bytearray]]:
    """Starts a program in a group of its own; yields it, and the end of its standard error.

    Nothing of the group is left afterwards.
    """
    process = subprocess.Popen(  # noqa: S603 - the user's own, and no shell
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        process_group=None if os.name == "nt" else 0,
    )
    tail = bytearray()
    thread = threading.Thread(target=_listen, args=(process.stderr, tail), daemon=True)
    thread.start()
    try:
        yield process, tail
    finally:
        if not _is_over(process):
            kill_descendants(process.pid)
            process.kill()
        kill_group(process.pid)  # while nobody has waited for it: its number is still its own
        process.wait()
        thread.join(1)  # what has left the group may hold it open


def _listen(stream: Any, tail: bytearray) -> None:
    with stream:
        while piece := stream.read1(1 << 16):
            tail += piece
            del tail[:-TAIL]


def _is_over(process: "subprocess.Popen[bytes]") -> bool:
    """Tells whether it has ended; it stays a process nobody has waited for, where that exists."""
    if process.returncode is None and hasattr(os, "waitid"):
        # It is forgotten at once where this process was started with SIGCHLD ignored.
        with suppress(ChildProcessError):
            options = os.WEXITED | os.WNOHANG | os.WNOWAIT
            return os.waitid(os.P_PID, process.pid, options) is not None
    return process.poll() is not None
