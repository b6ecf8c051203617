"""The walk over layers, directions and steps: of every cell, of every mistake, and of the judge.

This is the only place that knows in which order steps are taken and what a mask does.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from references.case import Case, CellWeights, Outputs
from references.cells import CELLS
from references.cells.activations import ACTIVATIONS
from references.cells.gates import by_gate

States = tuple[np.ndarray, ...]


class Pass(NamedTuple):
    """One layer in one direction. Time runs in processing order: the first step stands first."""

    case: Case
    layer: int
    direction: int
    inputs: np.ndarray  # (B, T, width of what the layer reads)
    initial: States  # each (B, H)
    mask: np.ndarray | None  # (B, T), True = a step that counts

    @property
    def index(self) -> int:
        """The position among `Case.weights` and the states."""
        return self.layer * self.case.config.num_directions + self.direction

    @property
    def weights(self) -> CellWeights:
        """The weights of this layer and direction."""
        return self.case.weights[self.index]

    def half(self, sequence: np.ndarray) -> np.ndarray:
        """This direction's share (B, T, H), in processing order, of the layer's (B, T, H*D)."""
        H = self.case.config.hidden_size
        share = sequence[:, :, self.direction * H : (self.direction + 1) * H]
        return share[:, ::-1] if self.direction else share

    def states_before(self, outputs: np.ndarray) -> np.ndarray:
        """h before each step and after the last, (B, T + 1, H), where steps gave `outputs`."""
        states = np.concatenate([self.initial[0][:, np.newaxis], outputs], axis=1)
        if self.mask is None:
            return states
        return np.take_along_axis(states, self._last_valid(self.mask), axis=1)

    def masked_outputs(self, outputs: np.ndarray) -> np.ndarray:
        """What each step (B, T, H) would put out if it were masked: the last output, or zeros."""
        if self.mask is None or self.case.masked_output == "zero":
            return np.zeros_like(outputs)
        from_zeros = np.concatenate([np.zeros_like(outputs[:, :1]), outputs], axis=1)
        return np.take_along_axis(from_zeros, self._last_valid(self.mask)[:, 1:], axis=1)

    @staticmethod
    def _last_valid(mask: np.ndarray) -> np.ndarray:
        """(B, T + 1, 1): one more than the last valid step among the first t, 0 for none."""
        steps = np.where(mask, np.arange(1, mask.shape[1] + 1), 0)
        return np.pad(np.maximum.accumulate(steps, axis=1), ((0, 0), (1, 0)))[:, :, np.newaxis]


AlongTime = Callable[[Pass], tuple[np.ndarray, States]]


def layers(case: Case, along_time: AlongTime) -> Outputs:
    """The only loop over layers and directions.

    `along_time(part)` gives the part's outputs (B, T, H), and its last states, each (B, H).
    """
    config = case.config
    order = -1 if config.go_backwards else 1
    sequence = case.inputs[:, ::order]
    mask = None if case.mask is None else case.mask[:, ::order]
    initial = [case.h_0] if case.c_0 is None else [case.h_0, case.c_0]
    sequences, last = [], []
    for layer in range(config.num_layers):
        halves = []
        for direction in range(config.num_directions):
            time = -1 if direction else 1
            index = layer * config.num_directions + direction
            part = Pass(
                case,
                layer,
                direction,
                sequence[:, ::time],
                tuple(state[index] for state in initial),
                None if mask is None else mask[:, ::time],
            )
            half, states = along_time(part)
            halves.append(half[:, ::time])
            last.append(states)
        sequence = np.concatenate(halves, axis=2)
        sequences.append(np.ascontiguousarray(sequence))
    h_n, *rest = (np.stack(states) for states in zip(*last, strict=True))
    return Outputs(sequences[-1], h_n, tuple(sequences), c_n=rest[0] if rest else None)


class Moment(NamedTuple):
    """One step of `recur`. A batch stands in columns."""

    part: Pass
    p: Any  # the weights by gate
    t: int
    input_t: np.ndarray  # (I, B)
    states: States  # each (H, B), before the step
    initial: States  # each (H, B), before the first step
    last_output: np.ndarray  # (H, B), of the step before, or the initial h
    valid: np.ndarray | None  # (B,), False = the step is masked

    @property
    def weights(self) -> CellWeights:
        """The weights of this layer and direction."""
        return self.part.weights

    @property
    def state_t(self) -> np.ndarray:
        """h (H, B) before the step."""
        return self.states[0]

    @property
    def time(self) -> int:
        """The number of steps."""
        return int(self.part.inputs.shape[1])

    def equation(self) -> States:
        """The new states, by the cell's own equation; the output stands first."""
        new: States = CELLS[self.part.case.config.cell].step(self.p, self.input_t, *self.states)
        return new

    def hold(self, new: States) -> States:
        """The states that go on: at a masked step, those before it."""
        if self.valid is None:
            return new
        return tuple(np.where(self.valid, *both) for both in zip(new, self.states, strict=True))


Step = Callable[[Moment], tuple[np.ndarray, States]]


def right_step(moment: Moment) -> tuple[np.ndarray, States]:
    """The output (H, B) and the states that go on to the next step."""
    new = moment.equation()
    return new[0], moment.hold(new)


def recur(step: Step, part: Pass) -> tuple[np.ndarray, States]:
    """The only loop over time: outputs (B, T, H) and the last states, each (B, H)."""
    config = part.case.config
    p = by_gate(part.weights, CELLS[config.cell].GATES, ACTIVATIONS[config.nonlinearity])
    initial = states = tuple(state.T for state in part.initial)
    output_t = initial[0]
    masked_t = np.zeros_like(output_t)  # what a masked step puts out
    successive_outputs = []
    for t, input_t in enumerate(part.inputs.transpose(1, 2, 0)):  # (T, I, B)
        valid = None if part.mask is None else part.mask[:, t]
        moment = Moment(part, p, t, input_t, states, initial, output_t, valid)
        output_t, states = step(moment)
        if valid is not None:
            output_t = np.where(valid, output_t, masked_t)
            if part.case.masked_output == "repeat":
                masked_t = output_t
        successive_outputs.append(output_t)
    return np.stack(successive_outputs).transpose(2, 0, 1), tuple(state.T for state in states)
