"""The rounded regimes, of every cell: numbers of the whole significand, at several scales.

contracting, chaotic (gain up to 4), saturated, tiny (down to subnormal), large.
A gated cell has two more. memory: the forget gate (of a gru z) is near 1, so that states last for
thousands of steps. edge: gates at the edge of underflow, where sigmoid is subnormal or 0.
"""

import math
from typing import NamedTuple

import numpy as np

from harness.draw.bits import Bits
from harness.judge.bounds.precision import PRECISIONS
from references.case import Config
from references.cells import CELLS

# Of sigmoid's argument, where its value becomes subnormal and where it becomes 0.
EDGE = {"float32": (-87.0, -104.0), "float64": (-708.0, -746.0)}
TINY = {"float32": (-150, -50), "float64": (-1075, -800)}  # exponents of two, the lowest subnormal
# Where the output is as small as the sum, flushed subnormals would leave nothing to prove.
TINY_DECIDED = {"float32": (-100, -50), "float64": (-950, -800)}
KEEPS = {"gru": "z", "lstm": "f"}  # the gate that holds a state

Cell = tuple[np.ndarray, ...]  # W, U, b_W and b_U


class Draft(NamedTuple):
    """The numbers of a case, of any dtype."""

    cells: list[Cell]
    inputs: np.ndarray
    h_0: np.ndarray
    c_0: np.ndarray | None = None


def draw_rounded(regime: str, config: Config, batch: int, time: int, bits: Bits) -> Draft:
    """Weights, inputs and initial states of one case."""
    H, p = config.hidden_size, PRECISIONS[config.dtype].bits
    rows = len(CELLS[config.cell].GATES) * H
    gain = 1 + 3 * bits.below(256) / 256 if regime == "chaotic" else 0.25 + bits.below(256) / 512
    grows = config.cell == "rnn" and config.nonlinearity in ("relu", "linear")
    if grows:
        gain = min(gain, 2.0 ** (32 / time))  # growth that stays far from overflow
    weight, ends, inputs_from = _scales(regime, config, grows, bits)

    def scaled(exponents: tuple[int, int], *shape: int) -> np.ndarray:
        fractions = bits.fractions(p, *shape)
        return fractions * powers(exponents, bits, *shape) if any(exponents) else fractions

    def cell(I: int) -> Cell:
        W = bits.fractions(p, rows, I) * (weight / math.sqrt(I))
        U = bits.fractions(p, rows, H) * (gain * math.sqrt(3 / H))
        b_W, b_U = (scaled(ends, rows) * min(weight, 2.0) for _ in range(2))
        if config.cell != "rnn":
            b_W = b_W + _offset(regime, config, bits)
        return W, U, b_W, b_U

    cells = [cell(width) for width in widths(config)]
    inputs = scaled(inputs_from, batch, time, config.input_size)
    h_0 = scaled(ends, len(cells), batch, H)
    c_0 = 2 * scaled(ends, len(cells), batch, H) if config.cell == "lstm" else None
    return Draft(cells, inputs, h_0, c_0)


Ends = tuple[int, int]  # exponents of two, the lowest and the highest


def _scales(regime: str, config: Config, grows: bool, bits: Bits) -> tuple[float, Ends, Ends]:
    """The scale of W, and between which powers of two biases and states lie, and inputs."""
    tiny = (TINY_DECIDED if grows else TINY)[config.dtype]
    ends: Ends = {"tiny": tiny, "large": (0, 40)}.get(regime, (0, 0))
    if regime == "tiny" and config.nonlinearity == "tanh" and bits.below(2):
        # Huge weights show an implementation that reads subnormal inputs as zero.
        highest = -8 - PRECISIONS[config.dtype].lowest
        return 2.0**highest, ends, (ends[0], -highest)
    return 16.0 if regime == "saturated" else 1.0, ends, ends


def _offset(regime: str, config: Config, bits: Bits) -> np.ndarray:
    """What the regime adds to the bias (G*H,)."""
    H, gates = config.hidden_size, CELLS[config.cell].GATES
    offset = np.zeros(len(gates) * H)
    if regime == "memory":
        offset[rows_of(config, KEEPS[config.cell])] = 9 + 2 * bits.fractions(8, H)
        if config.cell == "lstm":
            offset[rows_of(config, "i")] = -6
    elif regime == "edge":
        shut, gone = EDGE[config.dtype]
        at = shut + (gone - shut) * (bits.fractions(10, offset.size) + 1) / 2
        is_sigmoid = np.repeat([gate not in "ng" for gate in gates], H)
        offset = np.where(is_sigmoid & (bits.up_to(1, offset.size) != 0), at, 0)
    return offset


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


def rows_of(config: Config, gate: str) -> slice:
    """Where a gate's rows stand."""
    place = CELLS[config.cell].GATES.index(gate) * config.hidden_size
    return slice(place, place + config.hidden_size)
