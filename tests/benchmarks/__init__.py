"""Measurements, each a command of its own. They run with one thread, as a worker of `verify` does."""

import os

for name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
):
    os.environ.setdefault(name, "1")  # before NumPy and the frameworks are imported
