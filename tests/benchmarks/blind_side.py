"""Measures which kinds of rare wrongness a default run misses, without and with its large cases.

    python -m tests.benchmarks.blind_side [--seeds 10]

Each implementation is the loop, but for rare outputs: the last output that its condition concerns
is off by 2^-6 of itself, or by one ulp, or all outputs of some calls are. A seed misses it if no
case of `verify` shows that. Takes about two minutes.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import NamedTuple

import click
import numpy as np

from harness.draw.generate import cases_at
from harness.draw.large import LARGE
from harness.draw.limits import limits
from harness.judge.calls.observe import Implementation
from harness.judge.judge import judge
from harness.runs.batches import judge_block
from harness.runs.search import LARGE_CASES, Search
from references.case import Case, Outputs
from references.numpy_rnn import run as loop
from tests.benchmarks.rare_inputs import (
    CONDITIONS,
    Condition,
    _gap,
    _shape,
    both,
    config,
    inputs,
    rows_masked,
    size,
    wrong_at,
)

CASES = 200
Error = Callable[[np.ndarray], np.ndarray]


def by_share(values: np.ndarray) -> np.ndarray:
    """Off by 2^-6 of each, or by 2^-6 where it is 0."""
    return np.where(values == 0, values.dtype.type(2**-6), values * values.dtype.type(1 + 2**-6))


def by_ulp(values: np.ndarray) -> np.ndarray:
    """Off by one ulp, away from -1."""
    return np.nextafter(values, values.dtype.type(np.inf))


class Kind(NamedTuple):
    """A rare wrongness of one output."""

    group: str
    condition: Condition
    error: Error = by_share


@lru_cache(maxsize=1)
def right(case: Case) -> np.ndarray:
    """The loop's outputs (B, T, H*D)."""
    return loop(case).sequence


def outputs(which: Callable[[np.ndarray], np.ndarray]) -> Condition:
    """The outputs whose right value is so."""
    return lambda case: which(right(case))


def rows(which: Callable[[np.ndarray], np.ndarray]) -> Condition:
    """The outputs of rows whose numbers are so."""
    return lambda case: which(np.arange(case.batch))[:, None, None]


def steps(which: Callable[[np.ndarray, int], np.ndarray]) -> Condition:
    """The outputs of steps whose numbers are so, in a case of so many."""
    return lambda case: which(np.arange(case.time), case.time)[:, None]


def units(which: Callable[[np.ndarray], np.ndarray]) -> Condition:
    """The outputs of units whose numbers, from 0 in each direction, are so."""
    return lambda case: which(np.arange(case.config.output_size) % case.config.hidden_size)


def _padding(mask: np.ndarray) -> np.ndarray:
    """The rows (B,) that begin with steps that count and end with others, without a gap."""
    return mask[:, 0] & ~mask[:, -1] & ~_gap(mask)


def _sparse(mask: np.ndarray) -> np.ndarray:
    """The rows (B,) of which a single step counts."""
    return mask.sum(axis=1) == 1


def _same_step(case: Case) -> np.ndarray:
    """The steps whose inputs are those of the step before, zeros aside."""
    same = (case.inputs[:, 1:] == case.inputs[:, :-1]) & (case.inputs[:, 1:] != 0)
    first = np.zeros((case.batch, 1, 1), bool)
    return np.concatenate([first, same.all(axis=2, keepdims=True)], axis=1)


