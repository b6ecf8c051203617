"""The numbers of a gated cell, regime by regime; see `regimes` for those that an rnn has, too.

memory: the forget gate (of a gru z) is near 1, so that states last for thousands of steps.
edge: gates at the edge of underflow, where sigmoid is subnormal or 0.
The exact regimes decide every gate: sigmoid is 0, 1/2 or 1, and tanh is -1, 0 or 1.
"""

import math
from typing import NamedTuple

import numpy as np

from harness.draw.bits import Bits
from harness.judge.precision import PRECISIONS
from references.case import Config
from references.cells import CELLS

# Of sigmoid's argument, where its value becomes subnormal and where it becomes 0.
EDGE = {"float32": (-87.0, -104.0), "float64": (-708.0, -746.0)}
TINY = {"float32": (-150, -50), "float64": (-1075, -800)}  # exponents of two, the lowest subnormal
KEEPS = {"gru": "z", "lstm": "f"}  # the gate that holds a state

Cell = tuple[np.ndarray, ...]  # W, U, b_W and b_U


class Draft(NamedTuple):
    """The numbers of a case, of any dtype."""

    cells: list[Cell]
    inputs: np.ndarray
    h_0: np.ndarray
    c_0: np.ndarray | None = None


def draw_gated(regime: str, config: Config, batch: int, time: int, bits: Bits) -> Draft:
    """Weights, inputs and initial states of one case of a gru or an lstm."""
    if regime in ("ternary", "mantissa"):
        exact = _exact_gru if config.cell == "gru" else _exact_lstm
        return exact(regime == "mantissa", config, batch, time, bits)
    return _rounded(regime, config, batch, time, bits)


def widths(config: Config) -> list[int]:
    """The input width of every cell, in the order of Case.weights."""
    layers = (config.layer_input_size(layer) for layer in range(config.num_layers))
    return [width for width in layers for _ in range(config.num_directions)]


def powers(ends: tuple[int, int], bits: Bits, *shape: int) -> np.ndarray:
    """Powers of two with exponents between the ends."""
    low, high = ends
    middle, reach = (low + high) // 2, (high - low) // 2
    every = np.ldexp(1.0, np.arange(middle - reach, middle + reach + 1))
    return np.asarray(every[reach + bits.up_to(reach, *shape)])


def _rows(config: Config, gate: str) -> slice:
    """Where a gate's rows stand."""
    place = CELLS[config.cell].GATES.index(gate) * config.hidden_size
    return slice(place, place + config.hidden_size)


def _exact_gru(mantissa: bool, config: Config, batch: int, time: int, bits: Bits) -> Draft:
    """z is 0 or 1, r 0, 1/2 or 1, and n and h are -1, 0 or 1: z's bias is an odd number of 1024s.

    Without a bias z follows the unit's own state, so that h has no other values than halves.
    """
    H, I, z = config.hidden_size, config.input_size, _rows(config, "z")
    cells: list[Cell] = []
    for index, width in enumerate(widths(config)):
        W, U = (2048 * bits.up_to(3, 3 * H, columns) for columns in (width, H))
        b_W, b_U = (2048 * bits.up_to(2, 3 * H) for _ in range(2))
        b_W[z] += 1024
        if not config.bias:
            W[z], U[z] = 0, np.diag(4096 * bits.signs(H))
        if mantissa and index < config.num_directions and I > 1:
            W[:, 1] = -W[:, 0]
        cells.append((W, U, b_W, b_U))
    inputs = bits.up_to(1, batch, time, I)
    if mantissa and I > 1:
        carrier = (1 << (PRECISIONS[config.dtype].bits - 5)) - 1 - 2 * bits.below(1 << 10)
        inputs[:, :, :2] += carrier * bits.signs(batch, time, 1)
    return Draft(cells, inputs, bits.up_to(1, len(cells), batch, H))


