"""Which known differences a case and options meet, written from what each entry says, not from what
was observed.
"""


def faults(case, options):
    """The ids of the ledger's entries; empty where Keras has to be right."""
    config, bidirectional = case.config, case.config.bidirectional
    masked = case.is_masked
    backwards, several, double = (
        config.go_backwards,
        config.num_layers > 1,
        config.dtype == "float64",
    )
    last = options.last
    zeros = case.masked_output == "zero" or bidirectional
    by_layer = options.merge in ("sum", "ave", "mul") or (last and several)
    whole_stack = options.layer != "stacked" and not by_layer
    listed = (options.layer == "stacked" and several) or options.layer == "list of one"
    has_mask = case.mask is not None or (
        options.mask == "masking" and not options.starts_from_argument
    )
    conditions = {
        "keras-mask-lost-with-initial-state": options.mask == "masking"
        and masked
        and options.starts_from_argument,
        "keras-go-backwards-mask": options.mask == "masking"
        and masked
        and backwards
        and several
        and whole_stack,
        "keras-unroll-zeros-wrong-steps": options.unroll
        and masked
        and zeros
        and (backwards or bidirectional)
        and not (last and not several),
        "keras-last-output-zeros": options.returns.endswith("zeros")
        and masked
        and not bidirectional,
        "keras-bidirectional-go-backwards": options.backward == "made"
        and backwards
        and bidirectional,
        "keras-reset-state-takes-no-states": options.state == "reset_to",
        "keras-reset-stacked-cells": options.state == "reset" and listed,
        "keras-bidirectional-weights": options.weights == "argument",
        "keras-wrapper-float64": options.dtype == "inside"
        and double
        and (bidirectional or options.layer == "RNN"),
        "keras-list-of-cells-float64": options.dtype == "inside" and double and listed,
        "keras-list-of-cells-float64-mask": options.dtype == "inside"
        and double
        and listed
        and has_mask,
        "keras-list-of-one-cell-mask": options.layer == "list of one"
        and has_mask
        and not options.unroll,
        "keras-bidirectional-stateful-state": options.stateful
        and bidirectional
        and "state" in options.returns,
        "keras-predict-float64": options.call == "predict" and double,
        "keras-jit-gru-state": options.call == "jit" and config.cell == "gru" and has_mask,
    }
    return {name for name, met in conditions.items() if met}
