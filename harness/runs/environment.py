"""Gathers what decides rounding here: versions, backends, threads, instruction sets."""

import os
import platform
import sys
from collections.abc import Iterable

import numpy as np

from harness.implementations.names import reference_of
from references import REFERENCES, module


def environment(implementations: Iterable[str] = ()) -> dict[str, str]:
    """Returns facts as text, by name.

    A framework's own are among them where one of the implementations uses it, or it is loaded.
    """
    config = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    facts = {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": str(os.cpu_count()),
        "numpy": np.__version__,
        "numpy BLAS": f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip(),
        "instruction sets": " ".join(config.get("SIMD Extensions", {}).get("found", []))
        or "baseline",
    }
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE"):
        if variable in os.environ:
            facts[variable] = os.environ[variable]
    names = set(map(reference_of, implementations))
    for name, reference in REFERENCES.items():
        if reference.needs and (name in names or reference.module in sys.modules):
            # Plain text: torch's version is a class of its own, whose pickle would load torch.
            facts |= {key: str(value) for key, value in module(name).facts().items()}
    return facts
