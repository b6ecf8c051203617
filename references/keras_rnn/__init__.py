"""keras.layers.SimpleRNN, GRU and LSTM as an implementation, and its variants.

This is the only folder that imports Keras and TensorFlow.
"""

from references.keras_rnn.notices import without_notices

with without_notices():
    from references.keras_rnn import mirror, source
    from references.keras_rnn.calls import run
    from references.keras_rnn.framework import activation_paths, facts
    from references.keras_rnn.variants import VARIANTS

__all__ = ["VARIANTS", "activation_paths", "facts", "mirror", "run", "source"]
