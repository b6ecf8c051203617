"""Several layers that were read, as one: each reads what the one below it puts out."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import numpy as np

from references.case import Case, Config, Outputs
from references.layer import Layer, Unreadable
from references.unsupported import Unsupported

Run = Callable[[Case], Outputs]


def stacked(parts: Sequence[Layer]) -> Layer:
    """The layers, lowest first, as one. Raises Unreadable where they do not fit."""
    first, *above = parts
    if not above:
        return first
    name, config = ",".join(part.name for part in parts), first.config
    expected = replace(
        config, input_size=config.output_size, go_backwards=False, num_layers=1, bias=True
    )
    for below, one in zip(parts, above, strict=False):
        actual = replace(one.config, num_layers=1, bias=True)
        for field, value in asdict(expected).items():
            if (own := getattr(actual, field)) != value:
                words = f"{one.name} has {field} {own!r}, and upon {below.name} it needs {value!r}"
                raise Unreadable(f"{name} is no stack: {words}")
    whole = replace(
        config,
        num_layers=sum(part.config.num_layers for part in parts),
        bias=any(part.config.bias for part in parts),
    )
    weights = tuple(cell for part in parts for cell in part.weights)
    names = tuple(cell for part in parts for cell in part.names)
    assumptions = dict.fromkeys(text for part in parts for text in part.assumptions)
    return Layer(name, whole, weights, first.framework, names, tuple(assumptions))


def run_stack(config: Config, parts: Sequence[tuple[Layer, Run]], case: Case) -> Outputs:
    """The case by layers that keep their weights. Raises Unsupported for another Config."""
    for field, value in asdict(config).items():
        if (own := getattr(case.config, field)) != value:
            raise Unsupported(f"the layer has {field} {value!r}, the case {own!r}")
    results: list[Outputs] = []
    sequence, mask, first = case.inputs, case.mask, 0
    for layer, run in parts:
        cells = slice(first, first + len(layer.weights))
        c_0 = None if case.c_0 is None else case.c_0[cells]
        own = (layer.config, layer.weights, sequence, case.h_0[cells], mask)
        results.append(run(Case(*own, case.masked_output, c_0=c_0)))
        sequence, first = results[-1].sequence, cells.stop
        if mask is not None and layer.config.go_backwards:
            mask = mask[:, ::-1]  # outputs are in processing order from here on
    return results[0] if len(parts) == 1 else _joined(config, results)


def _joined(config: Config, results: Sequence[Outputs]) -> Outputs:
    """The outputs of a stack from those of its layers."""
    layers = [layer for result in results for layer in result.layers or (result.sequence,)]
    all_layers = layers if len(layers) == config.num_layers else None
    h_n, c_n = ([getattr(result, name) for result in results] for name in ("h_n", "c_n"))
    last = [None if any(s is None for s in each) else np.concatenate(each) for each in (h_n, c_n)]
    return Outputs(results[-1].sequence, last[0], all_layers, c_n=last[1])
