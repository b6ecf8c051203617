"""keras.layers.SimpleRNN as an implementation; the only folder that imports Keras and TensorFlow."""

from references.keras_rnn.framework import activation_paths, facts
from references.keras_rnn.plain import run

__all__ = ["activation_paths", "facts", "run"]
