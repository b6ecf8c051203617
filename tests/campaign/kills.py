"""Kills a campaign at random moments, again and again, and compares what it comes to: `python -m tests.campaign.kills 50`."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.campaign.access import read


def command(*words):
    return [sys.executable, "-m", "harness", "campaign", *words]


def killed(name, words, kills, moments, patience=2.0):
    """Runs the campaign to its end with so many kills, each within `patience` seconds of a start.

    Shards lost, shards done twice, shards, and how many kills came after a new row.
    """
    committed, lost, doubled, fruitful = set(), 0, 0, 0
    for number in range(kills + 1):
        again = Path(f"{name}.campaign").exists()
        process = subprocess.Popen(
            command("resume", name) if again else command(name, *words), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        if number < kills:
            time.sleep(moments.uniform(0, patience))
            process.kill()
        _, errors = process.communicate()
        if process.returncode not in (-signal.SIGKILL, 0, 1):
            raise AssertionError(f"exit status {process.returncode}: {errors}")
        if not Path(f"{name}.campaign").exists():
            continue
        try:
            with read(Path(f"{name}.campaign")) as journal:
                numbers = [row["shard"] for row in journal.rows()]
        except Exception as error:
            raise AssertionError(f"after kill {number}: {error}") from error
        lost += len(committed - set(numbers))
        doubled += len(numbers) - len(set(numbers))
        fruitful += number < kills and len(numbers) > len(committed)
        committed = set(numbers)
    return lost, doubled, len(committed), fruitful


def main(kills):
    """The figures, on the terminal."""
    words = ("--implementations", "numpy,torch@2", "--cases", "60000", "--seed", "5")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        start = time.monotonic()
        lost, doubled, shards, fruitful = killed("killed", words, kills, random.Random(0), patience=5.0)
        middle = time.monotonic()
        subprocess.run(command("whole", *words), capture_output=True, check=True)
        results = [json.loads(Path(f"{name}.report/report.json").read_text())["result"] for name in ("killed", "whole")]
        rows = [
            sqlite3.connect(f"{name}.campaign").execute("SELECT number, result FROM shards ORDER BY number").fetchall()
            for name in ("killed", "whole")
        ]
        whole = time.monotonic() - middle
        print(f"{kills} kills, {fruitful} of them after a new row, in {middle - start:.0f} s; undisturbed {whole:.0f} s; {shards} shards")
        print(f"lost {lost}, doubled {doubled}; the same report: {results[0] == results[1]}; the same rows: {rows[0] == rows[1]}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
