"""Measures how many of 20 seeds miss an implementation that is wrong on rare inputs alone.

    python -m tests.benchmarks.rare_inputs [--seeds 20] [--cases 200]

Each implementation is the loop, but for one output of a case that meets a rare condition: its last
one there is wrong by 2^-6 of itself, or by 2^-6 where it is 0. A seed misses it if none of the
cases that a default `verify` draws shows that. Takes about a minute.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations

import click
import numpy as np

from harness import sample_cases
from harness.judge.judge import judge
from references.case import NONLINEARITIES, Case, Outputs
from references.numpy_rnn import run as loop

Condition = Callable[[Case], np.ndarray | bool]  # the outputs (B, T, H*D) that it concerns


def config(**values) -> Condition:
    """The cases whose Config, batch or time are so."""
    return lambda case: all(
        getattr(case if name in ("batch", "time") else case.config, name) == value
        for name, value in values.items()
    )


def size(name: str, holds: Callable[[int], bool]) -> Condition:
    """The cases in which this size is so."""
    return lambda case: bool(
        holds(getattr(case if name in ("batch", "time") else case.config, name))
    )


def both(*conditions: Condition) -> Condition:
    """The outputs that all conditions concern."""
    return lambda case: np.logical_and.reduce(
        [np.broadcast_to(one(case), _shape(case)) for one in conditions]
    )


def _shape(case: Case) -> tuple[int, int, int]:
    return case.batch, case.time, case.config.output_size


def row(index: int) -> Condition:
    """The outputs of this row."""
    return lambda case: np.arange(case.batch)[:, None, None] == index


def last_unit(of: str, holds: Callable[[int], bool]) -> Condition:
    """The outputs of the last unit where a size is so."""
    return lambda case: (
        holds(getattr(case.config, of)) & (np.arange(case.config.output_size) == _last(case))
    )


def _last(case: Case) -> int:
    return case.config.output_size - 1


def rows_masked(which: Callable[[np.ndarray], np.ndarray]) -> Condition:
    """The outputs of the rows whose mask (B, T) is so; `which` gives (B,)."""
    return lambda case: case.mask is not None and which(case.mask)[:, None, None]


def _gap(mask: np.ndarray) -> np.ndarray:
    """The rows (B,) in which a masked step stands between two that count."""
    before, after = (np.logical_or.accumulate(m, axis=1) for m in (mask, mask[:, ::-1]))
    return (~mask & before & after[:, ::-1]).any(axis=1)


def inputs(which: Callable[[np.ndarray], np.ndarray]) -> Condition:
    """The steps with such a number among their inputs (B, T, I)."""
    return lambda case: which(case.inputs).any(axis=2, keepdims=True)


def state(which: Callable[[np.ndarray], np.ndarray]) -> Condition:
    """The rows with such a number in their initial state (L*D, B, H)."""
    return lambda case: which(case.h_0).any(axis=(0, 2))[:, None, None]


def weights(which: Callable[[np.ndarray], np.ndarray]) -> Condition:
    """The cases with such a number in some W or U."""
    return lambda case: any(which(cell.W).any() or which(cell.U).any() for cell in case.weights)


def biases(which: Callable[[np.ndarray], np.ndarray]) -> Condition:
    """The cases with a bias that has such a number."""
    return lambda case: (
        case.config.bias
        and any(which(cell.b_W).any() or which(cell.b_U).any() for cell in case.weights)
    )


def negative_zero(array: np.ndarray) -> np.ndarray:
    """The elements that are -0.0."""
    return (array == 0) & np.signbit(array)


def subnormal(array: np.ndarray) -> np.ndarray:
    """The elements that are subnormal."""
    return (array != 0) & (np.abs(array) < np.finfo(array.dtype).tiny)


def _saturated(case: Case) -> np.ndarray:
    """Outputs of a single tanh layer whose sum |W x| is above 20 at that unit's step."""
    if case.config.nonlinearity != "tanh":
        return np.zeros(_shape(case), bool)
    sums = [np.abs(case.inputs @ cell.W.T) for cell in case.weights[: case.config.num_directions]]
    return np.concatenate(sums, axis=2) > 20


MASK = rows_masked(lambda mask: np.ones(len(mask), bool))
BLANK = both(
    size("input_size", lambda size: size >= 4),
    lambda case: (case.inputs == 0).all(axis=2, keepdims=True),
)

