"""The ways of writing and calling torch's layers, one field each, and what a way cannot compute.

A named variant changes one or two of these; tests draw them in all pairs.
"""

from dataclasses import dataclass

import numpy as np

from references.case import Case
from references.unsupported import Unsupported


@dataclass(frozen=True)
class Options:
    """How a case is written in torch; the defaults are `torch.nn.RNN(batch_first=True)`, called with gradients on."""

    module: str = "RNN"  # or "positional": arguments by position, "all positional": device and dtype too, "cells": a loop of nn.RNNCell
    layout: str = "batch_first"  # or "time_major", "unbatched", "packed", "packed_sorted"
    state: str = "given"  # or "default": no argument, "halves": the sequence in two calls
    weights: str = "before"  # or "after" a first call with others, "double": into a float32 module after .double()
    grad: str = "on"  # or "off" by no_grad, "inference" mode
    dropout: bool = False  # an argument that acts in training only
    strided: bool = False  # inputs and state that are no contiguous arrays


VALUES: dict[str, tuple[object, ...]] = {
    "module": ("RNN", "positional", "all positional", "cells"),
    "layout": ("batch_first", "time_major", "unbatched", "packed", "packed_sorted"),
    "state": ("given", "default", "halves"),
    "weights": ("before", "after", "double"),
    "grad": ("on", "off", "inference"),
    "dropout": (False, True),
    "strided": (False, True),
}


def refuse(case: Case, options: Options) -> None:
    """Raises Unsupported, with the reason, where this way cannot compute this case, or where the ways exclude each other."""
    config, cells, packed = (
        case.config,
        options.module == "cells",
        options.layout.startswith("packed"),
    )
    masked = case.mask is not None and not case.mask.all()
    for reason, holds in (
        (
            f"torch.nn.RNN has no nonlinearity {config.nonlinearity}, only tanh and relu",
            config.nonlinearity not in ("tanh", "relu"),
        ),
        ("torch.nn.RNN has no go_backwards", config.go_backwards and not cells),
        ("torch.nn.RNN takes no mask", masked and not packed),
        (
            "a packed sequence has no outputs at masked steps; masked_output is 'repeat'",
            masked and case.masked_output == "repeat",
        ),
        (
            "a packed sequence is masked on the right alone, never throughout",
            masked and not _right_padded(case),
        ),
        (
            "nn.RNNCell takes one step, so it has no layout of sequences",
            cells and options.layout not in ("batch_first", "unbatched"),
        ),
        ("nn.RNNCell has no dropout", cells and options.dropout),
        (
            "nn.RNN starts from zeros, the case does not",
            options.state == "default" and bool(case.h_0.any()),
        ),
        (
            "there is only one step, which has no halves",
            options.state == "halves" and case.time == 1,
        ),
        (
            "the backward direction of a sequence cannot be fed in halves",
            options.state == "halves" and config.bidirectional,
        ),
        ("a loop of cells is fed step by step, not in halves", options.state == "halves" and cells),
        (
            "a packed half would need rows of no steps",
            options.state == "halves" and packed and masked,
        ),
        (
            ".double() makes float64 of a module",
            options.weights == "double" and config.dtype != "float64",
        ),
    ):
        if holds:
            raise Unsupported(reason)


def lengths_of(case: Case) -> np.ndarray:
    """(B,) steps of each row."""
    return np.full(case.batch, case.time) if case.mask is None else case.mask.sum(axis=1)


def _right_padded(case: Case) -> bool:
    lengths = lengths_of(case)
    return bool((lengths > 0).all()) and np.array_equal(
        case.mask, np.arange(case.time) < lengths[:, np.newaxis]
    )  # type: ignore[arg-type]
