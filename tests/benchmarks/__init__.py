"""Measurements, each a command of its own, with one thread, as a worker of `verify` has."""

import os

THREADS = """
    OMP_NUM_THREADS OPENBLAS_NUM_THREADS TF_NUM_INTRAOP_THREADS TF_NUM_INTEROP_THREADS
"""
for name in THREADS.split():
    os.environ.setdefault(name, "1")  # before NumPy and the frameworks are imported