def _exact_lstm(mantissa: bool, config: Config, batch: int, time: int, bits: Bits) -> Draft:
    """The scales of a gate's terms are so far apart that the largest decides, though h is rounded.

    Inputs stand above states, and states above biases; |h| is 0 or above 0.23. The forget gate is
    never 1/2, so that c stays an exact number of halves at any length.
    """
    H, I, f = config.hidden_size, config.input_size, _rows(config, "f")
    cells: list[Cell] = []
    for index, width in enumerate(widths(config)):
        if index < config.num_directions:
            W = bits.up_to(1, 4 * H, width) << 23
            W[f] = _sparse(H, width, (23,), bits)
            if not config.bias:
                W[f], W[f, 0] = 0, bits.signs(H) << 23
            if mantissa and I > 1:
                W[:, 1] = -W[:, 0]
                W[W[:, 0] != 0, 2:] = 0
        else:
            W = _sparse(4 * H, width, (25, 28, 31), bits)
        signs = bits.up_to(1, 4 * H)
        signs[f] = np.where(signs[f] < 0, -1, 1)
        cells.append((W, _sparse(4 * H, H, (15, 18, 21), bits), 6144 * signs, -2048 * signs))
    inputs = bits.up_to(1, batch, time, I)
    if not config.bias:
        inputs[:, :, 0] = bits.signs(batch, time)
    if mantissa and I > 1:
        carrier = (1 << (PRECISIONS[config.dtype].bits - 12)) - 1 - 2 * bits.below(1 << 6)
        inputs[:, :, 1] = carrier * bits.signs(batch, time)
        inputs[:, :, 0] = inputs[:, :, 1] + bits.signs(batch, time)
    shape = len(cells), batch, H
    large = np.abs(bits.up_to((1 << 20) - 64, *shape)) + 64
    c_0 = bits.up_to(3, *shape) + large * bits.up_to(1, *shape)
    return Draft(cells, inputs, bits.up_to(1, *shape), c_0)


def _sparse(rows: int, width: int, exponents: tuple[int, ...], bits: Bits) -> np.ndarray:
    """A matrix (rows, width) of at most so many numbers a row, of a power of two each."""
    matrix = np.zeros((rows, width), np.int64)
    for exponent in exponents:
        columns = np.abs(bits.up_to(width - 1, rows))
        matrix[np.arange(rows), columns] = bits.up_to(1, rows) << exponent
    return matrix


def _rounded(regime: str, config: Config, batch: int, time: int, bits: Bits) -> Draft:
    H, p = config.hidden_size, PRECISIONS[config.dtype].bits
    rows = len(CELLS[config.cell].GATES) * H
    gain = 1 + 3 * bits.below(256) / 256 if regime == "chaotic" else 0.25 + bits.below(256) / 512
    weight = 16.0 if regime == "saturated" else 1.0
    inputs_from = ends = {"tiny": TINY[config.dtype], "large": (0, 40)}.get(regime, (0, 0))
    if regime == "tiny" and bits.below(2):
        # Huge weights show an implementation that reads subnormal inputs as zero.
        highest = -8 - PRECISIONS[config.dtype].lowest
        weight, inputs_from = 2.0**highest, (ends[0], -highest)

    def scaled(exponents: tuple[int, int], *shape: int) -> np.ndarray:
        fractions = bits.fractions(p, *shape)
        return fractions * powers(exponents, bits, *shape) if any(exponents) else fractions

    def cell(I: int) -> Cell:
        W = bits.fractions(p, rows, I) * (weight / math.sqrt(I))
        U = bits.fractions(p, rows, H) * (gain * math.sqrt(3 / H))
        b_W, b_U = (scaled(ends, rows) * min(weight, 2.0) for _ in range(2))
        return W, U, b_W + _offset(regime, config, bits), b_U

    cells = [cell(width) for width in widths(config)]
    inputs = scaled(inputs_from, batch, time, config.input_size)
    h_0 = scaled(ends, len(cells), batch, H)
    c_0 = 2 * scaled(ends, len(cells), batch, H) if config.cell == "lstm" else None
    return Draft(cells, inputs, h_0, c_0)


def _offset(regime: str, config: Config, bits: Bits) -> np.ndarray:
    """What the regime adds to the bias (G*H,)."""
    H, gates = config.hidden_size, CELLS[config.cell].GATES
    offset = np.zeros(len(gates) * H)
    if regime == "memory":
        offset[_rows(config, KEEPS[config.cell])] = 9 + 2 * bits.fractions(8, H)
        if config.cell == "lstm":
            offset[_rows(config, "i")] = -6
    elif regime == "edge":
        shut, gone = EDGE[config.dtype]
        at = shut + (gone - shut) * (bits.fractions(10, offset.size) + 1) / 2
        is_sigmoid = np.repeat([gate not in "ng" for gate in gates], H)
        offset = np.where(is_sigmoid & (bits.up_to(1, offset.size) != 0), at, 0)
    return offset
