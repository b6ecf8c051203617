"""Implementations that let something leak from one call to the next.

Each is a class like those that people bring: one layer, one direction, tanh, no mask. It refuses
five cases of six.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from references import Unsupported
from references.case import Case, CellWeights, Outputs
from references.numpy_rnn import run

Run = Callable[[Case], Outputs]


def shape_of(case: Case) -> tuple[object, ...]:
    return case.inputs.shape, case.config


def plain(implementation: Run) -> Run:
    """Refuses what such a class does not have."""

    def limited(case: Case) -> Outputs:
        config = case.config
        for reason, present in (
            ("several layers", config.num_layers > 1),
            ("two directions", config.bidirectional),
            ("go_backwards", config.go_backwards),
            ("a mask", case.mask is not None),
            (config.nonlinearity, config.nonlinearity != "tanh"),
        ):
            if present:
                raise Unsupported(f"no {reason}")
        return implementation(case)

    return limited


def honest() -> Run:
    return plain(run)


def kept_state() -> Run:
    """A stateful layer for each shape, which an initial state of zeros does not reset."""
    states: dict[object, np.ndarray] = {}

    def implementation(case: Case) -> Outputs:
        start = case.h_0 if case.h_0.any() else states.get(shape_of(case), case.h_0)
        outputs = run(replace(case, h_0=start, origin=""))
        assert outputs.h_n is not None
        states[shape_of(case)] = outputs.h_n
        return outputs

    return plain(implementation)


def kept_state_by_weights() -> Run:
    """The same, in a layer that is built anew for other weights."""
    states: dict[object, np.ndarray] = {}

    def implementation(case: Case) -> Outputs:
        key = (shape_of(case), case.weights[0].W.tobytes())
        start = case.h_0 if case.h_0.any() else states.get(key, case.h_0)
        outputs = run(replace(case, h_0=start, origin=""))
        assert outputs.h_n is not None
        states[key] = outputs.h_n
        return outputs

    return plain(implementation)


def first_state() -> Run:
    """A stateful layer for each shape, which takes an initial state when it is built alone."""
    states: dict[object, np.ndarray] = {}

    def implementation(case: Case) -> Outputs:
        start = states.get(shape_of(case), case.h_0) if case.h_0.any() else case.h_0
        outputs = run(replace(case, h_0=start, origin=""))
        assert outputs.h_n is not None
        states[shape_of(case)] = outputs.h_n
        return outputs

    return plain(implementation)


def cached_weights() -> Run:
    """A layer for each shape, into which weights are loaded once."""
    layers: dict[object, tuple[CellWeights, ...]] = {}

    def implementation(case: Case) -> Outputs:
        weights = layers.setdefault(shape_of(case), case.weights)
        return run(replace(case, weights=weights, origin=""))

    return plain(implementation)


def shared_buffer() -> Run:
    """All calls of one shape return the same array."""
    buffers: dict[object, np.ndarray] = {}

    def implementation(case: Case) -> Outputs:
        outputs = run(case)
        sequence = outputs.sequence
        buffer = buffers.setdefault(shape_of(case), np.empty_like(sequence))
        buffer[:] = sequence
        return Outputs(buffer, outputs.h_n)

    return plain(implementation)


def random_call() -> Run:
    """One call of three carries noise."""
    lots = np.random.default_rng(0)

    def implementation(case: Case) -> Outputs:
        outputs = run(case)
        noise = lots.integers(3) == 0
        factor = outputs.sequence.dtype.type(1 + noise / 256)
        return Outputs(outputs.sequence * factor, outputs.h_n)

    return plain(implementation)


LEAKS = (
    kept_state,
    kept_state_by_weights,
    first_state,
    cached_weights,
    shared_buffer,
    random_call,
)
