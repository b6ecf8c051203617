"""What decides torch's rounding here, and the paths by which it computes an activation."""

from collections.abc import Callable

import numpy as np
import torch


def facts() -> dict[str, str]:
    """Reports the version, threads and instruction sets."""
    return {
        "torch": torch.__version__,
        "torch threads": str(torch.get_num_threads()),
        "torch instruction set": torch.backends.cpu.get_cpu_capability(),
        "torch oneDNN": "on" if torch.backends.mkldnn.is_available() else "off",
    }


def activation_paths(nonlinearity: str) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Lists the ways in which torch's RNN may compute this activation, array to array."""
    if nonlinearity != "tanh":
        return {}
    return {"eager": lambda z: torch.tanh(torch.from_numpy(z)).numpy()}
