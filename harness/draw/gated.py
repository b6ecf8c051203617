"""The exact numbers of a gated cell; see `rounded` for the others.

The exact regimes decide every gate: sigmoid is 0, 1/2 or 1, and tanh is -1, 0 or 1.
"""

import numpy as np

from harness.draw.bits import Bits
from harness.draw.rounded import Cell, Draft, rows_of, widths
from harness.judge.precision import PRECISIONS
from references.case import Config


def draw_exact(regime: str, config: Config, batch: int, time: int, bits: Bits) -> Draft:
    """Weights, inputs and initial states of one case of a gru or an lstm."""
    exact = _exact_gru if config.cell == "gru" else _exact_lstm
    return exact(regime == "mantissa", config, batch, time, bits)


def _exact_gru(mantissa: bool, config: Config, batch: int, time: int, bits: Bits) -> Draft:
    """z is 0 or 1, r 0, 1/2 or 1, and n and h are -1, 0 or 1: z's bias is an odd number of 1024s.

    Without a bias z follows the unit's own state, so that h has no other values than halves.
    """
    H, I, z = config.hidden_size, config.input_size, rows_of(config, "z")
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
    H, I, f = config.hidden_size, config.input_size, rows_of(config, "f")
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
