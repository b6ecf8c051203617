"""A loop of torch.nn.RNNCell over time, layers and directions, as users write it."""

import numpy as np
import torch

from references.case import Case, CellWeights, Outputs
from references.torch_rnn.calls import GRAD
from references.torch_rnn.options import Options, refuse


def compute_cells(case: Case, options: Options) -> Outputs:
    """Every layer and direction is one RNNCell that is called at every step; the loop reverses time, not the cell."""
    refuse(case, options)
    D = case.config.num_directions
    order = -1 if case.config.go_backwards else 1
    below = torch.tensor(case.inputs[:, ::order].copy()).unbind(dim=1)  # T tensors (B, I)
    layers, finals = [], []
    with GRAD[options.grad]():
        for layer in range(case.config.num_layers):
            halves = []
            for direction in range(D):
                index = layer * D + direction
                state = None if options.state == "default" else torch.tensor(case.h_0[index])
                cell = _cell(case, case.weights[index], options, below[0], state)
                outputs = []
                for input_t in below[:: -1 if direction else 1]:
                    state = _step(cell, input_t, state, options)
                    outputs.append(state)
                halves.append(outputs[:: -1 if direction else 1])
                finals.append(outputs[-1].detach().numpy())
            below = [torch.cat(pair, dim=1) for pair in zip(*halves, strict=True)]
            layers.append(torch.stack(below, dim=1).detach().numpy())
    return Outputs(layers[-1], np.stack(finals), tuple(layers))


def _cell(
    case: Case,
    weights: CellWeights,
    options: Options,
    input_t: torch.Tensor,
    state: torch.Tensor | None,
) -> torch.nn.RNNCell:
    """weight_ih (H, I) = W, weight_hh (H, H) = U, bias_ih = b_W, bias_hh = b_U."""
    config, double = case.config, options.weights == "double"
    dtype = torch.float32 if double else getattr(torch, config.dtype)
    cell = torch.nn.RNNCell(
        weights.W.shape[1], config.hidden_size, config.bias, config.nonlinearity, dtype=dtype
    )
    cell = cell.double() if double else cell
    values = {"weight_ih": torch.tensor(weights.W), "weight_hh": torch.tensor(weights.U)}
    if config.bias:
        values |= {"bias_ih": torch.tensor(weights.b_W), "bias_hh": torch.tensor(weights.b_U)}
    if options.weights == "after":
        cell.load_state_dict({name: -value for name, value in values.items()}, strict=True)
        _step(cell, input_t, state, options)
    cell.load_state_dict(values, strict=True)
    return cell


def _step(
    cell: torch.nn.RNNCell, input_t: torch.Tensor, state: torch.Tensor | None, options: Options
) -> torch.Tensor:
    if options.layout == "unbatched":
        return torch.stack(
            [
                cell(row, None if state is None else state[index])
                for index, row in enumerate(input_t)
            ]
        )
    return cell(input_t, state)
