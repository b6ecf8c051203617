"""How often a planted mistake is named: mistakes by implementations that add up in other orders.

    python -m tests.benchmarks.naming [SEED] [MISTAKES PER FAMILY] [--cell gru]

Every mistake of the catalogue is planted in six right implementations. On the first rounded and on
the first exact case that shows it, the diagnosis names it, names nothing, or names something else.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import click
import numpy as np

from harness import sample_cases
from harness.draw.limits import EXACT_REGIMES, REGIMES
from harness.judge.judge import judge
from harness.mistakes.catalogue import FAMILIES
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.mistake import Edits, Mistake, run
from harness.mistakes.right_variants import edits_in_order, one_by_one
from references.case import Case, Outputs
from references.cells import CELLS
from references.cells.walk import Moment

Dot = Callable[[np.ndarray, np.ndarray], np.ndarray]
SIZES = {"time": (2, 12), "hidden_size": (2, 12), "input_size": (2, 12), "batch": (1, 4)}


def by_rows(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The batch in rows: x W.T."""
    return np.ascontiguousarray(x.T) @ np.ascontiguousarray(W.T)


def torch_dot(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    """torch's own product."""
    import torch

    return torch.matmul(*(torch.from_numpy(np.array(one)) for one in (W, x))).numpy()


def in_float64(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Summed in float64, then rounded."""
    return (W.astype(np.float64) @ x.astype(np.float64)).astype(W.dtype)


DOTS: dict[str, Dot] = {
    "rows": lambda W, x: by_rows(W, x).T,
    "time-major": lambda W, x: np.einsum("hi,ib->bh", W[:, ::-1], x[::-1]).T,
    "concatenated": np.dot,
    "lookup": one_by_one,
    "float64 inside": in_float64,
    "torch": torch_dot,
}


def plant(mistake: Mistake, name: str) -> Callable[[Case], Outputs]:
    """The mistake in a right implementation of another order."""

    def step(edits: Edits, now: Moment) -> Any:
        p = now.p
        is_gated = now.part.case.config.cell != "rnn"  # then it adds up as the loop does
        if name == "concatenated" and not edits.step and not is_gated:
            both = (
                np.concatenate([p.W_h, p.U_h], axis=1),
                np.concatenate([now.input_t, *now.states]),
            )
            return np.asarray(p.activation(np.dot(*both) + p.b_h))
        return edits_in_order(edits, DOTS[name]).new_states(now)

    wrong = mistake.edits._replace(step=partial(step, mistake.edits))
    right = Edits(step=partial(step, Edits()))
    return lambda case: run(case, wrong if mistake.applies(case) else right)


def first_failure(run: Any, mistake: Mistake, seed: int, **limits: Any) -> Any:
    """The first verdict that differs, where the mistake applies."""
    for case in sample_cases(400, seed=seed, **limits, **SIZES):
        if mistake.applies(case):
            verdict = judge(case, run, calls=1)
            if verdict.kind != "agrees":
                return verdict
    return None


def outcomes(seed: int, most: int, cell: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Mistake, implementation, kind of case, outcome, and the sentence."""
    kinds = {"exact": EXACT_REGIMES, "rounded": tuple(r for r in REGIMES if r not in EXACT_REGIMES)}
    for mistakes in FAMILIES.values():
        of_cell = [one for one in mistakes if cell in one.cells and not one.stateful]
        for mistake in of_cell[:most]:
            for name in DOTS:
                run = plant(mistake, name)
                for kind, regimes in kinds.items():
                    verdict = first_failure(run, mistake, seed, regimes=regimes, cell=cell)
                    if verdict is None:
                        yield mistake.name, name, kind, "missed", ""
                        continue
                    diagnosis = diagnose(verdict.case, run)
                    outcome = "named" if mistake.name in diagnosis.names else "other"
                    outcome = outcome if diagnosis.names else "none"
                    yield mistake.name, name, kind, outcome, str(diagnosis)


@click.command()
@click.argument("seed", type=int, default=0)
@click.argument("most", type=int, default=1000)
@click.option("--cell", type=click.Choice(list(CELLS)), default="rnn", show_default=True)
def main(seed: int, most: int, cell: str) -> None:
    """Prints what was not named, and the table."""
    table: dict[tuple[str, str], Counter[str]] = {}
    start = time.process_time()
    for mistake, name, kind, outcome, sentence in outcomes(seed, most, cell):
        table.setdefault((name, kind), Counter())[outcome] += 1
        if outcome in ("other", "none"):
            print(f"{mistake} | {name} | {kind}: {outcome}: {sentence}", flush=True)
    for (name, kind), counts in table.items():
        print(f"{name:16} {kind:8}", dict(counts))
    total = sum(table.values(), Counter())
    caught = total.total() - total["missed"]
    print(f"named {total['named']} of {caught}, other {total['other']}, none {total['none']}")
    print(f"{time.process_time() - start:.0f} CPU s")


if __name__ == "__main__":
    main()
