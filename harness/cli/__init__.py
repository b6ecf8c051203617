"""The command line, a file for each command."""

import os

# The judge's matrices are small: a second thread gains nothing on them, and waits long where other
# processes use the cores. Set before NumPy is imported, which reads it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from harness.cli.import_check import misplaced

for sentence in misplaced():
    raise ImportError(sentence)
