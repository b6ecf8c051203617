"""The walk over layers, directions and steps: of every cell, of every mistake, and of the judge.

This is the only place that knows in which order steps are taken, and what a mask shows.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from references.case import Case, CellWeights, Outputs
from references.cells import CELLS
from references.cells.activations import ACTIVATIONS
from references.cells.gates import by_gate

States = tuple[np.ndarray, ...]


def halves(sequence: np.ndarray, directions: int) -> list[np.ndarray]:
    """Each direction's share (B, T, H), in processing order, of a layer's (B, T, H*D)."""
    parts = np.split(sequence, directions, axis=2)
    return [part[:, ::-1] if direction else part for direction, part in enumerate(parts)]


class Pass(NamedTuple):
    """One layer in one direction. Time runs in processing order: the first step stands first."""

    case: Case
    layer: int
    direction: int
    inputs: np.ndarray  # (B, T, width of what the layer reads)
    initial: States  # each (B, H)
    mask: np.ndarray | None  # (B, T), True = a step that counts

    @property
    def weights(self) -> CellWeights:
        """The weights of this layer and direction."""
        return self.case.weights[self.layer * self.case.config.num_directions + self.direction]

    def half(self, sequence: np.ndarray) -> np.ndarray:
        """This direction's share (B, T, H), in processing order, of the layer's (B, T, H*D)."""
        H = self.case.config.hidden_size
        share = sequence[:, :, self.direction * H : (self.direction + 1) * H]
        return share[:, ::-1] if self.direction else share

    def states_before(self, outputs: np.ndarray, steps: slice = slice(None)) -> np.ndarray:
        """h before these of T + 1 steps, (B, n, H), where T steps gave `outputs`.

        By default before each, and after the last. It may be a view of the outputs.
        """
        first = self.initial[0][:, np.newaxis]
        if self.mask is None:
            start, stop, _ = steps.indices(outputs.shape[1] + 1)
            if start:
                return outputs[:, start - 1 : stop - 1]
            return np.concatenate([first, outputs[:, : stop - 1]], axis=1)
        last = self._last_valid(self.mask)[:, steps]
        before = np.take_along_axis(outputs, np.maximum(last - 1, 0), axis=1)
        return np.where(last > 0, before, first)

    def masked_outputs(self, outputs: np.ndarray) -> np.ndarray:
        """What each step (B, T, H) would put out if it were masked: the last output, or zeros."""
        if self.mask is None or self.case.masked_output == "zero":
            return np.zeros_like(outputs)
        from_zeros = np.concatenate([np.zeros_like(outputs[:, :1]), outputs], axis=1)
        return np.take_along_axis(from_zeros, self._last_valid(self.mask)[:, 1:], axis=1)

    def show(self, outputs: np.ndarray, observed: np.ndarray) -> np.ndarray:
        """The outputs (B, T, H), and at masked steps what is shown there after those observed."""
        if self.mask is None:
            return outputs
        masked = self.masked_outputs(observed)
        return np.where(self.mask[:, :, np.newaxis], outputs, masked)

    @staticmethod
    def _last_valid(mask: np.ndarray) -> np.ndarray:
        """(B, T + 1, 1): one more than the last valid step among the first t, 0 for none."""
        B, T = mask.shape
        last = np.zeros((B, T + 1, 1), int)
        steps = np.where(mask, np.arange(1, T + 1), 0)
        np.maximum.accumulate(steps, axis=1, out=last[:, 1:, 0])
        return last


class Layer(NamedTuple):
    """One layer, all its directions. Where it reads backwards, its inputs do not yet stand so."""

    case: Case
    number: int  # 0 for the lowest
    inputs: np.ndarray  # (B, T, width of what the layer reads)
    initial: States  # each (D, B, H)
    mask: np.ndarray | None  # (B, T)

    @property
    def backwards(self) -> bool:
        """True for the lowest layer of a case with go_backwards: it reverses time for all."""
        return self.case.config.go_backwards and self.number == 0

    @property
    def weights(self) -> tuple[CellWeights, ...]:
        """The weights of each direction."""
        D = self.case.config.num_directions
        return self.case.weights[self.number * D : (self.number + 1) * D]

    def in_processing_order(self, array: Any) -> Any:
        """The inputs or the mask (B, T, ...), reversed in time where the layer reads backwards."""
        return array[:, ::-1] if self.backwards and array is not None else array


WholeLayer = Callable[[Layer], tuple[np.ndarray, States | None]]


def stack(case: Case, whole_layer: WholeLayer) -> Outputs:
    """The only loop over layers.

    `whole_layer(layer)` gives its sequence (B, T, H*D) in processing order, and its last states,
    each (D, B, H), or None where it shows none.
    """
    D = case.config.num_directions
    sequence, mask = case.inputs, case.mask
    sequences, last = [], []
    for index in range(case.config.num_layers):
        of_layer = tuple(state[index * D : (index + 1) * D] for state in case.states)
        layer = Layer(case, index, sequence, of_layer, mask)
        sequence, states = whole_layer(layer)
        mask = layer.in_processing_order(mask)
        sequences.append(np.ascontiguousarray(sequence))
        last.append(states)
    of_all = None if None in last else [*map(np.concatenate, zip(*last, strict=True))]
    return Outputs.of(sequences[-1], of_all, tuple(sequences))


AlongTime = Callable[[Pass], tuple[np.ndarray, States]]


def layers(case: Case, along_time: AlongTime) -> Outputs:
    """The only loop over directions, for every layer.

    `along_time(part)` gives the part's outputs (B, T, H), and its last states, each (B, H).
    """
    return stack(case, partial(_directions, along_time))


def _directions(along_time: AlongTime, layer: Layer) -> tuple[np.ndarray, States]:
    inputs, mask = map(layer.in_processing_order, (layer.inputs, layer.mask))
    halves, last = [], []
    for direction, time in enumerate((1, -1)[: layer.case.config.num_directions]):
        initial = tuple(state[direction] for state in layer.initial)
        reordered = None if mask is None else mask[:, ::time]
        part = Pass(layer.case, layer.number, direction, inputs[:, ::time], initial, reordered)
        half, states = along_time(part)
        halves.append(half[:, ::time])
        last.append(states)
    states = tuple(np.array(each) for each in zip(*last, strict=True))
    if len(halves) == 1:
        return halves[0], states
    # Step by step in memory, as `recur` gives a half and reads the layer below: (T, H*D, B).
    sequence = np.concatenate([half.transpose(1, 2, 0) for half in halves], axis=1)
    return sequence.transpose(2, 0, 1), states


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
    """The loop over time of the loop, of every mistaken step and of `propagate`.

    It gives the outputs (B, T, H) and the last states, each (B, H).
    """
    config = part.case.config
    p = by_gate(part.weights, config, ACTIVATIONS[config.nonlinearity])
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
