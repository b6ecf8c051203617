"""Masks read wrongly."""

from dataclasses import replace

import numpy as np

from harness.mistakes.mistake import Mistake
from references.case import Case, Outputs


def _mixed(case: Case) -> bool:
    """Some row has steps that count and others that do not."""
    return case.mask is not None and bool((case.mask.any(axis=1) & ~case.mask.all(axis=1)).any())


def _zero_pads(case: Case) -> Case:
    if case.mask is None:
        return case
    inputs = np.where(case.mask[:, :, np.newaxis], case.inputs, 0)
    return replace(case, inputs=inputs.astype(case.config.dtype), mask=None, origin="")


def _blank_pads(case: Case, outputs: Outputs) -> Outputs:
    if case.mask is None or case.masked_output == "repeat":
        return outputs
    mask = case.mask[:, ::-1] if case.config.go_backwards else case.mask
    return replace(outputs, sequence=outputs.sequence * mask[:, :, np.newaxis], layers=None)


MISTAKES = (
    Mistake("mask ignored", "Every step counts, whatever the mask.")
    .to_fix(
        "at a masked step carry the state on unchanged",
        "pass mask= (Keras), or pack the sequence (torch)",
    )
    .when("masked")
    .change_case(mask=lambda mask: None),
    Mistake("mask inverted", "Steps count where they should be masked.")
    .to_fix("True means that a step counts")
    .when("has_mask")
    .change_case(mask=np.logical_not),
    Mistake("mask reversed", "The mask is read from the end.")
    .to_fix("reverse inputs and mask together")
    .when(_mixed)
    .change_case(mask=np.fliplr),
    Mistake("mask one step late", "The mask is off by one step.")
    .to_fix("inputs[:, t] goes with mask[:, t]")
    .when(_mixed)
    .change_case(mask=lambda mask: np.roll(mask, 1, axis=1)),
    Mistake("mask of another row", "Each row uses its neighbour's mask.")
    .to_fix("after sorting by length, sort the mask too")
    .when("masked", "several_rows")
    .change_case(mask=lambda mask: np.roll(mask, 1, axis=0)),
    Mistake(
        "state updated on masked steps", "Masked steps change the state, though they are not shown."
    )
    .to_fix("at a masked step the state is carried on unchanged")
    .when(_mixed)
    .change(hold=lambda now, state: state),
    Mistake(
        "pads zeroed while the recurrence runs on",
        "Masked inputs are zero, but U h + b still changes the state.",
    )
    .to_fix("at a masked step keep the state as it is", "pass mask= in Keras, or pack in torch")
    .when("masked")
    .change(case=(_zero_pads,), outputs=(_blank_pads,)),
    Mistake("state zero on masked steps", "A masked step resets the state.")
    .to_fix("at a masked step the state is carried on unchanged")
    .when(_mixed)
    .change(hold=lambda now, state: np.where(now.valid, state, 0)),
    Mistake("zeros for repeat", "Masked steps put out zeros where the previous output is wanted.")
    .to_fix(
        "repeat the previous output at masked steps",
        "pass zero_output_for_mask=False in Keras",
    )
    .when("masked", masked_output="repeat")
    .change_case(masked_output=lambda _: "zero"),
    Mistake("repeat for zeros", "Masked steps repeat the previous output where zeros are wanted.")
    .to_fix(
        "put out zeros at masked steps",
        "pass zero_output_for_mask=True in Keras; torch pads packed sequences with zeros",
    )
    .when("masked", masked_output="zero")
    .change_case(masked_output=lambda _: "repeat"),
)
