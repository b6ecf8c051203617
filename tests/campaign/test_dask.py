"""The same shards on a real Dask cluster on loopback: a worker is killed, the scheduler is cut, and
every shard is there once.
"""

import json
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.campaign.conftest import ENVIRONMENT, HERE, campaign, command, result, wait_for_shards

pytest.importorskip("distributed", reason="the extra dask is not installed")
pytestmark = [pytest.mark.process, pytest.mark.deep(seconds=50)]
SLOW = f"{HERE / 'hostile'}.py:slow"
SMALL = ("--time-steps", "1:8", "--hidden-size", "1:8")
WORDS = ("--implementations", SLOW, "--cases", "1500", "--seed", "4", *SMALL)
ENDS = ("--implementations", f"{HERE / 'hostile'}.py:segfaults", "--cases", "20")


class Cluster:
    """A scheduler and its workers, each a process of its own, as on other machines."""

    def __init__(self, workers):
        file = Path("scheduler.json")
        file.unlink(missing_ok=True)
        self.scheduler = self._process(
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(file),
        )
        for _ in range(300):
            if file.exists() and file.read_text():
                break
            time.sleep(0.1)
        self.url = json.loads(file.read_text())["address"]
        words = ("--nthreads", "1", "--no-dashboard", "--local-directory", str(Path.cwd()))
        self.workers = [self._process("worker", self.url, *words) for _ in range(workers)]

    def _process(self, what, *words):
        module = f"import sys; from distributed.cli.dask_{what} import main; main()"
        return subprocess.Popen(
            [sys.executable, "-c", module, *words], env=ENVIRONMENT, stderr=subprocess.DEVNULL
        )

    def kill_worker(self):
        """The worker's own process, below its nanny; the nanny starts another."""
        nanny = psutil.Process(self.workers[0].pid)
        inner = [
            child
            for child in nanny.children(recursive=True)
            if "spawn_main" in " ".join(child.cmdline())
        ]
        assert inner
        inner[0].kill()

    def close(self):
        processes = [self.scheduler, *self.workers]
        children = [
            child
            for process in processes
            if process.poll() is None
            for child in psutil.Process(process.pid).children(recursive=True)
        ]
        for process in processes:
            process.kill()
            process.wait()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()


@contextmanager
def cluster(workers=2):
    made = None
    try:
        made = Cluster(workers)
        yield made
    finally:
        if made:
            made.close()


def test_every_shard_is_there_once_though_a_worker_is_killed_and_the_scheduler_is_cut():
    with cluster() as first:
        process = subprocess.Popen(
            command("c", *WORDS, "--executor", first.url),
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        wait_for_shards(1)
        first.kill_worker()
        wait_for_shards(3)
        first.scheduler.kill()
        _, errors = process.communicate(timeout=100)
    assert process.returncode == 3, errors
    assert "the executor is gone" in errors
    assert "committed and safe; when it is back: rnn-parity campaign resume c" in errors
    assert "Traceback" not in errors
    with cluster() as second:
        done = campaign("resume", "c", "--executor", second.url)
        end = campaign("end", *ENDS, "--executor", second.url)
    assert done.returncode == 0, done.stderr
    assert campaign("here", *WORDS).returncode == 0
    shards = [json.loads(line) for line in campaign("export", "c", "--jsonl").stdout.splitlines()]
    assert [row["shard"] for row in shards] == list(range(6))
    assert result("c") == result("here")
    check_end(end)


def check_end(done):
    """What ends its process is a finding there too."""
    assert done.returncode == 1, done.stderr
    (finding,) = result("end")["findings"]
    assert finding["first"]["reason"] == "it ended the process by SIGSEGV"


def test_a_scheduler_that_is_not_there_is_a_sentence():
    done = campaign("c", "--executor", "tcp://127.0.0.1:9", "--implementations", "numpy")
    assert done.returncode == 2
    assert "no Dask scheduler answers at 'tcp://127.0.0.1:9'" in done.stderr
    done = campaign("c", "--executor", "nonsense://x", "--implementations", "numpy")
    assert done.returncode == 2
    assert "no Dask scheduler answers at 'nonsense://x'" in done.stderr
    assert not Path("c.campaign").exists()
