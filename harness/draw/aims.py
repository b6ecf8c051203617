"""Gives some cases an aim: a situation that chance alone would bring late, or never.

The aim is one of the choices that `deal` deals, so that of 13 cases one or two have each. It keeps
within the limits: where these leave it no room, the sizes, mask and regime are as drawn.
"""

from dataclasses import replace

from harness.draw.limits import GATED, Limits
from references.case import Config

# Thirteen, as `deal` has levels.
AIMS = (
    # One direction, as many layers as there may be, and as many inputs as units; or inputs as wide
    # as a layer's outputs. Elsewhere the shapes alone show that a matrix is transposed, or that a
    # layer reads what another should.
    "square",
    "wide",
    # Masked last steps that put out zeros, where the final state is none of them.
    "blank",
    # The exact numbers of a gated cell whose sums show single bits of weights.
    *("bits",) * 2,
    *("none",) * 4,
    # Numbers that `rare` plants.
    *("zeros",) * 2,
    *("subnormals",) * 2,
)
AT_THE_END = ("right", "rows")  # kinds of masks in which some row's last step is masked


def widen(aim: str, config: Config, allowed: Limits) -> Config:
    """Makes inputs as wide as a layer's outputs, if that is the aim, by the number of units.

    The lowest and the highest number of units stay, so that they meet all other sizes. A "square"
    case has one direction even then, if the limits have it.
    """
    if aim not in ("square", "wide"):
        return config
    if aim == "square" and False in allowed.choices["bidirectional"]:
        config = replace(config, bidirectional=False)
    low, high = allowed.sizes["hidden_size"]
    units = min(max(config.input_size // config.num_directions, low), high)
    width, (first, last) = units * config.num_directions, allowed.sizes["input_size"]
    if not (low < config.hidden_size < high and first <= width <= last):
        return config
    most = max(allowed.choices["num_layers"]) if aim == "square" else config.num_layers
    return replace(config, input_size=width, hidden_size=units, num_layers=most)


def regime_for(aim: str, config: Config, regimes: tuple[str, ...], regime: str) -> str:
    """Returns the aim's regime, if it has one and cell and limits have it too; else `regime`."""
    is_aim = aim == "bits" and config.cell in GATED and "mantissa" in regimes
    return "mantissa" if is_aim else regime
