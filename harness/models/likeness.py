"""Says what an array of a port looks like, where it is not the one that it should be."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import permutations

import numpy as np

from references.case import Config
from references.cells import CELLS
from references.cells.gates import reordered
from references.layer import Layer

CLOSE = 0.5  # a difference whose norm is below this share of the array's own: a state of the same
FEW, SINGLE = 0.01, 3  # so small a share of entries, or so few, are single ones
PARTNERS = {"W": "U", "U": "W", "b_W": "b_U", "b_U": "b_W"}

Array = np.ndarray
Candidate = tuple[str, Callable[[], Array]]  # what it is, in words, and the array


def likeness(ours: Array, theirs: Array, candidates: Iterable[Candidate] = ()) -> str:
    """Says what B's array is that differs from A's: the first candidate that equals it.

    Else how many entries differ, by how much at most, and where.
    """
    if ours.shape != theirs.shape:
        return f"shape {ours.shape} in A, {theirs.shape} in B"
    own: Candidate = ("A's", partial(np.asarray, ours))
    for words, make in (own, *candidates):
        candidate = make()
        if candidate.shape == theirs.shape:
            for suffix, rounded in ROUNDINGS.items():
                if equal(rounded(candidate), theirs):
                    return f"B has {words}{suffix}"
    with np.errstate(all="ignore"):
        difference = np.abs(np.subtract(ours, theirs, dtype=np.float64))
        share = float(np.linalg.norm(difference) / np.linalg.norm(ours.astype(np.float64)))
    count, peak = int(np.count_nonzero(difference)), int(difference.argmax())
    place = ", ".join(str(int(index)) for index in np.unravel_index(peak, ours.shape))
    words = f"differs in {count:,} of {ours.size:,} entries"
    words += f", at most by {difference.flat[peak]:.3g} at [{place}]"
    if count <= max(SINGLE, FEW * ours.size):
        return words
    if share < CLOSE:
        return f"{words}: near A's, another checkpoint?"
    return words if 2 * count <= ours.size else f"{words}: far from A's"


def candidates(layer: Layer, index: int, name: str, array: Array) -> Iterator[Candidate]:
    """Yields what faults of ports make of an array: W, U, b_W, b_U or the sum of both biases.

    `index` says which of the layer's weights it belongs to.
    """
    config, cell = layer.config, layer.weights[index]
    gates = CELLS[config.cell].GATES
    blocks = np.split(array, len(gates))
    if array.ndim == 2:
        yield from _turns(array, blocks, config.bidirectional and index > 1)
    for order in permutations(gates):
        if order != gates:
            yield f"A's {_moves(gates, order)}", partial(reordered, array, gates, order)
    if array.ndim == 1 and config.cell == "lstm":
        one = np.repeat([gate == "f" for gate in gates], config.hidden_size)
        yield "A's, and 1 more at the forget gate", partial(np.add, array, one, dtype=array.dtype)
        yield (
            "A's, and 1 less at the forget gate",
            partial(np.subtract, array, one, dtype=array.dtype),
        )
    for other, weights in enumerate(layer.weights):
        if other != index:
            place = place_of(config, other)
            yield f"A's of {place}", partial(getattr, weights, name)
            if array.ndim == 1:  # one bias that stands for both
                total = partial(np.add, weights.b_W, weights.b_U)
                yield f"the sum of A's biases of {place}", total
    yield f"A's {PARTNERS[name]}", partial(getattr, cell, PARTNERS[name])
    yield "the sum of A's biases", partial(np.add, cell.b_W, cell.b_U)
    yield "zeros", partial(np.zeros_like, array)
    for at, gate in enumerate(gates if len(gates) > 1 else ()):
        own = [block * (other != at) for other, block in enumerate(blocks)]
        yield f"A's with zeros at gate {gate}", partial(np.concatenate, own)
        own = [-block if other == at else block for other, block in enumerate(blocks)]
        yield f"A's with the opposite sign at gate {gate}", partial(np.concatenate, own)
    yield "A's with the opposite sign", partial(np.negative, array)
    yield "A's, its units in reverse", partial(np.concatenate, [block[::-1] for block in blocks])


def place_of(config: Config, index: int) -> str:
    """Names the layer and the direction of the weights at an index: "layer 1, backward"."""
    layer, direction = divmod(index, config.num_directions)
    way = f", {('forward', 'backward')[direction]}" if config.bidirectional else ""
    return f"layer {layer}{way}"


def equal(one: Array, other: Array) -> bool:
    """Tells whether two arrays of one shape have the same values."""
    # What differs in its first row costs no look at the rest.
    return np.array_equal(one[:1], other[:1]) and np.array_equal(one, other)


def _turns(array: Array, blocks: Sequence[Array], halves: bool) -> Iterator[Candidate]:
    """Yields a matrix (G*H, I) that is turned round, or read in the wrong order."""
    within = " within each gate" if len(blocks) > 1 else ""
    if blocks[0].shape[0] == blocks[0].shape[1]:
        yield f"A's transposed{within}", partial(np.concatenate, [block.T for block in blocks])
    yield "A's reshaped where it must be transposed", partial(np.reshape, array.T, array.shape)
    yield "A's, its columns in reverse", partial(np.flip, array, 1)
    if halves:
        half = array.shape[1] // 2
        words = "A's, its columns for the forward and the backward half swapped"
        yield words, partial(np.roll, array, half, 1)


def _moves(gates: Sequence[str], order: Sequence[str]) -> str:
    """Says which gates stand in the place of which."""
    others = [gate for gate, other in zip(gates, order, strict=True) if gate != other]
    if len(others) == 2:
        return f"with gates {' and '.join(others)} swapped"
    return f"with gates {', '.join(order)} where {', '.join(gates)} belong"


def _half(array: Array) -> Array:
    with np.errstate(all="ignore"):
        return array.astype(np.float16).astype(array.dtype)


def _bfloat16(array: Array) -> Array:
    """Rounds to even in the upper half of each float32, which is a bfloat16."""
    bits = array.astype(np.float32).view(np.uint32).astype(np.int64)
    bits = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
    return bits.astype(np.uint32).view(np.float32).astype(array.dtype)


def _single(array: Array) -> Array:
    return array.astype(np.float32).astype(array.dtype)


ROUNDINGS: dict[str, Callable[[Array], Array]] = {
    "": np.asarray,
    ", rounded to float16": _half,
    ", rounded to bfloat16": _bfloat16,
    ", rounded to float32": _single,
}
