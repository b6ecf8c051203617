"""The ways of running ONNX's nodes: from a case and options to Outputs."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator

from references.case import Case, Config, Outputs
from references.cells import CELLS
from references.cells.walk import States
from references.onnx_rnn.graph import Graph, parts_of
from references.onnx_rnn.nodes import arrays_of
from references.onnx_rnn.options import Options, lengths_of, refuse

Arrays = dict[str, np.ndarray]
Engine = Callable[[Arrays], Arrays]
SILENT = 4  # a failure is raised, and need not be printed besides


def run(case: Case) -> Outputs:
    """Copies the case into a graph of a node a layer, layout 0, which ONNX Runtime computes."""
    return compute(case, Options())


def compute(case: Case, options: Options) -> Outputs:
    """Computes the case as the options say. Raises Unsupported for what cannot be computed so."""
    refuse(case, options)
    forward = Forward(case, options)
    flip = case.config.go_backwards
    inputs = case.inputs[:, ::-1] if flip and options.backwards == "arrays" else case.inputs
    states = case.states
    if options.state == "halves":
        half = case.time // 2
        first, between = forward(inputs[:, :half], states)
        second, last = forward(inputs[:, half:], between)
        layers = [np.concatenate(pair, axis=1) for pair in zip(first, second, strict=True)]
    elif options.outputs == "last":
        steps = []
        for t in range(case.time):
            layers, last = forward(inputs[:, : t + 1], states)
            steps.append(last[0][-1])
        layers = [*layers, np.stack(steps, axis=1)]
    else:
        layers, last = forward(inputs, states)
        if flip and options.backwards == "direction":
            layers = [layer[:, ::-1] for layer in layers]
    return Outputs.of(layers[-1], last, tuple(layers))


class Forward:
    """A case's graph, ready to be run."""

    def __init__(self, case: Case, options: Options) -> None:
        self.config, self.options = case.config, options
        layers = range(case.config.num_layers)
        self.parts = [part for layer in layers for part in parts_of(layer, case.config, options)]
        self.lengths, self.padded = lengths_of(case, options), case.is_masked
        has_lengths = self.lengths is not None
        self.weights: Arrays = {}
        if options.weights == "initializers":
            model = Graph(case.config, options, has_lengths).build(case.weights)
            self.engine = engine(model, options)
            return
        self.engine = _of_kind(replace(case.config, input_size=1), options, has_lengths)
        for part in self.parts:
            arrays = arrays_of(case.weights[part.cells], case.config)
            self.weights |= {f"{name}_{part.name}": array for name, array in arrays.items()}

    def __call__(self, inputs: np.ndarray, states: States) -> tuple[list[np.ndarray], States]:
        """inputs (B, T, I), states (L*D, B, H) -> of each layer (B, T, H*D); the last states."""
        feed = {"X": inputs}
        if self.options.state != "default":
            for part in self.parts:
                for name, state in zip(CELLS[self.config.cell].STATES, states, strict=True):
                    feed[f"initial_{name}_{part.name}"] = state[part.cells]
        feed = {name: self._turned(name, array) for name, array in feed.items()} | self.weights
        if self.lengths is not None:
            whole = np.full_like(self.lengths, inputs.shape[1])
            feed["sequence_lens"] = self.lengths if self.padded else whole
        results = self.engine({name: np.ascontiguousarray(array) for name, array in feed.items()})
        arrays = {name: self._turned(name, array) for name, array in results.items()}
        last = tuple(
            np.concatenate(self._of_layers(f"Y_{state}", arrays))
            for state in CELLS[self.config.cell].STATES
        )
        return self._of_layers("sequence", arrays), last

    def _turned(self, name: str, array: np.ndarray) -> np.ndarray:
        """Puts the batch first, or back: of a sequence with layout 0, of a state with layout 1."""
        is_state = name.startswith(("initial_", "Y_"))
        return array.swapaxes(0, 1) if is_state == bool(self.options.layout) else array

    def _of_layers(self, name: str, arrays: Arrays) -> list[np.ndarray]:
        """The arrays of this name, lowest layer first, of those that have one."""
        names = (f"{name}_{layer}" for layer in range(self.config.num_layers))
        return [arrays[name] for name in names if name in arrays]


@lru_cache(maxsize=256)
def _of_kind(kind: Config, options: Options, has_lengths: bool) -> Engine:
    """A graph without weights serves all cases of a kind: making a session is most of a call."""
    return engine(Graph(kind, options, has_lengths).build(None), options)


def engine(model: onnx.ModelProto, options: Options) -> Engine:
    """What computes a model's outputs from its inputs, by name."""
    names = [output.name for output in model.graph.output]
    if options.engine == "reference":
        evaluator = ReferenceEvaluator(model)
        return lambda feed: dict(zip(names, evaluator.run(names, feed), strict=True))
    runtime = session(model.SerializeToString(), options)
    return lambda feed: dict(zip(names, runtime.run(names, feed), strict=True))


def session(model: bytes, options: Options | None = None) -> Any:
    """A session of ONNX Runtime on the processor, of one thread unless the options say more."""
    options = options or Options()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.inter_op_num_threads = options.threads, 1
    settings.log_severity_level = SILENT
    if not options.optimized:
        level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        settings.graph_optimization_level = level
    # Else a model that it does not take is tried again, and printed about.
    return onnxruntime.InferenceSession(
        model, settings, providers=["CPUExecutionProvider"], enable_fallback=0
    )
