"""The numbers of a case, regime by regime.

Two regimes are exact: in them every right implementation gives the same bits.

ternary: inputs in {-1, 0, 1}, weights multiples of 32, so that tanh gives -1, 0 or 1.
mantissa: integers that use most of the significand and cancel; they show reduced precision.
All others are rounded, see `rounded`; the exact numbers of a gated cell stand in `gated`.
"""

from itertools import chain
from typing import NamedTuple

import numpy as np

from harness.draw.bits import Bits
from harness.draw.gated import draw_exact
from harness.draw.limits import EXACT_REGIMES
from harness.draw.rare import plant
from harness.draw.rounded import Cell, Draft, draw_rounded, widths
from harness.judge.bounds.precision import PRECISIONS
from references.arrays import over_bytes
from references.case import CellWeights, Config


class Numbers(NamedTuple):
    """The numbers of a case."""

    weights: tuple[CellWeights, ...]
    inputs: np.ndarray  # (B, T, I)
    h_0: np.ndarray  # (L*D, B, H)
    c_0: np.ndarray | None  # (L*D, B, H) of an lstm


def draw_numbers(
    regime: str,
    config: Config,
    batch: int,
    time: int,
    with_state: bool,
    bits: Bits,
    rare: str = "none",
) -> Numbers:
    """Weights, inputs and initial state of one case, with rare numbers of this kind among them."""
    draw = draw_rounded
    if regime in EXACT_REGIMES:
        draw = _exact_rnn if config.cell == "rnn" else draw_exact
    cells, inputs, *drafts = draw(regime, config, batch, time, bits)
    if not config.bias:
        cells = [(W, U, np.zeros(len(U)), np.zeros(len(U))) for W, U, *_ in cells]
    states = [state for state in drafts if state is not None]
    if not with_state:
        states = [np.zeros(state.shape) for state in states]
    *cells, (inputs, *states) = (
        tuple(array.astype(config.dtype, copy=False) for array in arrays)
        for arrays in (*cells, (inputs, *states))
    )
    h_0, *others = states
    plant(rare, chain(*cells, others), inputs, h_0, regime in EXACT_REGIMES, bits)
    # Over bytes, such that CellWeights and Case need not copy them.
    weights = tuple(CellWeights(*map(over_bytes, cell)) for cell in cells)
    c_0 = over_bytes(others[0]) if others else None
    return Numbers(weights, over_bytes(inputs), over_bytes(h_0), c_0)


def _exact_rnn(regime: str, config: Config, batch: int, time: int, bits: Bits) -> Draft:
    exact = _ternary if regime == "ternary" else _mantissa
    return exact(config, batch, time, bits)


def _ternary(config: Config, batch: int, time: int, bits: Bits) -> Draft:
    H = config.hidden_size
    cells = [
        _times(32, bits.up_to(3, H, I), bits.up_to(3, H, H), *_biases(H, bits))
        for I in widths(config)
    ]
    inputs = bits.up_to(1, batch, time, config.input_size)
    return Draft(cells, inputs, bits.up_to(1, len(cells), batch, H))


def _mantissa(config: Config, batch: int, time: int, bits: Bits) -> Draft:
    """Large integers meet in the lowest layer and leave small ones.

    Two input features share a carrier that the weights cancel. With one feature, the bias does.
    """
    H, I = config.hidden_size, config.input_size
    is_tanh = config.nonlinearity == "tanh"
    carrier = (1 << (PRECISIONS[config.dtype].bits - 4)) - 1 - 2 * bits.below(1 << 10)
    inputs = bits.up_to(1, batch, time, I)
    h_0 = bits.up_to(1, len(widths(config)), batch, H)
    cells = []
    for index, width in enumerate(widths(config)):
        W = bits.up_to(1, H, width)
        U = bits.up_to(1, H, H) if is_tanh else _bounded(H, bits)
        b_W, b_U = _biases(H, bits)
        if index < config.num_directions and I > 1:
            W[:, 1] = -W[:, 0]
        elif index < config.num_directions and config.bias:
            b_W = -W[:, 0] * carrier
        cells.append(_times(32 if is_tanh else 1, W, U, b_W, b_U))
    if I > 1:
        inputs[:, :, :2] += carrier * bits.signs(batch, time, 1)
    elif config.bias:
        inputs += carrier
    return Draft(cells, inputs, h_0)


def _bounded(H: int, bits: Bits) -> np.ndarray:
    """A recurrent matrix (H, H) that lets integers grow no faster than time.

    It is a signed permutation, or its square is 0.
    """
    order = np.argsort(bits.words(H), kind="stable")
    U = np.zeros((H, H), np.int64)
    if H == 1 or bits.below(2):
        U[np.arange(H), order] = bits.signs(H)
        return U
    read, write = order[: H // 2], order[H // 2 :]
    U[np.ix_(write, read)] = bits.up_to(1, len(write), len(read))
    return U


def _biases(H: int, bits: Bits) -> tuple[np.ndarray, np.ndarray]:
    return bits.up_to(2, H), bits.up_to(2, H)


def _times(scale: int, *arrays: np.ndarray) -> Cell:
    return tuple(scale * array for array in arrays)
