"""What some cases are drawn for: situations that chance alone would bring late, or never.

Each aim has a level or two of `deal`, so that 13 cases in a row have it once or twice. An aim keeps
within the limits: where they leave it no room, the case is drawn like any other.
"""

from dataclasses import replace

from harness.draw.limits import GATED, Limits
from harness.draw.rare import RARE
from references.case import Config

# square: as many inputs as units, in one direction, and as many layers as there may be; and
# wide: inputs as wide as a layer's outputs. Else a matrix transposed, or what a layer reads instead
# of another, has another shape.
# blank: a mask whose outputs are zeros, at the end as well, though the state is none.
# bits: the exact case of a gated cell whose sums show single bits of weights.
AIMS = ("square", "wide", "blank", *("bits",) * 2, *RARE[5:])  # some of those without rare numbers
AT_THE_END = ("right", "rows")  # kinds of masks in which some row's last step is masked


def widen(aim: str, config: Config, allowed: Limits) -> Config:
    """Makes inputs as wide as a layer's outputs, if that is the aim, by the number of units.

    The lowest and the highest number of units stay, so that they meet all other sizes.
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
    """The regime that was drawn, or that of the aim, if the limits have it."""
    is_aim = aim == "bits" and config.cell in GATED and "mantissa" in regimes
    return "mantissa" if is_aim else regime
