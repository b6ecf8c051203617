"""Stacked layers mixed up."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from harness.draw.features import has
from harness.mistakes.mistake import Edits, Mistake, final_of, run
from references.case import Case, CellWeights, Outputs

Layer = tuple[CellWeights, ...]


def _weights(change: Callable[[list[Layer]], list[Layer]]) -> Edits:
    def changed(case: Case) -> Case:
        D = case.config.num_directions
        layers = [case.weights[start : start + D] for start in range(0, len(case.weights), D)]
        return replace(
            case, weights=tuple(cell for layer in change(layers) for cell in layer), origin=""
        )

    return Edits(case=changed)


def _reads_the_input(case: Case, outputs: Outputs) -> Outputs:
    """The top layer reads the case's inputs, which are as wide as a layer's outputs here."""
    D = case.config.num_directions
    top = replace(
        case,
        config=replace(case.config, num_layers=1),
        weights=case.weights[-D:],
        h_0=case.h_0[-D:],
        origin="",
    )
    alone = run(top, Edits())
    return Outputs(alone.sequence, np.concatenate([final_of(outputs)[:-D], final_of(alone)]))


def _first_only(case: Case, outputs: Outputs) -> Outputs:
    return Outputs(outputs.layers[0] if outputs.layers else outputs.sequence, outputs.h_n)


MISTAKES = (
    Mistake(
        "upper layers in reverse",
        "layers",
        "The layers above the first are stacked the other way round.",
        "weights go lowest layer first: l0, l1, l2",
        lambda case: case.config.num_layers > 2,
        _weights(lambda layers: [layers[0], *layers[:0:-1]]),
    ),
    Mistake(
        "one layer's weights twice",
        "layers",
        "The third layer uses the second layer's weights.",
        "copy each layer's own weights: check the loop variable",
        lambda case: case.config.num_layers > 2,
        _weights(lambda layers: [*layers[:2], *[layers[1]] * (len(layers) - 2)]),
    ),
    Mistake(
        "top layer reads the input",
        "layers",
        "The top layer reads the input sequence, not the layer below.",
        "feed each layer the sequence of the one below",
        lambda case: (
            case.config.num_layers > 1
            and case.config.input_size == case.config.output_size
            and not case.config.go_backwards
        ),
        Edits(outputs=_reads_the_input),
    ),
    Mistake(
        "only the first layer",
        "layers",
        "The layers above the first are left out.",
        "pass num_layers (torch) or stack the layers (Keras)",
        has("several_layers"),
        Edits(outputs=_first_only),
    ),
)
