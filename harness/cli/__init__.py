"""The command line, a file for each command."""

import os

# The judge's matrices are small. A second thread gains nothing on them, and waits long where other processes use the cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
