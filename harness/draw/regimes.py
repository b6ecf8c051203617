"""The numbers of a case, regime by regime. Two regimes are exact: in them every right implementation gives the same bits.

ternary: inputs in {-1, 0, 1} and weights that are multiples of 32, so tanh gives -1, 0 or 1: a logic machine of any length.
mantissa: integers that use most of the significand, planted so that they cancel; sight for reduced precision.
contracting, chaotic (gain up to 4), saturated, tiny (down to subnormal), large: rounded.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harness.draw.bits import Bits
from harness.judge.precision import PRECISIONS
from references.arrays import over_bytes
from references.case import CellWeights, Config

TINY = {"float32": (-150, -50), "float64": (-1075, -800)}  # exponents of two, the lowest subnormal
# Where the output is as small as the sum, flushed subnormals would leave nothing to prove.
TINY_DECIDED = {"float32": (-100, -50), "float64": (-950, -800)}


class Numbers(NamedTuple):
    """What a regime draws."""

    weights: tuple[CellWeights, ...]
    inputs: np.ndarray  # (B, T, I)
    h_0: np.ndarray  # (L*D, B, H)


def draw_numbers(
    regime: str, config: Config, batch: int, time: int, with_state: bool, bits: Bits
) -> Numbers:
    """Weights, inputs and initial state of one case."""
    draw = {"ternary": _ternary, "mantissa": _mantissa}.get(regime)
    weights, inputs, state = (
        draw(config, batch, time, bits) if draw else _rounded(regime, config, batch, time, bits)
    )
    if not with_state:
        state = np.zeros(state.shape)
    return Numbers(weights, _frozen(inputs, config), _frozen(state, config))


def _ternary(
    config: Config, batch: int, time: int, bits: Bits
) -> tuple[tuple[CellWeights, ...], np.ndarray, np.ndarray]:
    H, cells = config.hidden_size, _cells(config)
    weights = tuple(
        _cell(
            config,
            32.0,
            bits.up_to(3, H, I),
            bits.up_to(3, H, H),
            (bits.up_to(2, H), bits.up_to(2, H)),
        )
        for I in cells
    )
    return (
        weights,
        bits.up_to(1, batch, time, config.input_size),
        bits.up_to(1, len(cells), batch, H),
    )


def _mantissa(
    config: Config, batch: int, time: int, bits: Bits
) -> tuple[tuple[CellWeights, ...], np.ndarray, np.ndarray]:
    """Large integers meet in the lowest layer and leave small ones.

    Two input features share a carrier that the weights cancel, or, with one feature, the bias cancels it.
    """
    H, I, cells = config.hidden_size, config.input_size, _cells(config)
    carrier = (1 << (PRECISIONS[config.dtype].bits - 4)) - 1 - 2 * bits.below(1 << 10)
    inputs = bits.up_to(1, batch, time, I)
    state = bits.up_to(1, len(cells), batch, H)
    scale = 32.0 if config.nonlinearity == "tanh" else 1.0
    weights = []
    for index, fan_in in enumerate(cells):
        W = bits.up_to(1, H, fan_in)
        U = bits.up_to(1, H, H) if config.nonlinearity == "tanh" else _bounded(H, bits)
        b = [bits.up_to(2, H), bits.up_to(2, H)]
        if index < config.num_directions and I > 1:
            W[:, 1] = -W[:, 0]
        elif index < config.num_directions and config.bias:
            b[0] = -W[:, 0] * carrier
        weights.append(_cell(config, scale, W, U, b))
    if I > 1:
        inputs[:, :, :2] += carrier * bits.signs(batch, time, 1)
    elif config.bias:
        inputs += carrier
    return tuple(weights), inputs, state


def _bounded(H: int, bits: Bits) -> np.ndarray:
    """A recurrent matrix (H, H) that lets integers grow no faster than time: a signed permutation, or one whose square is 0."""
    order = np.argsort(bits.words(H), kind="stable")
    U = np.zeros((H, H), np.int64)
    if H == 1 or bits.below(2):
        U[np.arange(H), order] = bits.signs(H)
        return U
    read, write = order[: H // 2], order[H // 2 :]
    U[np.ix_(write, read)] = bits.up_to(1, len(write), len(read))
    return U


def _rounded(
    regime: str, config: Config, batch: int, time: int, bits: Bits
) -> tuple[tuple[CellWeights, ...], np.ndarray, np.ndarray]:
    H, cells = config.hidden_size, _cells(config)
    p = PRECISIONS[config.dtype].bits
    gain = 1 + 3 * bits.below(256) / 256 if regime == "chaotic" else 0.25 + bits.below(256) / 512
    if config.nonlinearity in ("relu", "linear"):
        gain = min(gain, 2.0 ** (32 / time))  # growth that stays far from overflow
    weight = 16.0 if regime == "saturated" else 1.0
    lowest = TINY_DECIDED if config.nonlinearity in ("relu", "linear") else TINY
    inputs_from = exponents = {"tiny": lowest[config.dtype], "large": (0, 40)}.get(regime, (0, 0))
    if regime == "tiny" and config.nonlinearity == "tanh" and bits.below(2):
        # Huge weights on inputs that are mostly subnormal: visible where an implementation reads those as zero.
        highest = -8 - PRECISIONS[config.dtype].lowest
        weight, inputs_from = 2.0**highest, (exponents[0], -highest)

    def scaled(ends: tuple[int, int], *shape: int) -> np.ndarray:
        return bits.fractions(p, *shape) * _powers(ends, bits, *shape)

    weights = tuple(
        _cell(
            config,
            1.0,
            bits.fractions(p, H, I) * (weight / np.sqrt(I)),
            bits.fractions(p, H, H) * (gain * np.sqrt(3 / H)),
            [scaled(exponents, H) * min(weight, 2.0), scaled(exponents, H) * min(weight, 2.0)],
        )
        for I in cells
    )
    return (
        weights,
        scaled(inputs_from, batch, time, config.input_size),
        scaled(exponents, len(cells), batch, H),
    )


def _powers(ends: tuple[int, int], bits: Bits, *shape: int) -> np.ndarray | float:
    """Powers of two with exponents between the ends."""
    low, high = ends
    return (
        np.ldexp(1.0, (low + high) // 2 + bits.up_to((high - low) // 2, *shape))
        if low < high
        else 2.0**low
    )


def _cells(config: Config) -> list[int]:
    """The input width of every cell, in the order of Case.weights."""
    return [
        config.layer_input_size(layer)
        for layer in range(config.num_layers)
        for _ in range(config.num_directions)
    ]


def _cell(
    config: Config, scale: float, W: np.ndarray, U: np.ndarray, biases: Sequence[np.ndarray]
) -> CellWeights:
    share = scale if config.bias else 0.0
    return CellWeights(
        *(
            _frozen(array, config)
            for array in (W * scale, U * scale, biases[0] * share, biases[1] * share)
        )
    )


def _frozen(array: np.ndarray, config: Config) -> np.ndarray:
    """In the case's dtype, and such that Case need not copy it."""
    return over_bytes(array.astype(config.dtype))
