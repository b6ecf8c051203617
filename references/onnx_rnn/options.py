"""The ways of writing and running ONNX's nodes, one field each, and what a way cannot compute.

A named variant changes one or two of these; tests draw them in all pairs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from references.case import Case
from references.unsupported import Unsupported


@dataclass(frozen=True)
class Options:
    """How a case is written in ONNX: by default a node a layer, its weights as initializers."""

    engine: str = "runtime"  # or "reference": onnx's ReferenceEvaluator
    layout: int = 0  # or 1: the batch first
    weights: str = "initializers"  # or "inputs" of the graph, as they may be too
    state: str = "given"  # or "default": no input, "halves": the sequence in two calls
    backwards: str = "arrays"  # go_backwards reverses those, or is a "direction" of the node
    directions: str = "one node"  # or "two nodes": forward and reverse, joined by Concat
    lengths: str = "where needed"  # or "always": sequence_lens without padding too
    attributes: str = "where needed"  # or "all": the defaults are spelled out
    outputs: str = "all"  # or "last": of the top layer Y_h alone, on every beginning
    opset: int = 14  # or 7, 22
    optimized: bool = True  # or as the graph stands
    threads: int = 1


EVALUATED = ("tanh", "linear")  # the activations of an RNN that the evaluator has


def refuse(case: Case, options: Options) -> None:
    """Raises Unsupported, with the reason, where this way cannot compute this case."""
    for reasons in (_of_engine, _of_masks, _of_calls):
        for holds, reason in reasons(case, options):
            if holds:
                raise Unsupported(reason)


def lengths_of(case: Case, options: Options) -> np.ndarray | None:
    """The steps of each row (B,) that a node gets as sequence_lens; None where it gets none."""
    if case.mask is not None and case.is_masked:
        return np.asarray(case.mask.sum(axis=1), np.int32)
    return np.full(case.batch, case.time, np.int32) if options.lengths == "always" else None


def _of_engine(case: Case, options: Options) -> Iterator[tuple[bool, str]]:
    config, evaluated = case.config, options.engine == "reference"
    # fmt: off
    yield (not evaluated and config.dtype == "float64",
           "ONNX Runtime has no RNN, GRU or LSTM in float64")
    yield (not evaluated and options.layout == 1,
           "ONNX Runtime has no layout 1, the batch first")
    yield (evaluated and config.nonlinearity not in EVALUATED,
           f"onnx's ReferenceEvaluator has no RNN of {config.nonlinearity}, only tanh and linear")
    yield (evaluated and (not options.optimized or options.threads > 1),
           "onnx's ReferenceEvaluator has neither an optimizer nor threads")
    yield options.layout == 1 and options.opset < 14, "layout is an attribute since opset 14"
    # fmt: on


def _of_masks(case: Case, options: Options) -> Iterator[tuple[bool, str]]:
    if not case.is_masked:
        return
    mask = np.asarray(case.mask)
    flipped = case.config.go_backwards and options.backwards == "arrays"
    lengths = mask.sum(axis=1)
    valid = np.arange(case.time) < lengths[:, np.newaxis]
    # fmt: off
    yield (case.masked_output == "repeat",
           "ONNX puts out zeros past sequence_lens; masked_output is 'repeat'")
    yield (not np.array_equal(valid, mask[:, ::-1] if flipped else mask),
           "sequence_lens masks the last steps alone")
    yield not lengths.all(), "ONNX does not say what a row of no steps leaves as its states"
    # fmt: on


def _of_calls(case: Case, options: Options) -> Iterator[tuple[bool, str]]:
    config, halves, last = case.config, options.state == "halves", options.outputs == "last"
    reverse = options.backwards == "direction" and config.go_backwards
    # fmt: off
    yield (reverse and (config.bidirectional or config.num_layers > 1),
           "direction=reverse is one layer in one direction")
    yield (options.directions == "two nodes" and not config.bidirectional,
           "there is only one direction")
    yield (options.state == "default" and not case.starts_from_zeros,
           "the nodes start from zeros, the case does not")
    yield halves and case.time == 1, "there is only one step, which has no halves"
    yield (halves and (config.bidirectional or reverse),
           "the backward direction of a sequence cannot be fed in halves")
    yield last and halves, "every beginning is a call of its own"
    yield (last and (config.bidirectional or reverse),
           "the last output of the backward direction is at the first step")
    yield (halves or last) and case.is_masked, "a beginning of a padded row has other lengths"
    # fmt: on
