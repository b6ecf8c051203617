"""Calls a layer that a user made or a file describes, on its own weights."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras

from references.case import Case, Outputs
from references.cells import CELLS
from references.keras_rnn.calls import refuse_case
from references.keras_rnn.cells import as_list, as_states
from references.unsupported import Unsupported


def call_layer(layer: keras.layers.Layer, case: Case) -> Outputs:
    """Calls the layer itself, which is asked for all outputs and states."""
    refuse_case(case)
    halves = [getattr(layer, name, layer) for name in ("forward_layer", "backward_layer")]
    zeros = "zero" if halves[0].zero_output_for_mask else "repeat"
    if case.mask is not None and case.masked_output != zeros:
        raise Unsupported(f"layer {layer.name} has masked outputs {zeros}")

    with _all_outputs((layer, *halves)):
        initial = _initial(layer, case)
        results = layer(case.inputs, initial_state=initial, mask=case.mask)
    sequence, *states = map(keras.ops.convert_to_numpy, keras.tree.flatten(results))
    one = (sequence,) if case.config.num_layers == 1 else None
    return Outputs.of(sequence, as_states(states, case.config), one)


def _initial(layer: keras.layers.Layer, case: Case) -> Any:
    """The states as the layer takes them: alone, in a list, or in one for each of its cells."""
    states = [keras.ops.convert_to_tensor(state) for state in as_list(case.states)]
    if isinstance(getattr(layer, "cell", None), keras.layers.StackedRNNCells):
        each = len(CELLS[case.config.cell].STATES)
        return [states[index : index + each] for index in range(0, len(states), each)]
    return states if len(states) > 1 else states[0]


@contextmanager
def _all_outputs(parts: Sequence[Any]) -> Iterator[None]:
    """Lets a layer return sequences and states, and keep no state, while it is called."""
    values = {"return_sequences": True, "return_state": True, "stateful": False}
    before = [{name: getattr(part, name) for name in values} for part in parts]
    try:
        for part in parts:
            _set(part, values)
        yield
    finally:
        for part, own in zip(parts, before, strict=True):
            _set(part, own)


def _set(part: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(part, name, value)
