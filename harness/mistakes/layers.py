"""Stacked layers mixed up."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from harness.mistakes.mistake import Mistake, run
from references.case import Case, Outputs


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


def _read_the_input(case: Case, outputs: Outputs) -> Outputs:
    """Lets the top layer read the inputs, which are as wide as a layer's outputs here."""
    D = case.config.num_directions
    one_layer = replace(case.config, num_layers=1)
    top = run(replace(case, config=one_layer, weights=case.weights[-D:], h_0=case.h_0[-D:]))
    h_n = np.array(outputs.h_n)
    h_n[-D:] = np.asarray(top.h_n)
    return Outputs(top.sequence, h_n)


def _first_only(case: Case, outputs: Outputs) -> Outputs:
    return Outputs(outputs.layers[0] if outputs.layers else outputs.sequence, outputs.h_n)


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
    Mistake(
        "top layer reads the input", "The top layer reads the input sequence, not the layer below."
    )
    .to_fix("feed each layer the sequence of the one below")
    .when("several_layers", _as_wide)
    .change(outputs=(_read_the_input,)),
    Mistake("only the first layer", "The layers above the first are left out.")
    .to_fix("pass num_layers (torch) or stack the layers (Keras)")
    .when("several_layers")
    .change(outputs=(_first_only,)),
)
