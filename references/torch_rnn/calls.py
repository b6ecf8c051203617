"""The ways of calling torch's layers: from a case and options to Outputs."""

import io
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.utils._pytree import tree_map

from references.case import Case, Outputs
from references.cells.walk import Pass, layers
from references.torch_rnn.mirror import CELLS, LAYERS, arguments, state_dict, tensors
from references.torch_rnn.options import Options, lengths_of, refuse

# What torch warns of, though it is what was asked for: dropout does nothing in one layer,
# TorchScript is deprecated, a trace holds for its shapes, a flag of oneDNN's is of Intel's GPUs.
EXPECTED = (
    "dropout option adds dropout", ".*torch.jit", "Converting a tensor", "TF32 acceleration on top"
)  # fmt: skip
GRAD: dict[str, Any] = {"on": nullcontext, "off": torch.no_grad, "inference": torch.inference_mode}
ORDER = (
    "input_size", "hidden_size", "num_layers", "nonlinearity", "bias", "batch_first", "dropout",
    "bidirectional", "proj_size", "device", "dtype",
)  # fmt: skip
States = tuple[torch.Tensor, ...]  # h, or h and c
Callee = Callable[..., Any]  # a layer or a cell, or what is called in its place


def compute(case: Case, options: Options) -> Outputs:
    """Computes the case as the options say. Raises Unsupported for what cannot be computed so."""
    refuse(case, options)
    with warnings.catch_warnings(), ExitStack() as stack:
        for message in EXPECTED:
            warnings.filterwarnings("ignore", message)
        if not options.onednn:
            stack.enter_context(torch.backends.mkldnn.flags(enabled=False))
        stack.enter_context(GRAD[options.grad]())
        if options.module == "cells":
            return layers(case, partial(_step_by_step, options))
        return _whole(case, options)


def call_layer(module: torch.nn.Module, case: Case) -> Outputs:
    """Calls a layer or a cell on weights of its own, in the layout that it has."""
    if isinstance(module, torch.nn.RNNCellBase):
        options = Options(module="cells")
        refuse(case, options)
        with torch.no_grad():
            return layers(case, partial(_along_time, module, options))
    options = Options(layout="batch_first" if module.batch_first else "time_major")
    if case.is_masked:
        options = replace(options, layout="packed")
    refuse(case, options)
    states = tuple(_tensor(state, options) for state in case.states)
    with torch.no_grad():
        sequence, last = _call(module, _tensor(case.inputs, options), states, case, options)
    return _outputs(sequence, last)


def _outputs(sequence: torch.Tensor, last: States) -> Outputs:
    return Outputs.of(sequence.detach().numpy(), [state.detach().numpy() for state in last])


def _whole(case: Case, options: Options) -> Outputs:
    """The case by one layer of torch's, which does the loops itself."""
    module, weights = build(case, options), state_dict(case)
    inputs = _tensor(case.inputs, options)
    states = tuple(_tensor(state, options) for state in case.states)
    if options.weights == "after":
        module.load_state_dict({name: -value for name, value in weights.items()}, strict=True)
        _call(module, inputs, states, case, options)
    ready = _with_weights(module, weights, options)
    if options.state != "halves":
        start = None if options.state == "default" else states
        sequence, last = _call(ready, inputs, start, case, options)
    else:
        half = case.time // 2
        first, between = _call(ready, inputs[:, :half], states, case, options)
        second, last = _call(ready, inputs[:, half:], between, case, options)
        sequence = torch.cat([first, second], dim=1)
    return _outputs(sequence, last)


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
    layer = LAYERS[case.config.cell]
    if options.module == "skip_init":
        layer = partial(torch.nn.utils.skip_init, layer)
    module = layer(*positions, **names)
    if options.weights == "double":
        module = module.double()
    return module.eval() if options.dropout else module


def _with_weights(module: torch.nn.Module, weights: dict[str, Any], options: Options) -> Callee:
    """What is called in the module's place once it has these weights."""
    if options.weights == "functional":
        return lambda *arguments: torch.func.functional_call(module, weights, arguments)
    assigned = options.weights == "assigned"
    if assigned:
        weights = {name: array.t().contiguous().t() for name, array in weights.items()}
    module.load_state_dict(weights, strict=True, assign=assigned)
    if options.form == "scripted":
        return torch.jit.script(module)  # type: ignore[no-any-return]
    if options.form == "saved":
        file = io.BytesIO()
        torch.save(module, file)
        file.seek(0)
        # These bytes are ours, of two lines above; a whole module needs unpickling.
        return torch.load(file, weights_only=False)  # type: ignore[no-any-return]
    return partial(_traced, module) if options.form == "traced" else module


def _traced(module: torch.nn.Module, *arguments: Any) -> Any:
    """Traces the module on ones of the same shapes, then calls it."""
    ones = tree_map(torch.ones_like, arguments)
    return torch.jit.trace(module, ones, check_trace=False)(*arguments)


def _call(
    module: Callee,
    inputs: torch.Tensor,
    states: States | None,
    case: Case,
    options: Options,
) -> tuple[torch.Tensor, States]:
    """inputs (B, T, I), states each (L*D, B, H) -> sequence (B, T, H*D), the last states alike."""
    if options.layout == "time_major":
        sequence, last = _forward(module, inputs.transpose(0, 1), states)
        return sequence.transpose(0, 1), last
    if options.layout == "vmap":
        dims = (0, None if states is None else 1)
        over_rows = torch.func.vmap(partial(_forward, module), in_dims=dims, out_dims=(0, 1))
        return over_rows(inputs, states)  # type: ignore[no-any-return]
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


def _forward(module: Callee, inputs: Any, states: States | None) -> tuple[Any, States]:
    """Calls a layer."""
    output, last = _result(module, inputs, states)
    return output, _states(last)


def _result(module: Callee, inputs: Any, states: States | None) -> Any:
    """What a layer or a cell returns. An LSTM's states are a pair, those of others one tensor."""
    if states is None:
        return module(inputs)
    return module(inputs, states[0] if len(states) == 1 else states)


def _states(hx: Any) -> States:
    """The states that torch returns, as a tuple."""
    return hx if isinstance(hx, tuple) else (hx,)


def _packed(
    module: Callee,
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
    """A cell with the part's weights, set as the options say, and a loop of it over time."""
    cell = _cell(part, options)
    weights = tensors(part.weights, part.case.config.bias)
    if options.weights == "after":
        cell.load_state_dict({name: -value for name, value in weights.items()}, strict=True)
        steps, states = _steps(part, options)
        _step(cell, steps[0], states, options)
    return _along_time(_with_weights(cell, weights, options), options, part)


def _steps(part: Pass, options: Options) -> tuple[Sequence[torch.Tensor], States | None]:
    """The inputs of each step, T tensors (B, I), and the initial states."""
    steps = _tensor(part.inputs, options).unbind(dim=1)
    if options.state == "default":
        return steps, None
    return steps, tuple(_tensor(state, options) for state in part.initial)


def _along_time(
    ready: Callee, options: Options, part: Pass
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """A loop of the cell over time, as users write it; the walk reverses time, not the cell."""
    steps, states = _steps(part, options)
    outputs = []
    for input_t in steps:
        states = _step(ready, input_t, states, options)
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


def _step(cell: Callee, input_t: torch.Tensor, states: States | None, options: Options) -> States:
    """input_t (B, I), states each (B, H) -> the new states."""
    if options.layout != "unbatched":
        return _states(_result(cell, input_t, states))
    rows = [
        _states(_result(cell, row, states and tuple(state[index] for state in states)))
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
