"""A recurrent layer that was read from a model or a file: what it computes, and with what."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from references.arrays import DTYPES, frozen
from references.case import Case, CellWeights, Config
from references.unsupported import Unsupported

Arrays = Mapping[str, np.ndarray]


LONGEST = 600  # letters of a sentence, which may repeat names of a file


class Unreadable(ValueError):
    """A file or a model holds no recurrent layer that can be read; the text says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text if len(text) <= LONGEST else f"{text[:LONGEST]} ...")


class Layer(NamedTuple):
    """What was read, and what its arrays are called where they come from."""

    name: str  # in its model, dotted; empty where it stands alone
    config: Config
    weights: tuple[CellWeights, ...]  # as in a Case: index = layer * D + direction
    framework: str  # the row of REFERENCES that it belongs to; empty for plain arrays
    # Of each of `weights`: W, U, b_W and b_U by their names there. One bias has the name of both.
    names: tuple[Mapping[str, str], ...]
    assumptions: tuple[str, ...] = ()  # sentences: what the source does not say, and was assumed


def layer_of(
    name: str,
    config: Config,
    cells: Sequence[Arrays],
    framework: str,
    names: Sequence[Mapping[str, str]],
    assumptions: tuple[str, ...] = (),
) -> Layer:
    """A Layer of these arrays: of each cell W, U, and b_W and b_U where there are such.

    Raises Unreadable, in the source's names, for arrays that fit no Config or are not finite.
    """
    weights = []
    for own, arrays in zip(names, cells, strict=True):
        finite = dict(_checked(own, arrays))
        try:
            weights.append(CellWeights(**finite))
        except (TypeError, ValueError) as error:
            raise Unreadable(f"{', '.join(dict.fromkeys(own.values()))}: {error}") from error
    try:
        Case(config, tuple(weights), np.zeros((1, 1, config.input_size), config.dtype))
    except (TypeError, ValueError) as error:
        first, last = names[0]["W"], names[-1]["W"]
        raise Unreadable(f"{first} to {last} do not fit together: {error}") from error
    return Layer(name, config, tuple(weights), framework, tuple(names), assumptions)


def _checked(names: Mapping[str, str], arrays: Arrays) -> Iterator[tuple[str, np.ndarray]]:
    """Yields the arrays. Raises Unreadable for one that is not finite, or of another dtype."""
    dtype = arrays["W"].dtype.name
    for name, array in arrays.items():
        own = array.dtype.name
        check_dtype(names[name], own)
        if own != dtype:
            text = f"{names[name]} has dtype {own}, and {names['W']} has {dtype}"
            raise Unreadable(f"{text}: save all arrays in one of them")
        try:
            yield name, frozen(names[name], array)
        except ValueError as error:
            raise Unreadable(str(error)) from error


def check_dtype(name: str, dtype: str) -> None:
    """Raises Unreadable for the dtype of an array that no Config has."""
    if dtype not in DTYPES:
        raise Unreadable(
            f"{name} has dtype {dtype}, expected {' or '.join(DTYPES)}. "
            "Convert it to float32, save it again, and compare with what computes in float32."
        )


def title_of(item: object, package: str, namespace: str) -> str:
    """The class of an object: in the package's public namespace, or in the module of a user."""
    own = type(item)
    is_theirs = own.__module__.partition(".")[0] == package
    return f"{namespace if is_theirs else own.__module__}.{own.__name__}"


@contextmanager
def readable(path: Path | str) -> Iterator[None]:
    """Turns whatever a library raises for the bytes of this file into Unreadable."""
    try:
        yield
    except (Unreadable, Unsupported):
        raise
    except Exception as error:
        text = " ".join(str(error).split())
        reason = f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__
        raise Unreadable(f"{path} cannot be read ({reason})") from error
