"""The ways of calling torch's layers: from a case and options to Outputs."""

import warnings
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from references.case import Case, Outputs
from references.cells.walk import Pass, layers
from references.torch_rnn.mirror import arguments, state_dict, tensors
from references.torch_rnn.options import Options, lengths_of, refuse

GRAD: dict[str, Any] = {"on": nullcontext, "off": torch.no_grad, "inference": torch.inference_mode}
ORDER = (
    "input_size", "hidden_size", "num_layers", "nonlinearity", "bias", "batch_first", "dropout",
    "bidirectional",
)  # fmt: skip
Pair = tuple[torch.Tensor, torch.Tensor]


def compute(case: Case, options: Options) -> Outputs:
    """Computes the case as the options say. Raises Unsupported for what cannot be computed so."""
    refuse(case, options)
    if options.module == "cells":
        with GRAD[options.grad]():
            return layers(case, partial(_step_by_step, options))
    module = build(case, options)
    inputs, state = _tensor(case.inputs, options), _tensor(case.h_0, options)
    with GRAD[options.grad]():
        if options.weights == "after":
            other = {name: -value for name, value in state_dict(case).items()}
            module.load_state_dict(other, strict=True)
            _call(module, inputs, state, case, options)
        module.load_state_dict(state_dict(case), strict=True)
        if options.state != "halves":
            start = None if options.state == "default" else state
            sequence, h_n = _call(module, inputs, start, case, options)
        else:
            half = case.time // 2
            first, between = _call(module, inputs[:, :half], state, case, options)
            second, h_n = _call(module, inputs[:, half:], between, case, options)
            sequence = torch.cat([first, second], dim=1)
    return Outputs(sequence.detach().numpy(), h_n.detach().numpy())


def run(case: Case) -> Outputs:
    """`nn.RNN(batch_first=True)` called as users call it, with the case's initial state."""
    return compute(case, Options())


def build(case: Case, options: Options) -> torch.nn.RNN:
    """nn.RNN with the case's arguments, by name or by position; its weights are set elsewhere."""
    names = arguments(case.config)
    names |= {"batch_first": options.layout != "time_major", "dropout": 0.5 * options.dropout}
    if options.weights == "double":
        names["dtype"] = torch.float32
    positions: list[Any] = []
    if "positional" in options.module:
        positions = [names.pop(name) for name in ORDER]
    if options.module == "all positional":
        positions += [None, names.pop("dtype")]
    with warnings.catch_warnings():
        # torch warns that dropout does nothing in one layer; in eval mode it does nothing at all.
        warnings.filterwarnings("ignore", "dropout option adds dropout", UserWarning)
        module = torch.nn.RNN(*positions, **names)
    if options.weights == "double":
        module = module.double()
    return module.eval() if options.dropout else module


def _call(
    module: torch.nn.Module,
    inputs: torch.Tensor,
    state: torch.Tensor | None,
    case: Case,
    options: Options,
) -> Pair:
    """inputs (B, T, I), state (L*D, B, H) -> sequence (B, T, H*D), h_n (L*D, B, H)."""
    if options.layout == "time_major":
        sequence, h_n = module(inputs.transpose(0, 1), state)
        return sequence.transpose(0, 1), h_n
    if options.layout == "unbatched":
        states = [None] * len(inputs) if state is None else state.unbind(dim=1)
        rows = [module(*row) for row in zip(inputs, states, strict=True)]
        sequences, last = zip(*rows, strict=True)
        return torch.stack(sequences), torch.stack(last, dim=1)
    if options.layout.startswith("packed"):
        lengths = np.minimum(lengths_of(case), inputs.shape[1])
        return _packed(module, inputs, state, lengths, options.layout == "packed_sorted")
    return module(inputs, state)  # type: ignore[no-any-return]


def _packed(
    module: torch.nn.Module,
    inputs: torch.Tensor,
    state: torch.Tensor | None,
    lengths: np.ndarray,
    by_hand: bool,
) -> Pair:
    """Rows of these lengths; sorted by hand for `enforce_sorted=True`, else in any order."""
    order = np.argsort(-lengths, kind="stable") if by_hand else np.arange(len(lengths))
    packed = pack_padded_sequence(
        inputs[order], torch.tensor(lengths[order]), batch_first=True, enforce_sorted=by_hand
    )
    output, h_n = module(packed, None if state is None else state[:, order])
    sequence, _ = pad_packed_sequence(output, batch_first=True, total_length=inputs.shape[1])
    back = np.argsort(order)
    return sequence[back], h_n[:, back]


def _step_by_step(options: Options, part: Pass) -> tuple[np.ndarray, tuple[np.ndarray]]:
    """A loop of nn.RNNCell over time, as users write it; the walk reverses time, not the cell."""
    steps = _tensor(part.inputs, options).unbind(dim=1)  # T tensors (B, I)
    state = None if options.state == "default" else _tensor(part.initial[0], options)
    cell = _cell(part, options)
    weights = tensors(part.weights, part.case.config.bias)
    if options.weights == "after":
        cell.load_state_dict({name: -value for name, value in weights.items()}, strict=True)
        _step(cell, steps[0], state, options)
    cell.load_state_dict(weights, strict=True)
    outputs = []
    for input_t in steps:
        state = _step(cell, input_t, state, options)
        outputs.append(state.detach().numpy())
    return np.stack(outputs, axis=1), (outputs[-1],)


def _cell(part: Pass, options: Options) -> torch.nn.RNNCell:
    config, double = part.case.config, options.weights == "double"
    dtype = torch.float32 if double else getattr(torch, config.dtype)
    sizes = (part.inputs.shape[2], config.hidden_size)
    cell = torch.nn.RNNCell(*sizes, config.bias, config.nonlinearity, dtype=dtype)
    return cell.double() if double else cell


def _step(
    cell: torch.nn.RNNCell, input_t: torch.Tensor, state: torch.Tensor | None, options: Options
) -> torch.Tensor:
    if options.layout != "unbatched":
        return cell(input_t, state)
    states = [None] * len(input_t) if state is None else state
    return torch.stack([cell(*row) for row in zip(input_t, states, strict=True)])


def _tensor(array: np.ndarray, options: Options) -> torch.Tensor:
    tensor = torch.tensor(array.copy())
    if not options.strided:
        return tensor
    spread = torch.full((*array.shape[:-1], 2 * array.shape[-1]), torch.nan, dtype=tensor.dtype)
    spread[..., ::2] = tensor
    return spread[..., ::2]