ANY: Condition = lambda case: True  # noqa: E731
MORE: dict[str, dict[str, Condition]] = {
    "size": {
        **{f"T > {n}": size("time", lambda time, n=n: time > n) for n in (40, 64, 128)},
        **{f"H > {n}": size("hidden_size", lambda units, n=n: units > n) for n in (64, 128, 256)},
        **{f"I > {n}": size("input_size", lambda size, n=n: size > n) for n in (32, 128, 256)},
        **{f"B >= {n}": size("batch", lambda rows, n=n: rows >= n) for n in (5, 16, 32)},
        "layers >= 4": size("num_layers", lambda layers: layers >= 4),
        "layers >= 5": size("num_layers", lambda layers: layers >= 5),
        "H > 300": size("hidden_size", lambda units: units > 300),
        "T > 200": size("time", lambda time: time > 200),
        "H > 64 and two layers": both(
            size("hidden_size", lambda units: units > 64), config(num_layers=2)
        ),
        "T > 40 and a mask": both(
            size("time", lambda time: time > 40), lambda case: case.mask is not None
        ),
        "B >= 5 and two layers": both(size("batch", lambda rows: rows >= 5), config(num_layers=2)),
        "H > 64 and T > 40": both(
            size("hidden_size", lambda units: units > 64), size("time", lambda time: time > 40)
        ),
    },
    "row": {
        "fifth row or later": rows(lambda row: row >= 4),
        "row 16 or later": rows(lambda row: row >= 16),
        "row 32": rows(lambda row: row == 32),
    },
    "step": {
        "first step": steps(lambda step, time: step == 0),
        "last step": steps(lambda step, time: step == time - 1),
        "steps 16, 32, ...": steps(lambda step, time: (step > 0) & (step % 16 == 0)),
        "step 64 or later": steps(lambda step, time: step >= 64),
        "step 128 or later": steps(lambda step, time: step >= 128),
    },
    "lane": {
        "unit 7 of 8": units(lambda unit: unit % 8 == 7),
        "unit 15 of 16": units(lambda unit: unit % 16 == 15),
        "unit 64 or later": units(lambda unit: unit >= 64),
        "unit 128 or later": units(lambda unit: unit >= 128),
        "unit 256 or later": units(lambda unit: unit >= 256),
    },
    "mask": {
        "a mask as padding leaves it": rows_masked(_padding),
        "a mask's row with one step": rows_masked(_sparse),
        "a mask that hides nothing": lambda case: case.mask is not None and bool(case.mask.all()),
    },
    "value": {
        "output exactly 0": outputs(lambda values: values == 0),
        "output -0.0": outputs(lambda values: (values == 0) & np.signbit(values)),
        "output subnormal": outputs(
            lambda values: (values != 0) & (np.abs(values) < np.finfo(values.dtype).tiny)
        ),
        "output exactly 1": outputs(lambda values: values == 1),
        "output above 2^16": outputs(lambda values: np.abs(values) > 1 << 16),
        "an input above 2^30": inputs(lambda values: np.abs(values) > 1 << 30),
        "inputs as in the step before": _same_step,
    },
}
ULP: dict[str, Condition] = {
    "any output": ANY,
    "third row": CONDITIONS["third row"],
    "any mask": CONDITIONS["any mask"],
    "a mask with a gap": CONDITIONS["a mask with a gap"],
    "last step": MORE["step"]["last step"],
    "unit 15 of 16": MORE["lane"]["unit 15 of 16"],
    "three layers": CONDITIONS["three layers"],
    "float64": CONDITIONS["float64"],
    "relu": CONDITIONS["relu"],
    "linear": CONDITIONS["linear"],
    "sigmoid": CONDITIONS["sigmoid"],
    "softsign": CONDITIONS["softsign"],
    "T > 32": CONDITIONS["T > 32"],
    "H > 64": MORE["size"]["H > 64"],
    "T > 40": MORE["size"]["T > 40"],
    "B >= 5": MORE["size"]["B >= 5"],
    "I > 32": MORE["size"]["I > 32"],
    "layers >= 4": MORE["size"]["layers >= 4"],
    "-0.0 among weights": CONDITIONS["-0.0 among weights"],
}
KINDS: dict[str, Kind] = {
    **{name: Kind("as above", condition) for name, condition in CONDITIONS.items()},
    **{name: Kind(group, one) for group, more in MORE.items() for name, one in more.items()},
    **{f"one ulp: {name}": Kind("ulp", condition, by_ulp) for name, condition in ULP.items()},
}


