"""Right, but for what torch shares with all that runs after."""

import torch

from references.numpy_rnn import run


def threads(case):
    torch.set_num_threads(torch.get_num_threads() % 2 + 1)
    return run(case)


def seeds(case):
    torch.manual_seed(7)
    return run(case)


def draws(case):
    """What nobody minds."""
    torch.rand(3000)
    return run(case)
