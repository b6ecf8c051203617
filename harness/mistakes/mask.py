"""Masks read wrongly."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from harness.draw.features import has
from harness.mistakes.mistake import Edits, Mistake
from references.case import Case


def _mixed(case: Case) -> bool:
    return case.mask is not None and bool((case.mask.any(axis=1) & ~case.mask.all(axis=1)).any())


def _mask(change: Callable[[np.ndarray], np.ndarray]) -> Edits:
    return Edits(
        case=lambda case: (
            case
            if case.mask is None
            else replace(case, mask=np.ascontiguousarray(change(case.mask)), origin="")
        )
    )


def _shown(masked_output: Literal["repeat", "zero"]) -> Edits:
    return Edits(case=lambda case: replace(case, masked_output=masked_output, origin=""))


HOW = "pass mask= (Keras), or pack the sequence (torch)"
MISTAKES = (
    Mistake(
        "mask ignored",
        "mask",
        "Every step counts, whatever the mask.",
        HOW,
        has("masked"),
        Edits(case=lambda case: replace(case, mask=None, origin="")),
    ),
    Mistake(
        "mask inverted",
        "mask",
        "Steps count where they should be masked.",
        "True means that a step counts",
        has("has_mask"),
        _mask(np.logical_not),
    ),
    Mistake(
        "mask reversed",
        "mask",
        "The mask is read from the end.",
        "reverse inputs and mask together",
        _mixed,
        _mask(lambda mask: mask[:, ::-1]),
    ),
    Mistake(
        "mask one step late",
        "mask",
        "The mask is off by one step.",
        "inputs[:, t] goes with mask[:, t]",
        _mixed,
        _mask(lambda mask: np.roll(mask, 1, axis=1)),
    ),
    Mistake(
        "mask of another row",
        "mask",
        "Each row uses its neighbour's mask.",
        "after sorting by length, sort the mask too",
        has("masked", "several_rows"),
        _mask(lambda mask: np.roll(mask, 1, axis=0)),
    ),
    Mistake(
        "state updated on masked steps",
        "mask",
        "Masked steps change the state, though they are not shown.",
        "at a masked step the state is carried on unchanged",
        _mixed,
        Edits(masked=lambda now, output, mask_t: output),
    ),
    Mistake(
        "state zero on masked steps",
        "mask",
        "A masked step resets the state.",
        "at a masked step the state is carried on unchanged",
        _mixed,
        Edits(masked=lambda now, output, mask_t: np.where(mask_t, output, 0)),
    ),
    Mistake(
        "zeros for repeat",
        "mask",
        "Masked steps put out zeros where the previous output is wanted.",
        "zero_output_for_mask=False in Keras",
        has("masked", masked_output="repeat"),
        _shown("zero"),
    ),
    Mistake(
        "repeat for zeros",
        "mask",
        "Masked steps repeat the previous output where zeros are wanted.",
        "zero_output_for_mask=True in Keras; torch pads packed sequences with zeros",
        has("masked", masked_output="zero"),
        _shown("repeat"),
    ),
)
