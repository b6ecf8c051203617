"""From a case and options to Outputs: a module with the case's weights, and the calls that the options ask for."""

import warnings
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from references.case import Case, Outputs
from references.torch_rnn.options import Options, lengths_of, refuse
from references.torch_rnn.plain import state_dict

GRAD: dict[str, Any] = {"on": nullcontext, "off": torch.no_grad, "inference": torch.inference_mode}


def compute(case: Case, options: Options) -> Outputs:
    """The case, written and called as the options say. Raises Unsupported for what cannot be computed so."""
    refuse(case, options)
    with warnings.catch_warnings():
        # torch warns that dropout does nothing in one layer; in eval mode it does nothing at all.
        warnings.filterwarnings("ignore", "dropout option adds dropout", UserWarning)
        module = build(case, options)
    inputs, state = _tensor(case.inputs, options), _tensor(case.h_0, options)
    with GRAD[options.grad]():
        if options.weights == "after":
            module.load_state_dict(
                {name: -value for name, value in state_dict(case).items()}, strict=True
            )
            _call(module, inputs, state, case, options)
        module.load_state_dict(state_dict(case), strict=True)
        if options.state != "halves":
            sequence, final = _call(
                module, inputs, None if options.state == "default" else state, case, options
            )
        else:
            half = case.time // 2
            first, carried = _call(module, inputs[:, :half], state, case, options)
            second, final = _call(module, inputs[:, half:], carried, case, options)
            sequence = torch.cat([first, second], dim=1)
    return Outputs(sequence.detach().numpy(), final.detach().numpy())


def build(case: Case, options: Options) -> torch.nn.RNN:
    """nn.RNN with the case's arguments, by name or by position."""
    config = case.config
    batch_first, dropout = options.layout != "time_major", 0.5 if options.dropout else 0.0
    dtype = torch.float32 if options.weights == "double" else getattr(torch, config.dtype)
    sizes = (config.input_size, config.hidden_size, config.num_layers)
    positional = (
        *sizes,
        config.nonlinearity,
        config.bias,
        batch_first,
        dropout,
        config.bidirectional,
    )
    if options.module == "all positional":
        module = torch.nn.RNN(*positional, None, dtype)
    elif options.module == "positional":
        module = torch.nn.RNN(*positional, dtype=dtype)
    else:
        module = torch.nn.RNN(
            *sizes,
            nonlinearity=config.nonlinearity,
            bias=config.bias,
            batch_first=batch_first,
            dropout=dropout,
            bidirectional=config.bidirectional,
            dtype=dtype,
        )
    if options.weights == "double":
        module = module.double()
    return module.eval() if options.dropout else module


def _call(
    module: torch.nn.Module,
    inputs: torch.Tensor,
    state: torch.Tensor | None,
    case: Case,
    options: Options,
) -> tuple[torch.Tensor, torch.Tensor]:
    """inputs (B, T, I), state (L*D, B, H) -> sequence (B, T, H*D), final state (L*D, B, H), by way of the layout."""
    if options.layout == "time_major":
        sequence, final = module(inputs.transpose(0, 1), state)
        return sequence.transpose(0, 1), final
    if options.layout == "unbatched":
        rows = [
            module(row, None if state is None else state[:, index])
            for index, row in enumerate(inputs)
        ]
        return torch.stack([sequence for sequence, _ in rows]), torch.stack(
            [final for _, final in rows], dim=1
        )
    if options.layout.startswith("packed"):
        return _packed(
            module,
            inputs,
            state,
            np.minimum(lengths_of(case), inputs.shape[1]),
            options.layout == "packed_sorted",
        )
    return module(inputs, state)  # type: ignore[no-any-return]


def _packed(
    module: torch.nn.Module,
    inputs: torch.Tensor,
    state: torch.Tensor | None,
    lengths: np.ndarray,
    by_hand: bool,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of these lengths; sorted by hand with `enforce_sorted=True`, else in any order with `enforce_sorted=False`."""
    order = np.argsort(-lengths, kind="stable") if by_hand else np.arange(len(lengths))
    packed = pack_padded_sequence(
        inputs[order], torch.tensor(lengths[order]), batch_first=True, enforce_sorted=by_hand
    )
    output, final = module(packed, None if state is None else state[:, order])
    sequence, _ = pad_packed_sequence(output, batch_first=True, total_length=inputs.shape[1])
    back = np.argsort(order)
    return sequence[back], final[:, back]


def _tensor(array: np.ndarray, options: Options) -> torch.Tensor:
    if not options.strided:
        return torch.tensor(array)
    spread = torch.full(
        (*array.shape[:-1], 2 * array.shape[-1]), torch.nan, dtype=getattr(torch, array.dtype.name)
    )
    spread[..., ::2] = torch.tensor(array)
    return spread[..., ::2]
