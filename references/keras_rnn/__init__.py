"""keras.layers.SimpleRNN, GRU and LSTM as an implementation, and its variants.

This is the only folder that imports Keras and TensorFlow.
"""

import os

# Drops TensorFlow's start-up notices; its errors still appear.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from references.keras_rnn import mirror, source
from references.keras_rnn.calls import run
from references.keras_rnn.framework import activation_paths, facts
from references.keras_rnn.variants import VARIANTS

__all__ = ["VARIANTS", "activation_paths", "facts", "mirror", "run", "source"]
