"""Mistakes that cannot be told apart on a Config: they give the same outputs on every probe."""

import numpy as np

from harness.mistakes.catalogue import MISTAKES
from harness.mistakes.mistake import Mistake, run
from harness.mistakes.probes import probes
from references.case import Case, Outputs
from references.numpy_rnn import run as loop


def groups(case: Case) -> tuple[tuple[str, ...], ...]:
    """Names of mistakes that look the same on cases of this Config, masked as this case is; each group has at least two."""
    looks: dict[bytes, list[str]] = {}
    cases = probes(case)
    right = _look([loop(probe) for probe in cases])
    for mistake in MISTAKES:
        look = _seen(mistake, cases)
        if look and look != right:
            looks.setdefault(look, []).append(mistake.name)
    return tuple(tuple(names) for names in looks.values() if len(names) > 1)


def _seen(mistake: Mistake, cases: tuple[Case, ...]) -> bytes:
    """What the mistake gives on the probes; nothing where it does not apply, or shows only from call to call."""
    if mistake.stateful or not any(mistake.applies(case) for case in cases):
        return b""
    return _look(
        [run(case, mistake.edits) if mistake.applies(case) else loop(case) for case in cases]
    )


def _look(outputs: list[Outputs]) -> bytes:
    return b"".join(
        np.asarray(array).tobytes() for result in outputs for array in (result.sequence, result.h_n)
    )
