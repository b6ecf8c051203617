"""Gates in another order, of the wrong function, or with weights of the wrong shape."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from harness.judge.bounds.enclosure import enclosed
from harness.judge.bounds.precision import PRECISIONS
from harness.judge.propagate import as_array
from harness.mistakes.families.activation import Algorithm
from harness.mistakes.families.numerics import round_to
from harness.mistakes.mistake import Mistake
from references.case import WEIGHTS
from references.cells import CELLS
from references.cells.gates import reordered
from references.cells.walk import Moment

Function = Callable[[Any], Any]  # of arrays, and of values

# The order in which a cell's gates are read, by whose it is. Weights stand in torch's.
ORDERS: dict[str, dict[str, tuple[str, ...]]] = {
    "gru": {"Keras' and ONNX's order": ("z", "r", "n")},
    "lstm": {
        "ONNX's order": ("i", "o", "f", "g"),
        "the inverse of ONNX's order": ("i", "g", "o", "f"),
        "TensorFlow 1's order": ("i", "g", "f", "o"),
    },
}
SLICES = "copy each gate's weights: check the ends of the slices"
ARRAYS = {"W": ("W",), "U": ("U",), "the biases": ("b_W", "b_U")}
IN_TORCH = {"gru": "r, z, n", "lstm": "i, f, g, o"}
IN_KERAS = {"gru": "z, r, h", "lstm": "i, f, c, o"}
IN_ONNX = {"gru": "z, r, h", "lstm": "i, o, f, c"}
OTHER_SWAPS = {
    "gru": (("r", "n"), ("z", "n")),
    "lstm": (("i", "f"), ("i", "g"), ("i", "o"), ("f", "o"), ("g", "o")),
}


def hard_sigmoid(slope: float) -> Function:
    """Straight lines for sigmoid."""
    return Algorithm(lambda z: np.clip(slope * z + 0.5, 0, 1), absolute=3).__call__


def identity(z: Any) -> Any:
    """No function at all."""
    return z


def relu(z: Any) -> Any:
    """max(z, 0)."""
    return np.maximum(z, 0)


def monotone(function: Function, numbers: np.ndarray) -> np.ndarray:
    """The images of stored numbers, which may be enclosed; `function` never falls."""
    if not np.iscomplexobj(numbers):
        return np.asarray(function(numbers))
    leaf = enclosed(numbers.real, numbers.imag, PRECISIONS["float64"])
    return as_array(leaf.map(function))


def of_stored(function: Function) -> Callable[[Moment, Any], Any]:
    """Carries on the images of the stored state; `function` never falls."""
    return lambda now, state: monotone(function, state)


def _in_order(cell: str, order: tuple[str, ...], arrays: tuple[str, ...]) -> dict[str, Any]:
    """Reads the blocks of these arrays in another order of gates."""
    read = CELLS[cell].GATES

    def change(array: np.ndarray) -> np.ndarray:
        return reordered(array, order, read)

    return dict.fromkeys(arrays, change)


def _all_orders(cell: str) -> Iterator[Mistake]:
    """Whole orders, then those of one array alone."""
    names = IN_TORCH[cell]
    loop = f"cut W, U and both biases in the order {names}"
    mirror = (
        f"torch has {names}, Keras {IN_KERAS[cell]}, ONNX {IN_ONNX[cell]}: "
        "reorder W, U and both biases"
    )
    for whose, order in ORDERS[cell].items():
        every = ", ".join(order)
        yield (
            Mistake(f"{cell} gates in {whose}", f"The gates are read in the order {every}.")
            .of(cell)
            .to_fix(loop, mirror)
            .change_weights(**_in_order(cell, order, WEIGHTS))
        )
        for words, arrays in ARRAYS.items():
            yield (
                Mistake(
                    f"{cell} gates of {words} in {whose}",
                    f"They alone are read as {every}.",
                )
                .of(cell)
                .to_fix(loop, mirror)
                .when(*(["bias"] if words == "the biases" else []))
                .change_weights(**_in_order(cell, order, arrays))
            )


def _swaps(cell: str) -> Iterator[Mistake]:
    """Two gates that stand in each other's place."""
    gates = CELLS[cell].GATES
    for one, other in OTHER_SWAPS[cell]:
        order = tuple({one: other, other: one}.get(gate, gate) for gate in gates)
        yield (
            Mistake(
                f"{cell} gates {one} and {other} swapped",
                f"The gates {one} and {other} have each other's weights and biases.",
            )
            .of(cell)
            .to_fix(
                f"cut W, U and both biases in the order {IN_TORCH[cell]}",
                f"torch has {IN_TORCH[cell]}, Keras {IN_KERAS[cell]}: "
                "copy each gate to its own place",
            )
            .change_weights(**_in_order(cell, order, WEIGHTS))
        )