RARE: dict[str, Condition] = {
    "T > 32": size("time", lambda time: time > 32),
    "T a multiple of 32": size("time", lambda time: time % 32 == 0),
    "H a multiple of 16": size("hidden_size", lambda units: units % 16 == 0),
    "H a multiple of 64": size("hidden_size", lambda units: units % 64 == 0),
    "H = 1": config(hidden_size=1),
    "I > 16": size("input_size", lambda size: size > 16),
    "I a multiple of 16": size("input_size", lambda size: size % 16 == 0),
    "I = 1": config(input_size=1),
    "third row": row(2),
    "fourth row": row(3),
    "last unit, H % 8 = 1, H > 8": last_unit("hidden_size", lambda n: n > 8 and n % 8 == 1),
    "last unit, H % 16 = 15": last_unit("hidden_size", lambda n: n % 16 == 15),
    "last unit, I % 8 = 1, I > 8": last_unit("input_size", lambda n: n > 8 and n % 8 == 1),
    "any mask": MASK,
    "a mask with a gap": rows_masked(_gap),
    "a mask's row all False": rows_masked(lambda mask: ~mask.any(axis=1)),
    "a mask's first step False": rows_masked(lambda mask: ~mask[:, 0]),
    "a mask's last step False": rows_masked(lambda mask: ~mask[:, -1]),
    "masked output zero": both(MASK, lambda case: case.masked_output == "zero"),
    "-0.0 among inputs": inputs(negative_zero),
    "-0.0 in the initial state": state(negative_zero),
    "-0.0 among weights": weights(negative_zero),
    "-0.0 among biases": biases(negative_zero),
    "subnormal inputs": inputs(subnormal),
    "subnormal initial state": state(subnormal),
    "subnormal weights": weights(subnormal),
    "subnormal biases": biases(subnormal),
    "a step of zeros, I >= 4": BLANK,
    "an input above 2^16": inputs(lambda x: np.abs(x) > 1 << 16),
    "tanh, |W x| > 20": _saturated,
}
KINDS: dict[str, Condition] = {
    "both directions": config(bidirectional=True),
    "go_backwards": config(go_backwards=True),
    "two layers": config(num_layers=2),
    "three layers": config(num_layers=3),
    "no bias": config(bias=False),
    "no initial state": lambda case: not case.h_0.any(),
    "float64": config(dtype="float64"),
    **{name: config(nonlinearity=name) for name in NONLINEARITIES if name != "tanh"},
}
CONDITIONS = RARE | KINDS


def wrong_at(place: tuple[int, ...]) -> Callable[[Case], Outputs]:
    """The loop, but for one output of the top layer."""

    def run(case: Case) -> Outputs:
        right = loop(case)
        sequence = right.sequence.copy()
        sequence[place] = sequence[place] * (1 + 2**-6) or 2**-6
        assert right.layers is not None
        return Outputs(sequence, layers=(*right.layers[:-1], sequence))

    return run


def differs(case: Case, places: np.ndarray) -> bool:
    """Tells whether the judge catches an implementation that is wrong at the last of `places`."""
    place = tuple(np.argwhere(places)[-1])
    return judge(case, wrong_at(place), calls=1).kind == "differs"


class Misses:
    """Counts, by the names of one condition or two, the cases concerned and the seeds that miss."""

    def __init__(self, seeds: int, count: int) -> None:
        self.seeds = seeds
        self.concerned: Counter[tuple[str, ...]] = Counter()
        self.caught: Counter[tuple[str, ...]] = Counter()
        for seed in range(seeds):
            caught: set[tuple[str, ...]] = set()
            for case in sample_cases(count, seed):
                for names, places in _concerned(case):
                    self.concerned[names] += 1
                    if names not in caught and differs(case, places):
                        caught.add(names)
            self.caught.update(caught)

    def missed(self, *names: str) -> int:
        """The number of seeds that miss what is wrong only where all these conditions hold."""
        return self.seeds - self.caught[names]

    def mean(self, *names: str) -> float:
        """The mean number of cases of a seed in which these conditions hold."""
        return self.concerned[names] / self.seeds


def _concerned(case: Case) -> Iterator[tuple[tuple[str, ...], np.ndarray]]:
    """Conditions that hold in the case, alone and in pairs, and the outputs that they concern."""
    holding = {
        name: places
        for name, condition in CONDITIONS.items()
        if (places := np.broadcast_to(condition(case), _shape(case))).any()
    }
    for name, places in holding.items():
        yield (name,), places
    for one, other in combinations(holding, 2):
        if (places := holding[one] & holding[other]).any():
            yield (one, other), places


@click.command()
@click.option("--seeds", type=click.IntRange(1), default=20, show_default=True)
@click.option("--cases", "count", type=click.IntRange(1), default=200, show_default=True)
def main(seeds: int, count: int) -> None:
    """Prints a line for each condition, and one for each pair that some seed misses."""
    misses = Misses(seeds, count)
    pairs = [*combinations(CONDITIONS, 2)]
    for names in (*((name,) for name in CONDITIONS), *pairs):
        missed, mean = misses.missed(*names), misses.mean(*names)
        if len(names) == 1 or missed:
            click.echo(f"| {' and '.join(names)} | {mean:.1f} | {missed} |")
    none = sum(not misses.missed(*names) for names in pairs)
    click.echo(f"{none} of {len(pairs)} pairs are missed by no seed")


if __name__ == "__main__":
    main()
