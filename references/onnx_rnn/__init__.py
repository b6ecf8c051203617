"""ONNX's nodes RNN, GRU and LSTM as an implementation, and its variants.

This is the only folder that imports onnx and ONNX Runtime.
"""

from references.onnx_rnn import mirror, source
from references.onnx_rnn.calls import run
from references.onnx_rnn.framework import activation_paths, facts
from references.onnx_rnn.variants import VARIANTS

__all__ = ["VARIANTS", "activation_paths", "facts", "mirror", "run", "source"]
