"""The mirror into keras.layers.SimpleRNN: transposes W and U, folds b_W + b_U into the one bias, copies state and mask."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from references.case import Case, CellWeights, Config, Outputs
from references.unsupported import Unsupported

# (case, layer, sequence, states, mask) -> the layer's sequence, then its states
Call = Callable[[Case, int, Any, list[np.ndarray], np.ndarray | None], list[Any]]


def run(case: Case) -> Outputs:
    """A stack of `SimpleRNN` (or `Bidirectional(SimpleRNN)`) layers, built for this case and called as users call them."""
    return through_layers(case, _eager)


def through_layers(case: Case, call: Call) -> Outputs:
    """`call` for each layer of the stack, lowest first."""
    config, mask, D = case.config, case.mask, case.config.num_directions
    if config.bidirectional and mask is not None and case.masked_output == "repeat":
        raise Unsupported(
            "keras.layers.Bidirectional forces zeros at masked steps; masked_output is 'repeat'"
        )
    sequence, layers, final_states = case.inputs, [], []
    for layer in range(config.num_layers):
        sequence, *finals = call(
            case, layer, sequence, list(case.h_0[layer * D : (layer + 1) * D]), mask
        )
        layers.append(keras.ops.convert_to_numpy(sequence))
        final_states += [keras.ops.convert_to_numpy(state) for state in finals]
        if layer == 0 and config.go_backwards and mask is not None:
            mask = mask[:, ::-1]  # outputs are in processing order from here on
    return Outputs(layers[-1], np.stack(final_states), tuple(layers))


def _eager(
    case: Case, layer: int, sequence: Any, states: list[np.ndarray], mask: np.ndarray | None
) -> list[Any]:
    rnn = _loaded(case, layer)
    given = [keras.ops.convert_to_tensor(state) for state in states]
    return rnn(sequence, initial_state=given if case.config.bidirectional else given[0], mask=mask)  # type: ignore[no-any-return]


def held(case: Case) -> dict[str, np.ndarray]:
    """The weights of the lowest layer by Keras' names, read back from a layer that holds them; of one direction."""
    rnn = _loaded(case, 0)
    return dict(zip((weight.name for weight in rnn.weights), rnn.get_weights(), strict=True))


def _loaded(case: Case, layer: int) -> keras.layers.Layer:
    rnn = directions(case.config, case.masked_output, reverses(case, layer))
    rnn.build((case.batch, case.time, case.config.layer_input_size(layer)))
    rnn.set_weights(arrays_of(case, layer))
    return rnn


def reverses(case: Case, layer: int) -> bool:
    """Whether this layer has go_backwards: the input is reversed once, by the lowest layer."""
    return case.config.go_backwards and layer == 0


def directions(config: Config, masked_output: str, backwards: bool) -> keras.layers.Layer:
    """One layer of the stack, not built as yet."""
    rnn = simple_rnn(config, masked_output, backwards)
    if not config.bidirectional:
        return rnn
    # Bidirectional makes a backward layer of its own only from a forward layer that does not go backwards.
    other = simple_rnn(config, masked_output, False) if backwards else None
    return keras.layers.Bidirectional(
        rnn, merge_mode="concat", backward_layer=other, dtype=config.dtype
    )


def simple_rnn(config: Config, masked_output: str, go_backwards: bool) -> keras.layers.Layer:
    """The layer's arguments, each from the case."""
    return keras.layers.SimpleRNN(
        config.hidden_size,
        activation=config.nonlinearity,
        use_bias=config.bias,
        return_sequences=True,
        return_state=True,
        go_backwards=go_backwards,
        zero_output_for_mask=masked_output == "zero",
        dtype=config.dtype,
    )


def arrays_of(case: Case, layer: int) -> list[np.ndarray]:
    """The weights of a layer's directions, in Keras' order."""
    D = case.config.num_directions
    return [
        array
        for cell in case.weights[layer * D : (layer + 1) * D]
        for array in arrays(cell, case.config.bias)
    ]


def arrays(cell: CellWeights, bias: bool) -> list[np.ndarray]:
    """kernel (I, H) = W transposed, recurrent_kernel (H, H) = U transposed, bias (H,) = b_W + b_U."""
    return [cell.W.T, cell.U.T] + ([cell.b_W + cell.b_U] if bias else [])
