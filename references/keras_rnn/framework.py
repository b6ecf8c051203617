"""What decides Keras' rounding here, and the paths by which it computes an activation."""

import os
from collections.abc import Callable
from importlib import import_module

import keras
import numpy as np

from references.unsupported import Unsupported


def on_tensorflow() -> bool:
    """True where Keras computes with TensorFlow, its default backend."""
    return bool(keras.backend.backend() == "tensorflow")


def need_tensorflow(what: str) -> None:
    """Raises Unsupported where Keras computes with another backend."""
    if not on_tensorflow():
        words = f"{what} needs TensorFlow, and Keras runs on {keras.backend.backend()} here"
        raise Unsupported(f"{words}; set KERAS_BACKEND=tensorflow")


def need_dtype(dtype: str) -> None:
    """Raises Unsupported where the backend computes otherwise: only TensorFlow has float64."""
    other = keras.backend.result_type(dtype, dtype)
    if other != dtype:
        raise Unsupported(f"Keras computes {dtype} in {other} on {keras.backend.backend()}")


def facts() -> dict[str, str]:
    """Reports versions, backend, threads and the oneDNN flag."""
    backend = keras.backend.backend()
    versions = {"keras": keras.__version__, "keras backend": backend}
    package = import_module(backend)
    versions[backend] = package.__version__
    if not on_tensorflow():
        return versions
    threads = package.config.threading.get_intra_op_parallelism_threads()
    threads = threads or os.environ.get("TF_NUM_INTRAOP_THREADS") or os.cpu_count()
    return versions | {
        "tensorflow threads": str(threads),
        "tensorflow oneDNN": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
    }


def activation_paths(nonlinearity: str) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Lists the ways in which Keras' RNN may compute this activation, array to array.

    These are eager; on TensorFlow also traced, and compiled by XLA.
    """
    activation = keras.activations.get(nonlinearity)

    def path(function: Callable[..., object]) -> Callable[[np.ndarray], np.ndarray]:
        return lambda z: np.asarray(
            keras.ops.convert_to_numpy(function(keras.ops.convert_to_tensor(z)))
        )

    if not on_tensorflow():
        return {"eager": path(activation)}
    import tensorflow as tf

    return {
        "eager": path(activation),
        "traced": path(tf.function(activation)),
        "xla": path(tf.function(activation, jit_compile=True)),
    }