class Calls:
    """The loop, but all outputs of the calls whose number from 0 `is_wrong` are off."""

    def __init__(self, is_wrong: Callable[[int], bool], error: Error = by_share) -> None:
        self._is_wrong, self._error, self._count = is_wrong, error, 0

    def __call__(self, case: Case) -> Outputs:
        """Computes the case."""
        outputs, number = loop(case), self._count
        self._count += 1
        return Outputs(self._error(outputs.sequence)) if self._is_wrong(number) else outputs


class Repeats:
    """The loop, but wrong where a call has the Config, or the weights, of the one before."""

    def __init__(self, key: Callable[[Case], object]) -> None:
        self._key, self._last = key, None

    def __call__(self, case: Case) -> Outputs:
        """Computes the case."""
        outputs, key = loop(case), self._key(case)
        again, self._last = key == self._last, key
        return Outputs(by_share(outputs.sequence)) if again else outputs


FREQUENT: dict[str, Callable[[], Implementation]] = {
    **{f"every {n}th call": partial(Calls, lambda i, n=n: i % n == n - 1) for n in (7, 20, 100)},
    "the first call": partial(Calls, lambda i: i == 0),
    "the call of number 100": partial(Calls, lambda i: i == 99),
    "calls after 150": partial(Calls, lambda i: i >= 150),
    "calls after 1000": partial(Calls, lambda i: i >= 1000),
    "every 20th call, by one ulp": partial(Calls, lambda i: i % 20 == 19, by_ulp),
    "every 100th call, by one ulp": partial(Calls, lambda i: i % 100 == 99, by_ulp),
    "a second call of a Config": partial(Repeats, lambda case: case.config),
    "a second call of the same weights": partial(Repeats, lambda case: case.weights[0].W.tobytes()),
    "a second call of the same inputs": partial(Repeats, lambda case: case.inputs.tobytes()),
}


def wrong(place: tuple[int, ...], error: Error) -> Implementation:
    """The loop, but for one output of the top layer."""
    if error is by_share:
        return wrong_at(place)

    def run(case: Case) -> Outputs:
        outputs = loop(case)
        sequence = outputs.sequence.copy()
        sequence[place] = error(sequence[place])
        assert outputs.layers is not None
        return Outputs(sequence, layers=(*outputs.layers[:-1], sequence))

    return run


def catches(case: Case, kind: Kind) -> bool:
    """Tells whether the case shows this kind, by the last output that it concerns."""
    places = np.argwhere(np.broadcast_to(kind.condition(case), _shape(case)))
    if not len(places):
        return False
    return judge(case, wrong(tuple(places[-1]), kind.error), calls=1).kind == "differs"


def caught_at(seed: int) -> Iterator[tuple[str, int]]:
    """Yields what a default run of this seed catches, and the index of the first case that does."""
    indices = [*range(CASES), *range(LARGE, LARGE + LARGE_CASES)]
    missing = dict(KINDS)
    for index, case in zip(indices, cases_at(indices, seed, limits()), strict=True):
        for name in [name for name, kind in missing.items() if catches(case, kind)]:
            del missing[name]
            yield name, index
    for name, make in FREQUENT.items():
        failures = [index for index, kind in verdicts(make(), seed) if kind == "differs"]
        if failures:
            yield name, min(failures)


def verdicts(implementation: Implementation, seed: int) -> Iterator[tuple[int, str]]:
    """Yields the verdicts of the first round, in the order of the calls."""
    search = Search(("it",), CASES, seed, limits(), {})
    for block in search.next_round("it"):
        for row in judge_block(block, {"it": implementation}):
            yield row.at, row.verdict.kind


@click.command()
@click.option("--seeds", type=click.IntRange(1), default=10, show_default=True)
def main(seeds: int) -> None:
    """Prints a line for each kind: the seeds that miss it, without large cases and with them."""
    caught = [dict(caught_at(seed)) for seed in range(seeds)]
    for name in (*KINDS, *FREQUENT):
        before = sum(one.get(name, LARGE) >= LARGE for one in caught)
        after = sum(name not in one for one in caught)
        group = KINDS[name].group if name in KINDS else "calls"
        click.echo(f"| {group} | {name} | {before} | {after} |")


if __name__ == "__main__":
    main()
