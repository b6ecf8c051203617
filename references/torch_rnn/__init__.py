"""torch.nn.RNN, GRU and LSTM as one implementation, with variants; all that imports torch."""

from references.torch_rnn import mirror, source
from references.torch_rnn.calls import run
from references.torch_rnn.export import onnx_bytes
from references.torch_rnn.framework import activation_paths, facts
from references.torch_rnn.variants import VARIANTS

__all__ = ["VARIANTS", "activation_paths", "facts", "mirror", "onnx_bytes", "run", "source"]
