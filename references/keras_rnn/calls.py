"""From a case and options to Outputs: whole, in halves, after a reset, or from last outputs alone."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from references.case import Case, CellWeights, Outputs
from references.keras_rnn.network import Network, network
from references.keras_rnn.options import Options, mask_value, refuse
from references.unsupported import Unsupported


def compute(case: Case, options: Options) -> Outputs:
    """The case, written and called as the options say. Raises Unsupported for what cannot be computed so."""
    refuse(case, options)
    if options.last and case.config.num_layers > 1:
        below = replace(options, returns="sequences, state")
        top = case.config.num_layers - 1
        return layer_by_layer(
            case, lambda part, layer: whole(part, options if layer == top else below)
        )
    return whole(case, options)


def layer_by_layer(case: Case, run: Callable[[Case, int], Outputs]) -> Outputs:
    """Every layer as a case of its own, which reads what the layer below gave."""
    config, D = case.config, case.config.num_directions
    below, mask, layers, finals = case.inputs, case.mask, [], []
    for layer in range(config.num_layers):
        if not np.isfinite(below).all():
            raise Unsupported(
                f"layer {layer - 1} overflowed, so the one above it is no case of its own"
            )
        of_layer = slice(layer * D, (layer + 1) * D)
        one = replace(
            config,
            num_layers=1,
            input_size=below.shape[2],
            go_backwards=config.go_backwards and layer == 0,
        )
        part = replace(
            case,
            config=one,
            weights=case.weights[of_layer],
            inputs=below,
            h_0=case.h_0[of_layer],
            mask=mask,
            origin="",
        )
        outputs = run(part, layer)
        below = outputs.sequence
        if below.dtype.name != config.dtype:
            return Outputs(below)  # the judge says so
        layers.append(below)
        finals.append(outputs.h_n)
        if layer == 0 and config.go_backwards and mask is not None:
            mask = mask[:, ::-1]  # outputs are in processing order from here on
    given = [final for final in finals if final is not None]
    return Outputs(
        below, np.concatenate(given) if len(given) == len(finals) else None, tuple(layers)
    )


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
    states = case.h_0 if options.starts_from_argument else None
    if options.weights == "after":
        net.set_weights([_other(cell) for cell in case.weights], case.config.bias)
        net(inputs, states, mask)
        net.set_weights(case.weights, case.config.bias)
    if options.state.startswith("reset"):
        net(inputs[:, ::-1], None, mask)
        _reset(net, case, options)
    if options.last:
        return _from_last_outputs(net, case, inputs, states, mask)
    if options.state == "halves":
        return _outputs(case, options, _in_halves(net, case, inputs, states, mask))
    return _outputs(case, options, net(inputs, states, mask))


def _outputs(case: Case, options: Options, results: list[list[np.ndarray]]) -> Outputs:
    sequences, finals = (
        [outputs[0] for outputs in results],
        [state for outputs in results for state in outputs[1:]],
    )
    layers = None if options.layer == "stacked" and case.config.num_layers > 1 else tuple(sequences)
    return Outputs(sequences[-1], np.stack(finals) if finals else None, layers)


def _other(cell: CellWeights) -> CellWeights:
    return CellWeights(-cell.W, -cell.U, -cell.b_W, -cell.b_U)


def _reset(net: Network, case: Case, options: Options) -> None:
    """reset_state() of every layer: to zeros, or to the `states` that the documentation of keras.layers.RNN names."""
    share = len(case.weights) // len(net.layers)
    for index, layer in enumerate(net.layers):
        states = list(case.h_0[index * share : (index + 1) * share])
        layer.reset_state(**({"states": states} if options.state == "reset_to" else {}))


def _steps(case: Case, array: np.ndarray | None, start: int, stop: int) -> np.ndarray | None:
    """The steps `start` to `stop` in processing order, in the array's own order of time."""
    if array is None:
        return None
    return (
        array[:, case.time - stop : case.time - start]
        if case.config.go_backwards
        else array[:, start:stop]
    )


def _in_halves(
    net: Network, case: Case, inputs: np.ndarray, states: np.ndarray | None, mask: np.ndarray | None
) -> list[list[np.ndarray]]:
    """The second call gets no state: the layers remember theirs. Sequences are joined, states are those after the second half."""
    ends = ((0, case.time // 2), (case.time // 2, case.time))
    parts = [(_steps(case, inputs, *end), _steps(case, mask, *end)) for end in ends]
    first, second = (
        net(part, states if index == 0 else None, valid)
        for index, (part, valid) in enumerate(parts)
    )  # type: ignore[arg-type]
    return [
        [np.concatenate([a[0], b[0]], axis=1), *b[1:]] for a, b in zip(first, second, strict=True)
    ]


def _from_last_outputs(
    net: Network, case: Case, inputs: np.ndarray, states: np.ndarray | None, mask: np.ndarray | None
) -> Outputs:
    """The last output of every beginning of the sequence, for the other direction of every end: together they are the sequence."""
    T, H = case.time, case.config.hidden_size
    sequence = np.empty((case.batch, T, case.config.output_size), case.config.dtype)
    for t in range(T):
        (last,) = net(_steps(case, inputs, 0, t + 1), states, _steps(case, mask, 0, t + 1))  # type: ignore[arg-type]
        sequence[:, t, :H] = last[0][:, :H]
        if t == T - 1:
            finals = last[1:]
        if case.config.bidirectional:
            (last,) = net(_steps(case, inputs, t, T), states, _steps(case, mask, t, T))  # type: ignore[arg-type]
            sequence[:, t, H:] = last[0][:, H:]
    return Outputs(sequence, np.stack(finals) if finals else None)
