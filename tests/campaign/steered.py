"""Searches and samples blindly, side by side for the same time: `python -m tests.campaign.steered
120 torch 1 2 3 4`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.campaign.conftest import command, result


def worst(name):
    """Worst ratio and cases of a campaign of one implementation."""
    (told,) = result(name)["implementations"]
    return told["worst_ratio"], told["cases"]


def main(seconds, implementation, seeds):
    """A line for each seed: what each reached, with one worker each."""
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for seed in seeds:
            words = (
                "--implementations",
                implementation,
                "--time",
                f"{seconds}s",
                "--seed",
                seed,
                "--workers",
                "1",
            )
            both = {f"searched-{seed}": (), f"blind-{seed}": ("--blind",)}
            running = [
                subprocess.Popen(
                    command(name, *words, *more),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                for name, more in both.items()
            ]
            for process in running:
                process.wait()
            told = [
                f"{name} {ratio:.3f} over {cases:,} cases"
                for name, (ratio, cases) in ((name, worst(name)) for name in both)
            ]
            print("; ".join(told), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
