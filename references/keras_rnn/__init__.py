"""keras.layers.SimpleRNN as an implementation; the only folder that imports Keras and TensorFlow."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's start-up notices; its errors are still shown

from references.keras_rnn.framework import activation_paths, facts
from references.keras_rnn.plain import run

__all__ = ["activation_paths", "facts", "run"]
