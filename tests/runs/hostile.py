"""Implementations that do what none should: a worker process is there to bear it.

Each is right until the case that it waits for.
"""

import os
import re
import signal
import sys
import time
from pathlib import Path

import numpy as np

from references import Unsupported
from references.numpy_rnn import run


def at(case, index):
    """Whether the case is the `index`-th of its stream, and not that of a second call."""
    return re.match(rf"next\(sample_cases\(1, seed=\d+, start={index}[,)]", case.origin)


def right(case):
    return run(case)


def wrong(case):
    return run(case).sequence[:, ::-1].copy()


def noisy(case):
    print("to standard output")
    os.write(1, b"and to its descriptor\n")
    return run(case)


def exits(case):
    if at(case, 3):
        os._exit(7)
    return run(case)


def segfaults(case):
    if at(case, 3):
        os.kill(os.getpid(), signal.SIGSEGV)
    return run(case)


def exits_often(case):
    os._exit(0)


def hangs(case):
    if at(case, 2):
        time.sleep(3600)
    return run(case)


def calls_exit(case):
    if at(case, 1):
        sys.exit(3)
    return run(case)


def forks(case):
    if at(case, 2) or at(case, 5):  # the copy goes on as this process does, unless it is stopped
        os.fork()
    return run(case)


class Private(Exception):
    """Cannot be rebuilt from what it says."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def raises(case):
    if at(case, 2):
        raise Private("this", "that")
    return run(case)


def slow(case):
    if at(case, 120):  # by now earlier blocks are in
        Path(os.environ["PARITY_TEST_STARTED"]).touch()
    time.sleep(0.02)
    return run(case)


def nan(case):
    return np.full_like(run(case).sequence, np.nan)


def refuses_most(case):
    """Takes one layer in one direction without a mask, and two rows at most."""
    if case.config.num_layers > 1 or case.config.bidirectional or case.mask is not None:
        raise Unsupported("one layer, one direction, no mask")
    if case.batch > 2:
        raise Unsupported("two rows at most")
    return run(case)
