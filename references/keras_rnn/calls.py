"""The ways of calling Keras' layers: whole, in halves, after a reset, or for last outputs alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from references.case import Case, CellWeights, Config, Outputs
from references.cells.walk import Layer, States, stack
from references.keras_rnn.cells import StateList, as_list, as_states
from references.keras_rnn.framework import need_dtype
from references.keras_rnn.mirror import write
from references.keras_rnn.network import Network, network
from references.keras_rnn.options import FORCES_ZEROS, Options, mask_value, refuse
from references.unsupported import Unsupported


def run(case: Case) -> Outputs:
    """`SimpleRNN`, `GRU` or `LSTM` layers, or Bidirectional ones, built and called as users do."""
    refuse_case(case)
    layers = write(case)

    def whole_layer(layer: Layer) -> tuple[np.ndarray, States | None]:
        states = [keras.ops.convert_to_tensor(state) for state in as_list(layer.initial)]
        initial = states if len(states) > 1 else states[0]
        results = layers[layer.number](layer.inputs, initial_state=initial, mask=layer.mask)
        return as_arrays(results, case.config)

    return stack(case, whole_layer)


def refuse_case(case: Case) -> None:
    """Raises Unsupported for what layers cannot do here, however they are called."""
    need_dtype(case.config.dtype)
    if case.config.bidirectional and case.mask is not None and case.masked_output == "repeat":
        raise Unsupported(FORCES_ZEROS)


def as_arrays(results: list[Any], config: Config) -> tuple[np.ndarray, States | None]:
    """A layer's sequence (B, T, H*D), and its states, each (D, B, H), if it returned any."""
    sequence, *states = map(keras.ops.convert_to_numpy, results)
    return sequence, as_states(states, config)


def compute(case: Case, options: Options) -> Outputs:
    """Computes the case as the options say. Raises Unsupported for what cannot be computed so."""
    refuse(case, options)
    if options.last and case.config.num_layers > 1:
        below = replace(options, returns="sequences, state")
        top = case.config.num_layers - 1
        return layer_by_layer(case, lambda part, i: whole(part, options if i == top else below))
    return whole(case, options)


def layer_by_layer(case: Case, run_layer: Callable[[Case, int], Outputs]) -> Outputs:
    """Computes every layer as a case of its own, which reads what the layer below put out."""
    config = case.config

    def whole_layer(layer: Layer) -> tuple[np.ndarray, States | None]:
        below = layer.inputs
        if below.dtype.name != config.dtype:
            return below, None  # the judge says so
        if not np.isfinite(below).all():
            words = f"layer {layer.number - 1} overflowed"
            raise Unsupported(f"{words}, so the one above it is no case of its own")
        part = replace(
            case,
            config=replace(
                config, num_layers=1, input_size=below.shape[2], go_backwards=layer.backwards
            ),
            weights=layer.weights,
            inputs=below,
            h_0=layer.initial[0],
            c_0=None if case.c_0 is None else layer.initial[1],
            mask=layer.mask,
            origin="",
        )
        result = run_layer(part, layer.number)
        return result.sequence, result.states or None

    result = stack(case, whole_layer)
    same = result.sequence.dtype.name == config.dtype
    return result if same else Outputs(result.sequence)


def whole(case: Case, options: Options) -> Outputs:
    """One network for the case, and the calls that the options ask for."""
    net = network(case, options)
    inputs, mask = case.inputs, case.mask
    if options.mask == "masking":
        if mask is not None:
            inputs = np.where(mask[..., np.newaxis], inputs, inputs.dtype.type(mask_value(case)))
        mask = None
    elif mask is not None:
        mask = mask.astype(options.mask_dtype)
    states = as_list(case.states) if options.starts_from_argument else None
    if options.weights == "after":
        net.set_weights([_negative(cell) for cell in case.weights], case.config)
        net(inputs, states, mask)
        net.set_weights(case.weights, case.config)
    if options.state.startswith("reset"):
        net(inputs[:, ::-1], None, mask)
        _reset(net, case, options)
    if options.last:
        return _from_last_outputs(net, case, inputs, states, mask)
    if options.state == "halves":
        results = _in_halves(net, case, inputs, states, mask)
    else:
        results = net(inputs, states, mask)
    sequences = [of_layer[0] for of_layer in results]
    last = [state for of_layer in results for state in of_layer[1:]]
    layers = None if options.layer == "stacked" and case.config.num_layers > 1 else tuple(sequences)
    return Outputs.of(sequences[-1], as_states(last, case.config), layers)


def _negative(cell: CellWeights) -> CellWeights:
    return CellWeights(**{name: -array for name, array in cell.arrays().items()})


def _reset(net: Network, case: Case, options: Options) -> None:
    """Resets every layer: to zeros, or to the `states` that Keras' documentation names."""
    initial = as_list(case.states)
    share = len(initial) // len(net.layers)
    for index, layer in enumerate(net.layers):
        states = initial[index * share : (index + 1) * share]
        layer.reset_state(**({"states": states} if options.state == "reset_to" else {}))


def _steps(case: Case, array: Any, start: int, stop: int) -> Any:
    """The steps `start` to `stop` in processing order, in the array's own order of time."""
    if array is None:
        return None
    if case.config.go_backwards:
        start, stop = case.time - stop, case.time - start
    return array[:, start:stop]


def _in_halves(
    net: Network, case: Case, inputs: np.ndarray, states: StateList | None, mask: np.ndarray | None
) -> list[list[np.ndarray]]:
    """Joins the sequences of two calls. The second gets no state: the layers remember theirs."""
    half = case.time // 2
    first = net(_steps(case, inputs, 0, half), states, _steps(case, mask, 0, half))
    rest = (half, case.time)
    second = net(_steps(case, inputs, *rest), None, _steps(case, mask, *rest))
    return [
        [np.concatenate([a[0], b[0]], axis=1), *b[1:]] for a, b in zip(first, second, strict=True)
    ]


def _from_last_outputs(
    net: Network, case: Case, inputs: np.ndarray, states: StateList | None, mask: np.ndarray | None
) -> Outputs:
    """Joins the last outputs of every beginning of the sequence; backwards, of every end."""
    T, H = case.time, case.config.hidden_size
    sequence = np.empty((case.batch, T, case.config.output_size), case.config.dtype)
    for t in range(T):
        (last,) = net(_steps(case, inputs, 0, t + 1), states, _steps(case, mask, 0, t + 1))
        sequence[:, t, :H] = last[0][:, :H]
        if t == T - 1:
            final = last[1:]
        if case.config.bidirectional:
            (last,) = net(_steps(case, inputs, t, T), states, _steps(case, mask, t, T))
            sequence[:, t, H:] = last[0][:, H:]
    return Outputs.of(sequence, as_states(final, case.config))
