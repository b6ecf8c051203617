"""The command line, a file for each command."""

import os

# The judge's matrices are small. A second thread gains nothing on them, and waits long where other processes use the cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import references  # noqa: F401  # whichever Python finds; it loads NumPy, which reads the line above
from harness.runs.import_check import misplaced

for sentence in misplaced():
    raise ImportError(sentence)
