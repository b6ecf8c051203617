"""Encloses every output of a case, at each step from the implementation's own h before it.

So the bounds of h never compound, and chaos raises no false alarm. Many steps are enclosed at once;
only the c of an lstm goes from step to step, see `carry`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from harness.judge.bounds.enclosure import Enclosure, Value, point
from harness.judge.bounds.precision import precision_of
from harness.judge.carry import CellState
from harness.judge.lengths import Lengths
from harness.judge.propagate import enclosure_of, new_states, weights_of
from references.case import Case
from references.cells.walk import Pass, States, layers

Lift = Callable[[np.ndarray], Value]

BLOCK = 5 << 14  # numbers of inputs and states in one block of steps, which fits in the cache
ROWS = 128  # of a block, at least: weights that do not fit in the cache are read once for all
# A block's arrays are free at its end. After a large array was, glibc keeps such memory for the
# next block: taken from the system again, it costs as much as the arithmetic.
np.empty(1 << 21)


@dataclass(frozen=True)
class Certificate:
    """One layer in one direction: the observation, what is allowed, and the states after the end.

    Arrays are (B, T, H), with T in processing order; of a layer that is not observed (B, 1, H), of
    its last h. They may be of some steps alone.
    """

    layer: int
    direction: int
    actual: np.ndarray
    enclosure: Enclosure
    h_n: np.ndarray  # (B, H)
    c_n: Enclosure | None = None  # (B, H) of an lstm
    state: str = "h"  # or "c": of what `actual` and `enclosure` are
    is_observed: bool = True
    steps: np.ndarray | None = None  # in processing order, where they are not all


@np.errstate(all="ignore")
def certify(
    case: Case,
    observed: Sequence[np.ndarray],
    lengths: Lengths | None = None,
    activation_error: float = 0.0,
) -> list[Certificate]:
    """Certificates of every layer and direction.

    `observed` holds each layer's sequence (B, T, H*D), lowest first; they may be wider than the
    case's dtype, see `precision_of`. A complex one is enclosed (see `propagate`), so that there is
    nothing to certify but its last states. With `lengths` each step is another call's, and those of
    other lengths are not observed. Each tanh, sigmoid or softsign of a step may be off by
    `activation_error` besides.
    """
    certificates = []
    exact = [sequence for sequence in observed if not np.iscomplexobj(sequence)]
    precision = precision_of(case.config.dtype, exact, activation_error)
    lift = partial(point, precision=precision)

    def all_steps_at_once(part: Pass) -> tuple[np.ndarray, States]:
        actual = part.half(observed[part.layer])
        if np.iscomplexobj(actual):
            last = part.states_before(actual, slice(actual.shape[1], None))
            place, h_n = (part.layer, part.direction), last[:, 0]
            unknown = Certificate(*place, last.real, enclosure_of(last), h_n, is_observed=False)
            certificates.append(unknown)
            return actual, (h_n,)
        if lengths and not lengths.is_all:
            certificates.append(_of_lengths(part, actual, lift, lengths))
            return actual, (actual[:, -1],)
        enclosure, h_n, c_n = _enclose(part, actual, lift)
        if part.mask is not None:
            repeat = _computed_again if lengths else _repeated
            enclosure = repeat(part, actual, enclosure)
        certificates.append(Certificate(part.layer, part.direction, actual, enclosure, h_n, c_n))
        return actual, (h_n,)

    layers(case, all_steps_at_once)
    return certificates


def _of_lengths(part: Pass, actual: np.ndarray, lift: Lift, lengths: Lengths) -> Certificate:
    """Certifies the steps that these lengths show."""
    place, steps = (part.layer, part.direction), np.arange(lengths.first)
    mask = None if part.mask is None else part.mask[:, steps]
    begin = part._replace(inputs=part.inputs[:, steps], mask=mask)
    first, h_n, c_n = _enclose(begin, actual[:, steps], lift)
    if mask is not None:
        first = _computed_again(begin, actual[:, steps], first)
    if not lengths.groups:
        return Certificate(*place, actual[:, steps], first, h_n, c_n, steps=steps)
    others, later, c_n = _of_groups(part, actual, lift, lengths)
    steps = np.concatenate([steps, later])
    whole = Enclosure(*(np.concatenate(pair, axis=1) for pair in zip(first, others, strict=True)))
    return Certificate(*place, actual[:, steps], whole, actual[:, -1], c_n, steps=steps)


def _of_groups(
    part: Pass, actual: np.ndarray, lift: Lift, lengths: Lengths
) -> tuple[Enclosure, np.ndarray, Enclosure | None]:
    """The enclosure (B, N, H) of N steps that groups of lengths show, these steps, c after the end.

    Each group is a row of its own, which starts from its first output. The c of an lstm is unknown
    there: the next step shows it, and proves nothing.
    """
    (B, _, H), is_lstm = actual.shape, part.case.config.cell == "lstm"
    steps = lengths.steps_after(1)  # (groups, the others)

    def rows(array: np.ndarray) -> np.ndarray:
        return array.reshape(B * len(steps), *array.shape[2:])

    h = rows(actual[:, steps[:, 0] - 1])
    # |f| <= 1 and |i g| <= 1: c grows by 1 at each step at most, and a little by rounding.
    most = 2 * (float(np.abs(part.initial[1]).max()) + lengths.time) if is_lstm else 0.0
    initial = (h, np.zeros_like(h)) if is_lstm else (h,)
    groups = part._replace(inputs=rows(part.inputs[:, steps]), initial=initial)
    enclosure, _, c_n = _enclose(groups, rows(actual[:, steps]), lift, most)
    if c_n is not None:
        c_n = Enclosure(*(array.reshape(B, -1, H)[:, -1] for array in c_n))
    start = 1 if is_lstm else 0
    arrays = (array.reshape(B, *steps.shape, H)[:, :, start:] for array in enclosure)
    others = Enclosure(*(array.reshape(B, -1, H) for array in arrays))
    return others, steps[:, start:].ravel(), c_n


def _enclose(
    part: Pass, actual: np.ndarray, lift: Lift, c_radius: float = 0.0
) -> tuple[Enclosure, np.ndarray, Enclosure | None]:
    """actual (B, T, H) -> its enclosure (B, T, H); h and c after the last valid step (B, H).

    The c before the first step may be off by `c_radius`.
    """
    B, T, H = actual.shape
    config = part.case.config
    p = weights_of(part, lift)
    c = part.initial[1] if config.cell == "lstm" else None
    cell_state = None if c is None else CellState(part, actual, lift(c.T).precision, c_radius)
    whole: list[np.ndarray] = []  # step by step in memory, as blocks give them
    most = max(BLOCK // (B * (part.inputs.shape[2] + H)), -(-ROWS // B))
    stride = -(-T // -(-T // most))  # no last block much smaller than the others
    for start in range(0, T, stride):
        steps = slice(start, min(start + stride, T))
        arrays = part.inputs[:, steps], part.states_before(actual, steps)
        x, h = (lift(_columns(array)) for array in arrays)
        if cell_state is None:
            (value,) = new_states(config.cell, p, x, h)
        else:
            value = cell_state.outputs(p, x, h, steps)
        whole = whole or [np.empty((T, B, H), array.dtype) for array in value.enclosure]
        for array, block in zip(whole, value.enclosure, strict=True):
            array[steps] = block.T.reshape(-1, B, H)
        del value  # the next block takes its memory
    enclosure = Enclosure(*(array.transpose(1, 0, 2) for array in whole))
    h_n = part.states_before(actual, slice(T, None))[:, 0]
    return enclosure, h_n, None if cell_state is None else cell_state.last


def _columns(array: np.ndarray) -> np.ndarray:
    """(B, T, K) as columns (K, T*B), step by step."""
    return array.transpose(1, 0, 2).reshape(-1, array.shape[2]).T


def _repeated(part: Pass, actual: np.ndarray, enclosure: Enclosure) -> Enclosure:
    """A masked step puts out an earlier output again, or zeros: no arithmetic, so equal."""
    masked = part.masked_outputs(actual)
    loose = ~np.isfinite(masked)  # an overflow that was allowed at its own step
    zero = np.zeros_like(enclosure.radius)
    return _masked(
        part, enclosure, np.where(loose, 0, masked), np.where(loose, np.inf, zero), ~loose
    )


def _computed_again(part: Pass, actual: np.ndarray, enclosure: Enclosure) -> Enclosure:
    """A masked step puts out an earlier output as it comes out in another call, or zeros."""
    centre, radius, decided = enclosure
    undecided = part.masked_outputs(~decided)
    return _masked(part, enclosure, *map(part.masked_outputs, (centre, radius)), ~undecided)


def _masked(part: Pass, enclosure: Enclosure, *of_masked: np.ndarray) -> Enclosure:
    """The enclosure, with these centres, radii and decisions at masked steps."""
    valid = np.asarray(part.mask)[:, :, np.newaxis]
    pairs = zip(enclosure, of_masked, strict=True)
    return Enclosure(*(np.where(valid, own, masked) for own, masked in pairs))
