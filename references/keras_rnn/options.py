"""The ways of writing and calling Keras' layers, one field each, and what a way cannot compute.

A named variant changes one or two of these; tests draw them in all pairs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from references.case import Case, Config
from references.keras_rnn.framework import need_dtype, need_tensorflow
from references.unsupported import Unsupported


@dataclass(frozen=True)
class Options:
    """How a case is written in Keras; the defaults are the cell's own layer, called eagerly."""

    # SimpleRNN, GRU or LSTM; or "RNN" of a cell, "stacked": all in one, "list of one": RNN([cell])
    layer: str = "own"
    unroll: bool = False
    call: str = "eager"  # or "model", "function", "jit", "predict"
    mask: str = "argument"  # or "masking", a Masking layer below
    mask_dtype: str = "bool"  # or "int8", "float32"
    state: str = "given"  # or "default": no argument, "halves", "reset", "reset_to": stateful=True
    # or "after" a first call with others, "initializer", "argument" of Bidirectional
    weights: str = "before"
    saved: bool = False  # to a .keras file and loaded
    dropout: bool = False  # arguments that act in training only
    merge: str | None = "concat"  # Bidirectional's merge_mode
    # or "given": an explicit backward_layer, "made" by Bidirectional
    backward: str = "where needed"
    # or "sequences", "last", "last, state", "last, state, zeros": with zero_output_for_mask=True
    returns: str = "sequences, state"
    dtype: str = "everywhere"  # or "inside": the wrapper has none
    implementation: int = 2  # of a gru or lstm; 1: a product for each gate
    use_cudnn: str | bool = "auto"  # of a gru or lstm

    @property
    def last(self) -> bool:
        """True where return_sequences is False."""
        return self.returns.startswith("last")

    @property
    def stateful(self) -> bool:
        """True where the layers keep their states between calls."""
        return self.state in ("halves", "reset", "reset_to")

    @property
    def in_model(self) -> bool:
        """True where the layers stand in a functional Model."""
        return self.saved or self.call in ("model", "predict")

    @property
    def starts_from_argument(self) -> bool:
        """True where calls pass initial_state; a Model with that input needs it in every call."""
        return self.state == "given" or (self.state == "halves" and not self.in_model)


class Shape(NamedTuple):
    """What a network is built for: cases of one shape share it, and each sets its weights."""

    config: Config
    batch: int | None  # None where it may change from call to call
    time: int | None
    masked: bool
    masked_output: str
    mask_value: float


def shape_of(case: Case, options: Options) -> Shape:
    """The batch is fixed where layers are stateful, the time where they are unrolled."""
    value = mask_value(case) if options.mask == "masking" else 0.0
    batch, time = case.batch if options.stateful else None, case.time if options.unroll else None
    return Shape(case.config, batch, time, case.mask is not None, case.masked_output, value)


def mask_value(case: Case) -> float:
    """A number that fills no whole valid step of the inputs."""
    value = -7.25
    while case.mask is not None and (case.inputs[case.mask] == value).all(axis=-1).any():
        value -= 1
    return value


def refuse(case: Case, options: Options) -> None:
    """Raises Unsupported, with the reason, where this way cannot compute this case.

    Some ways also exclude each other.
    """
    need_dtype(case.config.dtype)
    if options.call in ("function", "jit"):
        need_tensorflow("tf.function")
    for holds, reason in chain(_of_options(options), _of_case(case, options)):
        if holds:
            raise Unsupported(reason)


def _of_options(options: Options) -> Iterator[tuple[bool, str]]:
    last, merged = options.last, options.merge in ("sum", "ave", "mul")
    # fmt: off
    yield (options.mask == "masking" and options.mask_dtype != "bool",
           "a mask taken from a Masking layer has no dtype of its own")
    yield (options.use_cudnn != "auto" and options.layer != "own",
           "an RNN of cells has no use_cudnn")
    yield (options.saved and options.weights == "initializer",
           "weights that come from a .keras file come from no initializer")
    yield (options.saved and options.state in ("reset", "reset_to"),
           "reset_state sets the layer, and a loaded model is another")
    yield (options.weights == "after" and options.state == "halves" and options.in_model,
           "a first call would leave its state behind")
    yield last and options.stateful, "a last output alone is no half of a sequence"
    yield (last and options.call == "jit",
           "XLA may round each length of a sequence in its own way")
    yield (merged and (options.stateful or last or options.weights == "argument"),
           "merged halves are told apart by runs with other weights")
    # fmt: on


