"""The mirror of torch's recurrent layers and cells: copies W, U and both biases, folds nothing.

The gates stand in torch's order, r, z, n and i, f, g, o, which is ours.
"""

from typing import Any

import torch
from torch.nn.utils.parametrize import is_parametrized

from references.arrays import DTYPES
from references.case import Case, CellWeights, Config
from references.layer import title_of
from references.state_dict import PARAMETERS as NAMES
from references.unsupported import Unsupported

LAYERS = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
CELLS = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}
# W (G*H, I), U (G*H, H), b_W (G*H,) and b_U (G*H,) stand in torch as they are.
PARAMETERS = {name: parameter for parameter, name in NAMES.items()}


def write(case: Case) -> torch.nn.RNNBase:
    """Puts the case's weights into `nn.RNN`, `nn.GRU` or `nn.LSTM`, with batch_first.

    Raises Unsupported for what torch has not, see `refuse`.
    """
    refuse(case.config)
    layer = LAYERS[case.config.cell](**arguments(case.config), batch_first=True)
    layer.load_state_dict(state_dict(case), strict=True)
    return layer


def read(module: torch.nn.Module) -> tuple[Config, tuple[CellWeights, ...]]:
    """Reads what `write` put in, bit for bit, from a recurrent layer or from one of its cells.

    Raises Unsupported for another module, other parameters or dtypes, projections, and dropout that
    would act.
    """
    module_name = title_of(module, "torch", "torch.nn")
    cell = _cell_of(module, module_name)
    is_layer = type(module) is LAYERS[cell]
    state = module.state_dict()
    own = names(module)
    strange = {name for cell_names in own for name in cell_names.values()} ^ state.keys()
    if strange:
        raise Unsupported(
            f"{module_name} has not just its own parameters: {', '.join(sorted(strange))}"
        )
    dtypes = sorted({str(tensor.dtype).removeprefix("torch.") for tensor in state.values()})
    if len(dtypes) > 1 or dtypes[0] not in DTYPES:
        raise Unsupported(
            f"{module_name} has dtype {' and '.join(dtypes)}, not {' or '.join(DTYPES)}"
        )
    fields = ["input_size", "hidden_size", "bias"]
    fields += ["nonlinearity"] if cell == "rnn" else []
    fields += ["num_layers", "bidirectional"] if is_layer else []
    values = {name: getattr(module, name) for name in fields}
    config = Config(**values, dtype=dtypes[0], cell=cell)
    return config, tuple(
        CellWeights(**{ours: state[theirs].cpu().numpy() for ours, theirs in cell_names.items()})
        for cell_names in own
    )


def _cell_of(module: torch.nn.Module, title: str) -> str:
    """The cell that a module computes. Raises Unsupported for one that computes something else."""
    if is_parametrized(module):
        text = f"{title} computes its parameters of others"
        raise Unsupported(f"{text}; call torch.nn.utils.parametrize.remove_parametrizations first")
    cell = next((name for name in LAYERS if type(module) in (LAYERS[name], CELLS[name])), "")
    if not cell:
        raise Unsupported(f"{title} is none of torch.nn.RNN, GRU, LSTM and their cells")
    if type(module) is LAYERS[cell]:
        if module.training and module.dropout and module.num_layers > 1:
            raise Unsupported(f"{title} drops outputs in training; call its eval() first")
        if module.proj_size:
            units = f"h to {module.proj_size} of {module.hidden_size} units"
            raise Unsupported(f"{title} has proj_size, which projects {units}; no Config says that")
    return cell


def names(module: torch.nn.Module) -> list[dict[str, str]]:
    """The names of a layer's or a cell's parameters by ours, for each of `Case.weights`."""
    is_layer = isinstance(module, torch.nn.RNNBase)
    suffixes = [_suffix(*place) for place in _places(module)] if is_layer else [""]
    kinds = [name for name in PARAMETERS if module.bias or not name.startswith("b")]
    return [{name: PARAMETERS[name] + suffix for name in kinds} for suffix in suffixes]


def arrays(module: torch.nn.Module) -> dict[str, Any]:
    """The arrays of a module by torch's names."""
    return {name: parameter.detach().numpy() for name, parameter in module.named_parameters()}


def title(config: Config, is_cell: bool = False) -> str:
    """The layer or the cell as torch calls it: `nn.GRU`."""
    return f"nn.{(CELLS if is_cell else LAYERS)[config.cell].__name__}"


def refuse(config: Config) -> None:
    """Raises Unsupported, with the reason, for what torch has not.

    That is go_backwards, a GRU that resets before the product, and other nonlinearities.
    """
    layer = f"torch.{title(config)}"
    if config.nonlinearity not in ("tanh", "relu"):
        words = f"no nonlinearity {config.nonlinearity}, only tanh and relu"
        raise Unsupported(f"{layer} has {words}")
    if config.go_backwards:
        raise Unsupported(f"{layer} has no go_backwards")
    if not config.reset_after:
        raise Unsupported(f"{layer} resets after the product U h, the case before it")


def arguments(config: Config) -> dict[str, Any]:
    """The arguments of the layer that say what is computed, in torch's order."""
    names = ["input_size", "hidden_size", "num_layers", "nonlinearity", "bias", "bidirectional"]
    if config.cell != "rnn":
        names.remove("nonlinearity")
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
