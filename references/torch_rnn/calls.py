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
from references.torch_rnn.mirror import CELLS, LAYERS, arguments, state_dict, tensors
from references.torch_rnn.options import Options, lengths_of, refuse

GRAD: dict[str, Any] = {"on": nullcontext, "off": torch.no_grad, "inference": torch.inference_mode}
ORDER = (
    "input_size", "hidden_size", "num_layers", "nonlinearity", "bias", "batch_first", "dropout",
    "bidirectional", "proj_size", "device", "dtype",
)  # fmt: skip
States = tuple[torch.Tensor, ...]  # h, or h and c


def compute(case: Case, options: Options) -> Outputs:
    """Computes the case as the options say. Raises Unsupported for what cannot be computed so."""
    refuse(case, options)
    if options.module == "cells":
        with GRAD[options.grad]():
            return layers(case, partial(_step_by_step, options))
    module = build(case, options)
    initial = [case.h_0] if case.c_0 is None else [case.h_0, case.c_0]
    inputs, states = _tensor(case.inputs, options), tuple(_tensor(s, options) for s in initial)
    with GRAD[options.grad]():
        if options.weights == "after":
            other = {name: -value for name, value in state_dict(case).items()}
            module.load_state_dict(other, strict=True)
            _call(module, inputs, states, case, options)
        module.load_state_dict(state_dict(case), strict=True)
        if options.state != "halves":
            start = None if options.state == "default" else states
            sequence, last = _call(module, inputs, start, case, options)
        else:
            half = case.time // 2
            first, between = _call(module, inputs[:, :half], states, case, options)
            second, last = _call(module, inputs[:, half:], between, case, options)
            sequence = torch.cat([first, second], dim=1)
    h_n, *c_n = (state.detach().numpy() for state in last)
    return Outputs(sequence.detach().numpy(), h_n, c_n=c_n[0] if c_n else None)


def run(case: Case) -> Outputs:
    """The layer with batch_first, called as users call it, with the case's initial states."""
    return compute(case, Options())


def build(case: Case, options: Options) -> torch.nn.RNNBase:
    """The layer with the case's arguments, by name or by position; its weights are set elsewhere.

    By position they stand in the order that torch documents.
    """
    names = arguments(case.config)
    names |= {"batch_first": options.layout != "time_major", "dropout": 0.5 * options.dropout}
    if options.weights == "double":
        names["dtype"] = torch.float32
    positions: list[Any] = []
    if options.module == "all positional":
        names |= {"device": None}
        names |= {"proj_size": 0} if case.config.cell == "lstm" else {}
    if "positional" in options.module:
        last = len(ORDER) if options.module == "all positional" else ORDER.index("proj_size")
        positions = [names.pop(name) for name in ORDER[:last] if name in names]
    with warnings.catch_warnings():
        # torch warns that dropout does nothing in one layer; in eval mode it does nothing at all.
        warnings.filterwarnings("ignore", "dropout option adds dropout", UserWarning)
        module = LAYERS[case.config.cell](*positions, **names)
    if options.weights == "double":
        module = module.double()
    return module.eval() if options.dropout else module


def _call(
    module: torch.nn.Module,
    inputs: torch.Tensor,
    states: States | None,
    case: Case,
    options: Options,
) -> tuple[torch.Tensor, States]:
    """inputs (B, T, I), states each (L*D, B, H) -> sequence (B, T, H*D), the last states alike."""
    if options.layout == "time_major":
        sequence, last = _forward(module, inputs.transpose(0, 1), states)
        return sequence.transpose(0, 1), last
    if options.layout == "unbatched":
        rows = [
            _forward(module, row, states and tuple(state[:, index] for state in states))
            for index, row in enumerate(inputs)
        ]
        sequences, lasts = zip(*rows, strict=True)
        return torch.stack(sequences), tuple(
            torch.stack(state, dim=1) for state in zip(*lasts, strict=True)
        )
    if options.layout.startswith("packed"):
        lengths = np.minimum(lengths_of(case), inputs.shape[1])
        return _packed(module, inputs, states, lengths, options.layout == "packed_sorted")
    return _forward(module, inputs, states)


def _forward(module: torch.nn.Module, inputs: Any, states: States | None) -> tuple[Any, States]:
    """Calls a layer."""
    output, last = module(inputs, _hx(states))
    return output, _states(last)


def _hx(states: States | None) -> Any:
    """The states as torch takes them: an LSTM's are a pair, those of the others one tensor."""
    return states[0] if states is not None and len(states) == 1 else states


def _states(hx: Any) -> States:
    """The states that torch returns, as a tuple."""
    return hx if isinstance(hx, tuple) else (hx,)


def _packed(
    module: torch.nn.Module,
    inputs: torch.Tensor,
    states: States | None,
    lengths: np.ndarray,
    by_hand: bool,
) -> tuple[torch.Tensor, States]:
    """Rows of these lengths; sorted by hand for `enforce_sorted=True`, else in any order."""
    order = np.argsort(-lengths, kind="stable") if by_hand else np.arange(len(lengths))
    packed = pack_padded_sequence(
        inputs[order], torch.tensor(lengths[order]), batch_first=True, enforce_sorted=by_hand
    )
    start = states and tuple(state[:, order] for state in states)
    output, last = _forward(module, packed, start)
    sequence, _ = pad_packed_sequence(output, batch_first=True, total_length=inputs.shape[1])
    back = np.argsort(order)
    return sequence[back], tuple(state[:, back] for state in last)


def _step_by_step(options: Options, part: Pass) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """A loop of the cell over time, as users write it; the walk reverses time, not the cell."""
    steps = _tensor(part.inputs, options).unbind(dim=1)  # T tensors (B, I)
    states: States | None = None
    if options.state != "default":
        states = tuple(_tensor(state, options) for state in part.initial)
    cell = _cell(part, options)
    weights = tensors(part.weights, part.case.config.bias)
    if options.weights == "after":
        cell.load_state_dict({name: -value for name, value in weights.items()}, strict=True)
        _step(cell, steps[0], states, options)
    cell.load_state_dict(weights, strict=True)
    outputs = []
    for input_t in steps:
        states = _step(cell, input_t, states, options)
        outputs.append(states[0].detach().numpy())
    assert states is not None  # there is at least one step
    return np.stack(outputs, axis=1), tuple(state.detach().numpy() for state in states)


def _cell(part: Pass, options: Options) -> torch.nn.RNNCellBase:
    config, double = part.case.config, options.weights == "double"
    dtype = torch.float32 if double else getattr(torch, config.dtype)
    names = arguments(config) | {"input_size": part.inputs.shape[2], "dtype": dtype}
    del names["num_layers"], names["bidirectional"]
    cell = CELLS[config.cell](**names)
    return cell.double() if double else cell


def _step(
    cell: torch.nn.Module, input_t: torch.Tensor, states: States | None, options: Options
) -> States:
    """input_t (B, I), states each (B, H) -> the new states."""
    if options.layout != "unbatched":
        return _states(cell(input_t, _hx(states)))
    rows = [
        _states(cell(row, _hx(states and tuple(state[index] for state in states))))
        for index, row in enumerate(input_t)
    ]
    return tuple(torch.stack(state) for state in zip(*rows, strict=True))


def _tensor(array: np.ndarray, options: Options) -> torch.Tensor:
    tensor = torch.tensor(array.copy())
    if not options.strided:
        return tensor
    spread = torch.full((*array.shape[:-1], 2 * array.shape[-1]), torch.nan, dtype=tensor.dtype)
    spread[..., ::2] = tensor
    return spread[..., ::2]
