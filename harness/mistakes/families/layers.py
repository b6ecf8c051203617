"""Stacked layers mixed up."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from harness.judge.bounds.precision import PRECISIONS
from harness.judge.propagate import as_array
from harness.mistakes.enclose import lift_array
from harness.mistakes.mistake import Mistake
from references.case import Case, Outputs
from references.cells import CELLS
from references.cells.activations import ACTIVATIONS
from references.cells.gates import by_gate
from references.cells.walk import Pass


def _restack(order: Callable[[int], list[int]]) -> Callable[[Case], Case]:
    """Gives each layer the weights of another one: `order` is a list of L layers."""

    def change(case: Case) -> Case:
        D = case.config.num_directions
        layers = order(case.config.num_layers)
        weights = [
            case.weights[layer * D + direction] for layer in layers for direction in range(D)
        ]
        return replace(case, weights=tuple(weights), origin="")

    return change


def _deep(case: Case) -> bool:
    return case.config.num_layers > 2


def _as_wide(case: Case) -> bool:
    config = case.config
    return config.input_size == config.output_size and not config.go_backwards


def _raw_input(part: Pass) -> np.ndarray:
    """The inputs of the case, in processing order; they are as wide as a layer's outputs here."""
    return part.case.inputs[:, ::-1] if part.direction else part.case.inputs


def _upper(part: Pass) -> np.ndarray:
    return _raw_input(part) if part.layer else part.inputs


def _top(part: Pass) -> np.ndarray:
    is_top = part.layer == part.case.config.num_layers - 1
    return _raw_input(part) if part.layer and is_top else part.inputs


def _one_direction(case: Case) -> bool:
    return not case.config.bidirectional and case.mask is None


def _one_state(case: Case, outputs: Outputs) -> Outputs:
    """Every layer reads the state that the layer below it has just left, and so on in time.

    Runs on arrays, or on enclosures where `outputs` are enclosed.
    """
    config = case.config
    is_enclosed = np.iscomplexobj(outputs.sequence)
    lift = partial(lift_array, PRECISIONS[config.dtype]) if is_enclosed else np.asarray
    activation = (
        (lambda z: z.activate(config.nonlinearity))
        if is_enclosed
        else (ACTIVATIONS[config.nonlinearity])
    )
    cell = CELLS[config.cell]
    weights = [by_gate(one, config, activation, lift) for one in case.weights]
    states = tuple(lift(state[0].T) for state in case.states)
    sequence = []
    for t in range(case.time):
        x = lift((case.inputs[:, ::-1] if config.go_backwards else case.inputs)[:, t].T)
        for p in weights:
            states = tuple(lift(as_array(state)) for state in cell.step(p, x, *states))
            x = states[0]
        sequence.append(as_array(x).T)
    return Outputs(np.stack(sequence, axis=1), None)


def _first_only(case: Case, outputs: Outputs) -> Outputs:
    lowest = outputs.layers[0] if outputs.layers else outputs.sequence
    return replace(outputs, sequence=lowest, layers=None)


MISTAKES = (
    Mistake(
        "upper layers in reverse", "The layers above the first are stacked the other way round."
    )
    .to_fix("weights go lowest layer first: l0, l1, l2")
    .when(_deep)
    .change(case=(_restack(lambda L: [0, *range(L - 1, 0, -1)]),)),
    Mistake("one layer's weights twice", "The third layer uses the second layer's weights.")
    .to_fix("copy each layer's own weights: check the loop variable")
    .when(_deep)
    .change(case=(_restack(lambda L: [0, *[1] * (L - 1)]),)),
    Mistake("upper layers read the input", "Upper layers read the input, not the layer below.")
    .to_fix("feed each layer the sequence of the one below")
    .when("several_layers", _as_wide)
    .change(read=_upper),
    Mistake("top layer reads the input", "The top layer reads the input, not the layer below.")
    .to_fix("feed each layer the sequence of the one below")
    .when(_deep, _as_wide)
    .change(read=_top),
    Mistake("one state for all layers", "All layers read and write one state.")
    .to_fix("keep one state for each layer")
    .when("several_layers", _one_direction)
    .change(outputs=(_one_state,)),
    Mistake("only the first layer", "The layers above the first are left out.")
    .to_fix(
        "run every layer on the sequence of the one below",
        "pass num_layers (torch) or stack the layers (Keras)",
    )
    .when("several_layers")
    .change(outputs=(_first_only,)),
)
