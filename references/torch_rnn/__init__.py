"""torch.nn.RNN as an implementation, and its variants; the only folder that imports torch."""

from references.torch_rnn import variants
from references.torch_rnn.framework import activation_paths, facts
from references.torch_rnn.plain import run

__all__ = ["VARIANTS", "activation_paths", "facts", "run"]

# By what they vary: the layout, the module, the gradient, the state, the weights.
VARIANTS = {
    "time_major": variants.time_major,
    "unbatched": variants.unbatched,
    "packed": variants.packed,
    "packed_sorted": variants.packed_sorted,
    "cells": variants.cells,
    "positional": variants.positional,
    "all_positional": variants.all_positional,
    "no_grad": variants.no_grad,
    "inference": variants.inference,
    "halves": variants.halves,
    "default_state": variants.default_state,
    "weights_after": variants.weights_after,
    "double": variants.double,
    "dropout": variants.dropout,
    "strided": variants.strided,
}
