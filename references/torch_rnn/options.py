"""The ways of writing and calling torch's layers, one field each, and what a way cannot compute.

A named variant changes one or two of these; tests draw them in all pairs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from references.case import Case
from references.torch_rnn import mirror
from references.unsupported import Unsupported


@dataclass(frozen=True)
class Options:
    """How a case is written in torch: by default a layer with batch_first and gradients on."""

    # or "positional": arguments by position, "all positional": device and dtype too,
    # "skip_init": made by torch.nn.utils.skip_init, "cells": a loop of its cell
    module: str = "layer"
    # or "time_major", "unbatched", "vmap": over unbatched rows, "packed", "packed_sorted"
    layout: str = "batch_first"
    state: str = "given"  # or "default": no argument, "halves": the sequence in two calls
    # or "after" a first call with others, "double": into a float32 module after .double(),
    # "assigned": as views of transposed arrays, "functional": by torch.func.functional_call
    weights: str = "before"
    form: str = "module"  # or "saved" and loaded again, "traced", "scripted" by TorchScript
    grad: str = "on"  # or "off" by no_grad, "inference" mode
    dropout: bool = False  # an argument that acts in training only
    strided: bool = False  # inputs and states that are no contiguous arrays
    onednn: bool = True  # or torch's own kernels, also where oneDNN has one, as for an LSTM


def refuse(case: Case, options: Options) -> None:
    """Raises Unsupported, with the reason, where this way cannot compute this case.

    Some ways also exclude each other.
    """
    config, cells = case.config, options.module == "cells"
    mirror.refuse(replace(config, go_backwards=config.go_backwards and not cells))
    for holds, reason in chain(_of_masks(case, options), _of_calls(case, options)):
        if holds:
            raise Unsupported(reason)


def _of_masks(case: Case, options: Options) -> Iterator[tuple[bool, str]]:
    packed = options.layout.startswith("packed")
    masked = case.is_masked
    # fmt: off
    yield masked and not packed, f"torch.{mirror.title(case.config)} takes no mask"
    yield (masked and case.masked_output == "repeat",
           "a packed sequence has no outputs at masked steps; masked_output is 'repeat'")
    yield (masked and not _right_padded(case),
           "a packed sequence is masked on the right alone, never throughout")
    # fmt: on


def _of_calls(case: Case, options: Options) -> Iterator[tuple[bool, str]]:
    config, cells, halves = case.config, options.module == "cells", options.state == "halves"
    layer, cell = mirror.title(config), mirror.title(config, is_cell=True)
    # fmt: off
    yield (cells and options.layout not in ("batch_first", "unbatched"),
           f"{cell} takes one step, so it has no layout of sequences")
    yield cells and options.dropout, f"{cell} has no dropout"
    yield (options.state == "default" and not case.starts_from_zeros,
           f"{layer} starts from zeros, the case does not")
    yield halves and case.time == 1, "there is only one step, which has no halves"
    yield (halves and config.bidirectional,
           "the backward direction of a sequence cannot be fed in halves")
    yield halves and cells, "a loop of cells is fed step by step, not in halves"
    yield halves and case.is_masked, "a packed half would need rows of no steps"
    yield (options.form == "traced" and options.layout.startswith("packed"),
           "torch.jit.trace takes no PackedSequence")
    yield (options.form != "module" and options.weights == "functional",
           "functional_call takes a module as it is")
    yield (options.weights == "double" and config.dtype != "float64",
           ".double() makes float64 of a module")
    # fmt: on


def lengths_of(case: Case) -> np.ndarray:
    """(B,) steps of each row."""
    return np.full(case.batch, case.time) if case.mask is None else case.mask.sum(axis=1)


def _right_padded(case: Case) -> bool:
    lengths = lengths_of(case)
    valid = np.arange(case.time) < lengths[:, np.newaxis]
    return bool((lengths > 0).all()) and np.array_equal(valid, case.mask)  # type: ignore[arg-type]
