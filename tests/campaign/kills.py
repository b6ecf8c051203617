"""Kills a campaign at random moments, again and again, and compares what it comes to: `python -m
tests.campaign.kills 50`.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.campaign.open_journal import read
from tests.campaign.conftest import command, result


def killed(name, words, kills, moments, patience=2.0):
    """Runs the campaign to its end with so many kills, each within `patience` seconds.

    These count from a start, or, for every second kill, from the first new row after it.

    Shards lost, shards of which the row has changed, shards, and the kills after a new row.
    """
    committed, lost, changed, fruitful = {}, 0, 0, 0
    for number in range(kills + 1):
        again = Path(f"{name}.campaign").exists()
        process = subprocess.Popen(
            command("resume", name) if again else command(name, *words),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if number < kills:
            if number % 2:  # else it might never come so far
                until_row(process, Path(f"{name}.campaign"), len(committed))
            time.sleep(moments.uniform(0, patience))
            process.kill()
        _, errors = process.communicate()
        if process.returncode not in (-signal.SIGKILL, 0, 1):
            raise AssertionError(f"exit status {process.returncode}: {errors}")
        if not Path(f"{name}.campaign").exists():
            continue
        try:
            with read(Path(f"{name}.campaign")) as journal:
                rows = {row["shard"]: row["committed"] for row in journal.rows()}
        except Exception as error:
            raise AssertionError(f"after kill {number}: {error}") from error
        lost += len(committed.keys() - rows)
        changed += sum(rows[shard] != committed[shard] for shard in rows.keys() & committed)
        fruitful += number < kills and len(rows) > len(committed)
        committed = rows
    return lost, changed, len(committed), fruitful


def until_row(process, journal, count):
    """Waits until the journal has more than `count` rows, or the process has ended."""
    while process.poll() is None:
        time.sleep(0.1)
        if journal.exists():
            with read(journal) as contents:
                if sum(1 for _ in contents.rows()) > count:
                    return


def main(kills):
    """The figures, on the terminal."""
    words = ("--implementations", "numpy,torch@2", "--cases", "60000", "--seed", "5")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        start = time.monotonic()
        lost, changed, shards, fruitful = killed(
            "killed", words, kills, random.Random(0), patience=5.0
        )
        middle = time.monotonic()
        subprocess.run(command("whole", *words), capture_output=True, check=True)
        results = [result(name) for name in ("killed", "whole")]
        rows = [
            sqlite3.connect(f"{name}.campaign")
            .execute("SELECT number, result FROM shards ORDER BY number")
            .fetchall()
            for name in ("killed", "whole")
        ]
        whole = time.monotonic() - middle
        print(
            f"{kills} kills, {fruitful} of them after a new row, in {middle - start:.0f} s; "
            f"undisturbed {whole:.0f} s; {shards} shards"
        )
        verdicts = {
            name: sum(one["cases"] for one in result["implementations"])
            for name, result in zip(("killed", "whole"), results, strict=True)
        }
        print(f"lost {lost}, done again {changed}; verdicts {verdicts}")
        print(f"the same report: {results[0] == results[1]}; the same rows: {rows[0] == rows[1]}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
