"""The exact numbers of a gated cell; see `rounded` for the others.

The exact regimes decide every gate: sigmoid is 0, 1/2 or 1, and tanh is -1, 0 or 1.
"""

import numpy as np

from harness.draw.bits import Bits
from harness.draw.rounded import Cell, Draft, rows_of, widths
from harness.judge.bounds.precision import PRECISIONS
from references.case import Config
from references.cells import CELLS


def draw_exact(regime: str, config: Config, batch: int, time: int, bits: Bits) -> Draft:
    """Weights, inputs and initial states of one case of a gru or an lstm."""
    exact = _exact_gru if config.cell == "gru" else _exact_lstm
    return exact(regime == "mantissa", config, batch, time, bits)


def _exact_gru(mantissa: bool, config: Config, batch: int, time: int, bits: Bits) -> Draft:
    """z is 0 or 1, r 0, 1/2 or 1, and n and h are -1, 0 or 1: z's bias is an odd number of 1024s.

    Without a bias z follows the unit's own state, so that h has no other values than halves.
    """
    H, z = config.hidden_size, rows_of(config, "z")
    cells: list[Cell] = []
    for index, width in enumerate(widths(config)):
        W, U = (2048 * bits.up_to(3, 3 * H, columns) for columns in (width, H))
        b_W, b_U = (2048 * bits.up_to(2, 3 * H) for _ in range(2))
        b_W[z] += 1024
        if not config.bias:
            W[z], U[z] = 0, np.diag(4096 * bits.signs(H))
        if mantissa and index < config.num_directions and width > 1:
            _cancel(W)
            alone = _some_rows(config, z, bits)
            b_W[alone] = 0
            alone[rows_of(config, "n")] = False  # r shows in U_n h + b_U alone
            U[alone], b_U[alone] = 0, 0
        cells.append((W, U, b_W, b_U))
    inputs = bits.up_to(1, batch, time, config.input_size)
    if mantissa:
        _carry(inputs, PRECISIONS[config.dtype].bits - 5, bits)
    return Draft(cells, inputs, bits.up_to(1, len(cells), batch, H))


def _exact_lstm(mantissa: bool, config: Config, batch: int, time: int, bits: Bits) -> Draft:
    """The scales of a gate's terms are so far apart that the largest decides, though h is rounded.

    Inputs stand above states, and states above biases; |h| is 0 or above 0.23. The forget gate is
    never 1/2, so that c stays an exact number of halves at any length.
    """
    H, f, p = config.hidden_size, rows_of(config, "f"), PRECISIONS[config.dtype].bits
    cells: list[Cell] = []
    for index, width in enumerate(widths(config)):
        signs, U = bits.up_to(1, 4 * H), _sparse(4 * H, H, (15, 18, 21), bits)
        signs[f] = np.where(signs[f] < 0, -1, 1)
        if index >= config.num_directions:
            W = _sparse(4 * H, width, (25, 28, 31), bits)
        else:
            W = bits.up_to(1, 4 * H, width) << 23
            W[f] = _sparse(H, width, (23,), bits)
            if not config.bias:
                W[f], W[f, 0] = 0, bits.signs(H) << 23
            if mantissa and width > 1:
                alone = _some_rows(config, f, bits) & (width > 3)
                _share(W, alone)
                U[alone], signs[alone] = 0, 0
        cells.append((W, U, 6144 * signs, -2048 * signs))
    inputs = bits.up_to(1, batch, time, config.input_size)
    if not config.bias:
        inputs[:, :, 0] = bits.signs(batch, time)
    if mantissa and config.input_size > 1:
        _carry(inputs[:, :, 2:], p - 2, bits)
        inputs[:, :, 1] = ((1 << (p - 12)) - 1 - 2 * bits.below(1 << 6)) * bits.signs(batch, time)
        inputs[:, :, 0] = inputs[:, :, 1] + bits.signs(batch, time)
    shape = len(cells), batch, H
    large = np.abs(bits.up_to((1 << 20) - 64, *shape)) + 64
    c_0 = bits.up_to(3, *shape) + large * bits.up_to(1, *shape)
    return Draft(cells, inputs, bits.up_to(1, *shape), c_0)


def _some_rows(config: Config, but: slice, bits: Bits) -> np.ndarray:
    """Two thirds of the rows of all gates but one, (G*H,) bool.

    They are to have inputs alone, so that a wrong last bit of W is all that a sum may have.
    """
    count = len(CELLS[config.cell].GATES) * config.hidden_size
    rows: np.ndarray = bits.up_to(1, count) != 0
    rows[but] = False
    return rows


def _share(W: np.ndarray, alone: np.ndarray) -> None:
    """Lets the rows of an lstm's W (4*H, I) that have inputs alone read all carriers but the first.

    The first is small enough to leave U h and the bias their say; the other rows read it alone.
    """
    _cancel(W[:, :2])
    _cancel(W[:, 2:])
    W[alone, :2] = 0
    W[~alone, 2 : 2 + 2 * _pairs(W.shape[1] - 2)] = 0
    W[W[:, 0] != 0, 2:] = 0


def _pairs(width: int) -> int:
    """How many pairs of so many inputs share a carrier."""
    return min(width // 2, 256)


def _cancel(W: np.ndarray) -> None:
    """Lets W (rows, I) cancel the carriers."""
    end = 2 * _pairs(W.shape[1])
    W[:, 1:end:2] = -W[:, 0:end:2]


def _carry(inputs: np.ndarray, most: int, bits: Bits) -> None:
    """Adds carriers to inputs (B, T, I): large integers, together of at most so many bits.

    At two thirds of the steps the two inputs of each pair are equal: their products cancel, unless
    a weight is wrong in its last bit. At the others they differ in their own last bits.
    """
    batch, time, width = inputs.shape
    pairs = _pairs(width)
    if not pairs:
        return
    one, other = (inputs[:, :, first : 2 * pairs : 2] for first in range(2))
    np.copyto(other, one, where=bits.up_to(1, batch, time, 1) != 0)
    carrier = (1 << (most - (pairs - 1).bit_length())) - 1 - 2 * bits.below(1 << 6)
    carriers = carrier * bits.signs(batch, time, pairs)
    one += carriers
    other += carriers


def _sparse(rows: int, width: int, exponents: tuple[int, ...], bits: Bits) -> np.ndarray:
    """A matrix (rows, width) of at most so many numbers a row, of a power of two each."""
    matrix = np.zeros((rows, width), np.int64)
    for exponent in exponents:
        columns = np.abs(bits.up_to(width - 1, rows))
        matrix[np.arange(rows), columns] = bits.up_to(1, rows) << exponent
    return matrix
