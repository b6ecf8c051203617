"""A recurrent layer that was read from a model or a file: what it computes, and with what."""

from collections.abc import Mapping
from typing import NamedTuple

from references.case import CellWeights, Config


class Layer(NamedTuple):
    """What was read, and what its arrays are called where they come from."""

    name: str  # in its model, dotted; empty where it stands alone
    config: Config
    weights: tuple[CellWeights, ...]  # as in a Case: index = layer * D + direction
    framework: str  # the row of REFERENCES that it belongs to; empty for plain arrays
    # Of each of `weights`: W, U, b_W and b_U by their names there. One bias has the name of both.
    names: tuple[Mapping[str, str], ...]
    assumptions: tuple[str, ...] = ()  # sentences: what the source does not say, and was assumed
