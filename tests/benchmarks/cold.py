"""Times commands of rnn-parity in new processes, as people meet them first."""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.speeds import timed

ROOT = Path(__file__).parents[2]
LOOP = """import numpy as np


def rnn(inputs, W, U, b):
    state, outputs = np.zeros_like(b), []
    for x in inputs:
        state = np.tanh(W @ x + U @ state + b)
        outputs.append(state)
    return np.stack(outputs)


def zeros(inputs, W, U, b):
    return np.zeros((len(inputs), len(b)), inputs.dtype)
"""


def environment():
    """That of a person: Python keeps the bytecode that pip, or a first run, has compiled."""
    whole = os.environ | {"PYTHONPATH": str(ROOT)}
    whole.pop("PYTHONDONTWRITEBYTECODE", None)
    return whole


def seconds(*arguments, turns=3):
    """The medians of the wall's seconds and of the processor's that such a new process takes.

    A first one counts for nothing: it may have to compile what an installed package has compiled.
    """
    walls, cpus = [], []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "my_rnn.py").write_text(LOOP, encoding="utf-8")
        command = [sys.executable, *arguments]
        for _ in range(1 + turns):
            before = _of_processor()
            with timed(walls):  # a verdict that differs is no failure of the benchmark
                subprocess.run(
                    command, cwd=folder, env=environment(), capture_output=True, check=False
                )
            cpus.append(_of_processor() - before)
    return statistics.median(walls[1:]), statistics.median(cpus[1:])


def outside_the_clock(cases=100):
    """The wall's seconds of a campaign on two workers that its own clock does not count."""
    walls = []
    names = ["--implementations", "torch,keras/graph", "--cases", str(cases), "--workers", "2"]
    with tempfile.TemporaryDirectory() as folder:
        with timed(walls):
            subprocess.run(
                [sys.executable, "-m", "harness", "campaign", "goals", *names],
                cwd=folder,
                env=environment(),
                capture_output=True,
                check=True,
            )
        report = Path(folder, "goals.report", "report.json").read_text(encoding="utf-8")
    return walls[0] - json.loads(report)["seconds"]


def _of_processor():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
