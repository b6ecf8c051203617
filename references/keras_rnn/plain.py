"""The mirror into keras.layers.SimpleRNN: transposes W and U, folds b_W + b_U into the one bias, copies state and mask."""

import keras
import numpy as np

from references.case import Case, CellWeights, Outputs
from references.unsupported import Unsupported


def run(case: Case) -> Outputs:
    """A stack of `SimpleRNN` (or `Bidirectional(SimpleRNN)`) layers, built for this case and called as users call them."""
    config, mask, D = case.config, case.mask, case.config.num_directions
    if config.bidirectional and mask is not None and case.masked_output == "repeat":
        raise Unsupported("keras.layers.Bidirectional forces zeros at masked steps; masked_output is 'repeat'")
    sequence, layers, final_states = case.inputs, [], []
    for layer in range(config.num_layers):
        rnn = build(case, layer)
        states = [keras.ops.convert_to_tensor(state) for state in case.initial_state[layer * D : (layer + 1) * D]]
        sequence, *finals = rnn(sequence, initial_state=states if config.bidirectional else states[0], mask=mask)
        layers.append(keras.ops.convert_to_numpy(sequence))
        final_states += [keras.ops.convert_to_numpy(state) for state in finals]
        if layer == 0 and config.go_backwards and mask is not None:
            mask = mask[:, ::-1]  # outputs are in processing order from here on
    return Outputs(layers[-1], np.stack(final_states), tuple(layers))


def build(case: Case, layer: int) -> keras.layers.Layer:
    """One layer of the stack, with its weights set; the input is reversed once, by the lowest layer."""
    config, D = case.config, case.config.num_directions
    backwards = config.go_backwards and layer == 0
    rnn = simple_rnn(case, backwards)
    if config.bidirectional:
        # Bidirectional makes a backward layer of its own only from a forward layer that does not go backwards.
        other = simple_rnn(case, False) if backwards else None
        rnn = keras.layers.Bidirectional(rnn, merge_mode="concat", backward_layer=other, dtype=config.dtype)
    rnn.build((case.batch, case.time, config.layer_input_size(layer)))
    rnn.set_weights([array for cell in case.weights[layer * D : (layer + 1) * D] for array in arrays(cell, config.bias)])
    return rnn


def simple_rnn(case: Case, go_backwards: bool) -> keras.layers.Layer:
    """The layer's arguments, each from the case."""
    return keras.layers.SimpleRNN(
        case.config.hidden_size,
        activation=case.config.nonlinearity,
        use_bias=case.config.bias,
        return_sequences=True,
        return_state=True,
        go_backwards=go_backwards,
        zero_output_for_mask=case.masked_output == "zero",
        dtype=case.config.dtype,
    )


def arrays(cell: CellWeights, bias: bool) -> list[np.ndarray]:
    """kernel (I, H) = W transposed, recurrent_kernel (H, H) = U transposed, bias (H,) = b_W + b_U."""
    return [cell.W.T, cell.U.T] + ([cell.b_W + cell.b_U] if bias else [])
