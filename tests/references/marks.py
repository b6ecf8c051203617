"""Marks of tests that several files have."""

import pytest

# Keras and h5py convert arrays in a way that NumPy 2 deprecates.
COPY_WARNING = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)
