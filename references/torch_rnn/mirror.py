"""The mirror of torch.nn.RNN and nn.RNNCell: copies W, U and both biases, folds nothing."""

from typing import Any

import torch

from references.arrays import DTYPES
from references.case import Case, CellWeights, Config
from references.unsupported import Unsupported

# W (H, I), U (H, H), b_W (H,) and b_U (H,) stand in torch as they are.
PARAMETERS = {"W": "weight_ih", "U": "weight_hh", "b_W": "bias_ih", "b_U": "bias_hh"}


def write(case: Case) -> torch.nn.RNN:
    """Puts the case's weights into `nn.RNN(batch_first=True)`.

    Raises Unsupported for what nn.RNN has not: go_backwards, other nonlinearities.
    """
    refuse(case.config)
    rnn = torch.nn.RNN(**arguments(case.config), batch_first=True)
    rnn.load_state_dict(state_dict(case), strict=True)
    return rnn


def read(module: torch.nn.Module) -> tuple[Config, tuple[CellWeights, ...]]:
    """Reads what `write` put in, bit for bit, from an `nn.RNN` or an `nn.RNNCell`.

    Raises Unsupported for another module, other parameters or dtypes, and dropout that would act.
    """
    title, rnn = f"torch.nn.{type(module).__name__}", type(module) is torch.nn.RNN
    if not rnn and type(module) is not torch.nn.RNNCell:
        raise Unsupported(f"{title} is neither torch.nn.RNN nor torch.nn.RNNCell")
    if rnn and module.training and module.dropout and module.num_layers > 1:
        raise Unsupported(f"{title} drops outputs in training; call its eval() first")
    state = module.state_dict()
    suffixes = [_suffix(*place) for place in _places(module)] if rnn else [""]
    names = [name for name in PARAMETERS if module.bias or not name.startswith("b")]
    strange = {PARAMETERS[name] + suffix for name in names for suffix in suffixes} ^ state.keys()
    if strange:
        raise Unsupported(f"{title} has not just its own parameters: {', '.join(sorted(strange))}")
    dtypes = sorted({str(tensor.dtype).removeprefix("torch.") for tensor in state.values()})
    if len(dtypes) > 1 or dtypes[0] not in DTYPES:
        raise Unsupported(f"{title} has dtype {' and '.join(dtypes)}, not {' or '.join(DTYPES)}")
    fields = ["input_size", "hidden_size", "nonlinearity", "bias"]
    fields += ["num_layers", "bidirectional"] if rnn else []
    config = Config(**{name: getattr(module, name) for name in fields}, dtype=dtypes[0])
    return config, tuple(
        CellWeights(**{name: state[PARAMETERS[name] + suffix].cpu().numpy() for name in names})
        for suffix in suffixes
    )


def arrays(module: torch.nn.Module) -> dict[str, Any]:
    """The arrays of a module by torch's names."""
    return {name: parameter.detach().numpy() for name, parameter in module.named_parameters()}


def refuse(config: Config) -> None:
    """Raises Unsupported, with the reason, for what nn.RNN has not."""
    if config.cell != "rnn":
        raise Unsupported(f"torch.nn.RNN is no {config.cell}")
    if config.nonlinearity not in ("tanh", "relu"):
        words = f"no nonlinearity {config.nonlinearity}, only tanh and relu"
        raise Unsupported(f"torch.nn.RNN has {words}")
    if config.go_backwards:
        raise Unsupported("torch.nn.RNN has no go_backwards")


def arguments(config: Config) -> dict[str, Any]:
    """The arguments of nn.RNN that say what is computed."""
    names = ("input_size", "hidden_size", "num_layers", "nonlinearity", "bias", "bidirectional")
    values = {name: getattr(config, name) for name in names}
    return values | {"dtype": getattr(torch, config.dtype)}


def state_dict(case: Case) -> dict[str, torch.Tensor]:
    """The case's weights by torch's names."""
    return {
        name: tensor
        for (layer, way), cell in zip(_places(case.config), case.weights, strict=True)
        for name, tensor in tensors(cell, case.config.bias, _suffix(layer, way)).items()
    }


def tensors(cell: CellWeights, bias: bool, suffix: str = "") -> dict[str, torch.Tensor]:
    """The weights of one layer in one direction by torch's names."""
    return {
        f"{PARAMETERS[name]}{suffix}": torch.tensor(array)
        for name, array in cell.arrays().items()
        if bias or not name.startswith("b")
    }


def _places(sizes: Any) -> list[tuple[int, int]]:
    """(layer, direction) of each of `Case.weights`."""
    ways = 1 + bool(sizes.bidirectional)
    return [divmod(index, ways) for index in range(sizes.num_layers * ways)]


def _suffix(layer: int, direction: int) -> str:
    return f"_l{layer}" + ("_reverse" if direction else "")
