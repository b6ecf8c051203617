"""The mirror into torch.nn.RNN: copies W, U, both biases and the initial state; transposes and folds nothing."""

import numpy as np
import torch

from references.case import Case, Outputs
from references.unsupported import Unsupported


def run(case: Case) -> Outputs:
    """`nn.RNN(batch_first=True)` called as users call it, with the case's initial state."""
    config = case.config
    if config.nonlinearity not in ("tanh", "relu"):
        raise Unsupported(
            f"torch.nn.RNN has no nonlinearity {config.nonlinearity}, only tanh and relu"
        )
    if config.go_backwards:
        raise Unsupported("torch.nn.RNN has no go_backwards")
    if case.mask is not None and not case.mask.all():
        raise Unsupported("torch.nn.RNN takes no mask")
    rnn = _loaded(case)
    sequence, h_n = rnn(torch.tensor(case.inputs), torch.tensor(case.h_0))
    return Outputs(sequence.detach().numpy(), h_n.detach().numpy())


def held(case: Case) -> dict[str, np.ndarray]:
    """The weights by torch's names, read back from a layer that holds them."""
    return {
        name: parameter.detach().numpy() for name, parameter in _loaded(case).named_parameters()
    }


def _loaded(case: Case) -> torch.nn.RNN:
    config = case.config
    rnn = torch.nn.RNN(
        config.input_size,
        config.hidden_size,
        num_layers=config.num_layers,
        nonlinearity=config.nonlinearity,
        bias=config.bias,
        batch_first=True,
        bidirectional=config.bidirectional,
        dtype=getattr(torch, config.dtype),
    )
    rnn.load_state_dict(state_dict(case), strict=True)
    return rnn


def state_dict(case: Case) -> dict[str, torch.Tensor]:
    """The case's weights under torch's names: weight_ih (H, I) = W, weight_hh (H, H) = U, bias_ih = b_W, bias_hh = b_U."""
    state = {}
    for index, cell in enumerate(case.weights):
        layer, direction = divmod(index, case.config.num_directions)
        suffix = f"l{layer}" + ("_reverse" if direction else "")
        state[f"weight_ih_{suffix}"] = torch.tensor(cell.W)
        state[f"weight_hh_{suffix}"] = torch.tensor(cell.U)
        if case.config.bias:
            state[f"bias_ih_{suffix}"] = torch.tensor(cell.b_W)
            state[f"bias_hh_{suffix}"] = torch.tensor(cell.b_U)
    return state
