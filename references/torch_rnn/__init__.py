"""torch.nn.RNN as an implementation; the only folder that imports torch."""

from references.torch_rnn.framework import activation_paths, facts
from references.torch_rnn.plain import run

__all__ = ["activation_paths", "facts", "run"]
