"""The numbers of a case, regime by regime.

Two regimes are exact: in them every right implementation gives the same bits.

ternary: inputs in {-1, 0, 1}, weights multiples of 32, so that tanh gives -1, 0 or 1.
mantissa: integers that use most of the significand and cancel; they show reduced precision.
contracting, chaotic (gain up to 4), saturated, tiny (down to subnormal), large: rounded.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from harness.draw.bits import Bits
from harness.draw.rare import Numbers, plant
from harness.judge.precision import PRECISIONS
from references.arrays import over_bytes
from references.case import CellWeights, Config

TINY = {"float32": (-150, -50), "float64": (-1075, -800)}  # exponents of two, the lowest subnormal
# Where the output is as small as the sum, flushed subnormals would leave nothing to prove.
TINY_DECIDED = {"float32": (-100, -50), "float64": (-950, -800)}


Draw = Callable[[Config, int, int, Bits], Numbers]


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
    exact: dict[str, Draw] = {"ternary": _ternary, "mantissa": _mantissa}
    draw = exact.get(regime) or partial(_rounded, regime)
    weights, inputs, state = draw(config, batch, time, bits)
    if not with_state:
        state = np.zeros(state.shape)
    numbers = Numbers(weights, _frozen(inputs, config), _frozen(state, config))
    return plant(rare, numbers, regime in exact, bits)


def _ternary(config: Config, batch: int, time: int, bits: Bits) -> Numbers:
    H, widths = config.hidden_size, _widths(config)
    weights = tuple(
        _cell(config, 32.0, bits.up_to(3, H, I), bits.up_to(3, H, H), *_biases(H, bits))
        for I in widths
    )
    inputs = bits.up_to(1, batch, time, config.input_size)
    return Numbers(weights, inputs, bits.up_to(1, len(widths), batch, H))


def _mantissa(config: Config, batch: int, time: int, bits: Bits) -> Numbers:
    """Large integers meet in the lowest layer and leave small ones.

    Two input features share a carrier that the weights cancel. With one feature, the bias does.
    """
    H, I, widths = config.hidden_size, config.input_size, _widths(config)
    is_tanh = config.nonlinearity == "tanh"
    carrier = (1 << (PRECISIONS[config.dtype].bits - 4)) - 1 - 2 * bits.below(1 << 10)
    inputs = bits.up_to(1, batch, time, I)
    state = bits.up_to(1, len(widths), batch, H)
    weights = []
    for index, width in enumerate(widths):
        W = bits.up_to(1, H, width)
        U = bits.up_to(1, H, H) if is_tanh else _bounded(H, bits)
        b_W, b_U = _biases(H, bits)
        if index < config.num_directions and I > 1:
            W[:, 1] = -W[:, 0]
        elif index < config.num_directions and config.bias:
            b_W = -W[:, 0] * carrier
        weights.append(_cell(config, 32.0 if is_tanh else 1.0, W, U, b_W, b_U))
    if I > 1:
        inputs[:, :, :2] += carrier * bits.signs(batch, time, 1)
    elif config.bias:
        inputs += carrier
    return Numbers(tuple(weights), inputs, state)


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


def _rounded(regime: str, config: Config, batch: int, time: int, bits: Bits) -> Numbers:
    H, widths = config.hidden_size, _widths(config)
    p = PRECISIONS[config.dtype].bits
    gain = 1 + 3 * bits.below(256) / 256 if regime == "chaotic" else 0.25 + bits.below(256) / 512
    grows = config.nonlinearity in ("relu", "linear")
    if grows:
        gain = min(gain, 2.0 ** (32 / time))  # growth that stays far from overflow
    weight = 16.0 if regime == "saturated" else 1.0
    tiny = (TINY_DECIDED if grows else TINY)[config.dtype]
    inputs_from = exponents = {"tiny": tiny, "large": (0, 40)}.get(regime, (0, 0))
    if regime == "tiny" and config.nonlinearity == "tanh" and bits.below(2):
        # Huge weights show an implementation that reads subnormal inputs as zero.
        highest = -8 - PRECISIONS[config.dtype].lowest
        weight, inputs_from = 2.0**highest, (exponents[0], -highest)

    def scaled(ends: tuple[int, int], *shape: int) -> np.ndarray:
        return bits.fractions(p, *shape) * _powers(ends, bits, *shape)

    def cell(I: int) -> CellWeights:
        W = bits.fractions(p, H, I) * (weight / np.sqrt(I))
        U = bits.fractions(p, H, H) * (gain * np.sqrt(3 / H))
        b_W, b_U = (scaled(exponents, H) * min(weight, 2.0) for _ in range(2))
        return _cell(config, 1.0, W, U, b_W, b_U)

    weights = tuple(map(cell, widths))
    inputs = scaled(inputs_from, batch, time, config.input_size)
    return Numbers(weights, inputs, scaled(exponents, len(widths), batch, H))


def _powers(ends: tuple[int, int], bits: Bits, *shape: int) -> np.ndarray | float:
    """Powers of two with exponents between the ends."""
    low, high = ends
    if low == high:
        return 2.0**low
    middle, reach = (low + high) // 2, (high - low) // 2
    powers = np.ldexp(1.0, np.arange(middle - reach, middle + reach + 1))
    return np.asarray(powers[reach + bits.up_to(reach, *shape)])


def _widths(config: Config) -> list[int]:
    """The input width of every cell, in the order of Case.weights."""
    layers = (config.layer_input_size(layer) for layer in range(config.num_layers))
    return [width for width in layers for _ in range(config.num_directions)]


def _biases(H: int, bits: Bits) -> tuple[np.ndarray, np.ndarray]:
    return bits.up_to(2, H), bits.up_to(2, H)


def _cell(
    config: Config, scale: float, W: np.ndarray, U: np.ndarray, *biases: np.ndarray
) -> CellWeights:
    if not config.bias:
        biases = tuple(np.zeros(len(b)) for b in biases)
    arrays = (array * scale for array in (W, U, *biases))
    return CellWeights(*(_frozen(array, config) for array in arrays))


def _frozen(array: np.ndarray, config: Config) -> np.ndarray:
    """The array in the case's dtype, such that Case need not copy it."""
    return over_bytes(array.astype(config.dtype, copy=False))