def _of_case(case: Case, options: Options) -> Iterator[tuple[bool, str]]:
    yield from _of_directions(case, options)
    config, masked, last = case.config, case.mask is not None, options.last
    stacked, halves = options.layer == "stacked", options.state == "halves"
    # fmt: off
    yield (config.cell == "rnn" and (options.implementation != 2 or options.use_cudnn != "auto"),
           "SimpleRNN has one implementation, and cuDNN has none")
    yield (options.layer == "list of one" and config.num_layers > 1,
           "a list of one cell is one layer")
    yield (stacked and last and config.num_layers > 1,
           "one RNN of stacked cells shows no lower sequences to continue from")
    yield (options.dtype == "inside" and not config.bidirectional and options.layer == "own",
           "there is no wrapper with a dtype of its own")
    yield (not masked and (options.mask_dtype != "bool" or options.returns.endswith("zeros")),
           "the case has no mask")
    yield (_starts_from_zeros(options) and not case.starts_from_zeros,
           "the layer starts from zeros, the case does not")
    yield halves and case.time == 1, "there is only one step, which has no halves"
    yield (halves and config.bidirectional,
           "the backward direction of a sequence cannot be fed in halves")
    yield (halves and _repeats_across(case),
           "the second half cannot repeat an output of the first")
    yield (options.merge == "mul" and not config.bias and options.state == "default",
           "without bias and initial state nothing makes the other half 1")
    yield (options.merge == "mul" and config.cell == "lstm" and options.state == "default",
           "an LSTM whose cell state starts from 0 cannot put out 1")
    yield (options.merge == "mul" and config.nonlinearity not in UNIT,
           "tanh, relu or linear are needed to make the other half 0 or 1")
    yield (options.merge in ("sum", "ave") and config.nonlinearity == "sigmoid",
           "sigmoid has no weights that make the other half 0")
    yield (options.merge == "ave" and _tiny(case),
           "halving and doubling again could lose subnormal outputs")
    # fmt: on


def _of_directions(case: Case, options: Options) -> Iterator[tuple[bool, str]]:
    config, masked, last = case.config, case.mask is not None, options.last
    bidirectional, repeats = config.bidirectional, case.masked_output == "repeat"
    # fmt: off
    yield (bidirectional and masked and repeats and (config.num_layers > 1 or not last),
           FORCES_ZEROS)
    yield (last and masked and not repeats,
           "zero_output_for_mask is documented to act only on whole sequences")
    yield (options.merge != "concat" and not bidirectional,
           "only Bidirectional merges two directions")
    yield (options.backward != "where needed" and not bidirectional,
           "only Bidirectional has a backward_layer")
    yield (options.weights == "argument" and not bidirectional,
           "only Bidirectional takes weights as an argument")
    yield (options.weights == "initializer" and bidirectional,
           "Bidirectional copies the forward layer from its config, without its arrays")
    yield (options.layer in ("stacked", "list of one") and bidirectional,
           "a list of cells goes in one direction")
    # fmt: on


FORCES_ZEROS = "keras.layers.Bidirectional forces zeros at masked steps; masked_output is 'repeat'"
# The pre-activation at which the activation is exactly 1.
UNIT = {"tanh": 32.0, "relu": 1.0, "linear": 1.0}


def ones(config: Config) -> tuple[float, ...]:
    """The bias of each gate with which the cell puts out exactly 1, whatever the inputs.

    A gru's z is 0 and its n 1. An lstm's gates are 1, so c, which starts from 64, is never smaller.
    """
    gates = {"gru": (0.0, -2048.0, 64.0), "lstm": (128.0,) * 4}
    return gates[config.cell] if config.cell in gates else (UNIT.get(config.nonlinearity, 0.0),)


def _starts_from_zeros(options: Options) -> bool:
    return options.state in ("default", "reset") or (options.state == "halves" and options.in_model)


def _repeats_across(case: Case) -> bool:
    """True where a masked step opens the second half: the output before it is gone."""
    if case.mask is None or case.masked_output == "zero":
        return False
    order = -1 if case.config.go_backwards else 1
    return not case.mask[:, ::order][:, case.time // 2].all()


def _tiny(case: Case) -> bool:
    arrays = [array for cell in case.weights for array in cell.arrays().values()]
    arrays += [case.inputs, *case.states]
    sizes = np.abs(np.concatenate([array.ravel() for array in arrays]))
    return bool((sizes[sizes > 0] < 2.0**-30).any())