def _side_by_side(cell: str) -> Mistake:
    """Blocks that are read as if the gates of each unit stood together."""
    gates, names = CELLS[cell].GATES, IN_TORCH[cell]

    def change(array: np.ndarray) -> np.ndarray:
        units = array.reshape(-1, len(gates), *array.shape[1:])
        return units.swapaxes(0, 1).reshape(array.shape)

    return (
        Mistake(
            f"{cell} gates of a unit side by side",
            "The rows are read unit by unit, each with all its gates.",
        )
        .of(cell)
        .to_fix(
            f"cut W, U and both biases into blocks of H rows, one for each of {names}",
            f"torch, Keras and ONNX store gate after gate (torch {names}): reorder all arrays",
        )
        .when("several_units")
        .change_weights(**dict.fromkeys(WEIGHTS, change))
    )


def _one_gate(cell: str, gate: str, function: Function) -> Function:
    """Changes one gate's block (H, ...) of rows."""
    gates = CELLS[cell].GATES

    def change(array: np.ndarray) -> np.ndarray:
        blocks = np.split(array, len(gates))
        blocks[gates.index(gate)] = function(blocks[gates.index(gate)])
        return np.concatenate(blocks)

    return change


def _transposed(cell: str) -> Iterator[Mistake]:
    for gate in CELLS[cell].GATES:
        yield (
            Mistake(
                f"{cell} U of gate {gate} transposed",
                f"The recurrent weights of gate {gate} alone are used as their transpose.",
            )
            .of(cell)
            .to_fix(
                f"multiply by U_{gate} itself, as for the other gates",
                "copy the recurrent weights of all gates in one way: U.T into Keras, U into torch",
            )
            .when("several_units")
            .change_weights(U=_one_gate(cell, gate, np.transpose))
        )


def _unloaded(cell: str) -> Iterator[Mistake]:
    for gate in CELLS[cell].GATES:
        change = _one_gate(cell, gate, np.zeros_like)
        yield (
            Mistake(
                f"{cell} gate {gate} left at zero",
                f"The weights and biases of gate {gate} are zero.",
            )
            .of(cell)
            .to_fix(
                f"fill the block of gate {gate}, too: the order is {IN_TORCH[cell]}",
                f"load every block: torch has {IN_TORCH[cell]}, Keras {IN_KERAS[cell]}",
            )
            .change_weights(**dict.fromkeys(WEIGHTS, change))
        )


def _reshaped(U: np.ndarray) -> np.ndarray:
    """U (G*H, H) poured into (H, G*H), then read as its transpose."""
    return U.reshape(U.shape[::-1]).T


MISTAKES = (
    *(mistake for cell in ORDERS for mistake in (*_all_orders(cell), *_swaps(cell))),
    *map(_side_by_side, ORDERS),
    *(mistake for cell in ORDERS for mistake in (*_transposed(cell), *_unloaded(cell))),
    Mistake("U reshaped", "U is reshaped to (H, gates * H) where it should be transposed.")
    .of("gru", "lstm")
    .to_fix("use U.T, never U.reshape(H, -1)", "copy weight_hh.T into Keras' recurrent_kernel")
    .when("several_units")
    .change_weights(U=_reshaped),
    Mistake("state in bfloat16", "The states that go on keep 8 bits, as in bfloat16.")
    .of("gru", "lstm")
    .to_fix("keep the states in the case's dtype", "switch autocast and mixed_precision off")
    .when("several_steps")
    .change(carry=of_stored(lambda state: round_to(8, state))),
)
