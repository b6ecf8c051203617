"""Right, but for Keras' floatx."""

import keras

from references.numpy_rnn import run


def floatx(case):
    keras.config.set_floatx("float64")
    return run(case)
