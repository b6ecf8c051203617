"""What decides Keras' rounding here, and the paths by which it computes an activation."""

import os
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


def facts() -> dict[str, str]:
    """Versions, backend, threads and the oneDNN flag, for reports."""
    return {
        "keras": keras.__version__,
        "keras backend": keras.backend.backend(),
        "tensorflow": tf.__version__,
        "tensorflow threads": str(
            tf.config.threading.get_intra_op_parallelism_threads()
            or os.environ.get("TF_NUM_INTRAOP_THREADS")
            or os.cpu_count()
        ),
        "tensorflow oneDNN": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
    }


def activation_paths(nonlinearity: str) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Each way in which Keras' RNN may compute this activation, array to array: eager, traced, compiled by XLA."""
    activation = keras.activations.get(nonlinearity)

    def path(function: Callable[[tf.Tensor], tf.Tensor]) -> Callable[[np.ndarray], np.ndarray]:
        return lambda z: function(tf.constant(z)).numpy()

    return {
        "eager": path(activation),
        "traced": path(tf.function(activation)),
        "xla": path(tf.function(activation, jit_compile=True)),
    }
