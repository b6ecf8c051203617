"""Measures `compare` on ports of trained models: faults must be named, right ports must agree.

    python -m tests.benchmarks.ports [--right 300]

Models of each cell, of one and two layers and directions, are trained for a second each on the text
of the README. Right ports are files of every kind in turn; faults are made in arrays and in code.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

from harness import compare
from harness.models import compare as module
from references.case import Case, Outputs
from references.numpy_rnn import run as loop
from references.read import read, write_layer
from tests.models.pairs import arrays, changed

KINDS = [*product(("rnn", "gru", "lstm"), (1, 2), (False, True))]
SUFFIXES = (".pt", ".safetensors", ".keras", ".onnx", ".npz")


class Here:
    """Stands for the pool of processes: 300 ports would import their frameworks 600 times."""

    def __init__(self, *_, **__):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def ask(self, _, bounds, function, *arguments):
        return (True, function(*arguments)), False


class Fault(NamedTuple):
    """What is wrong in B, for which cells, layers and directions, and what must be said."""

    name: str
    cells: str
    change: Callable  # of the weights, of the loop, or the fields of Config
    words: str
    layers: int = 0  # at least so many; 0 for any
    both: bool | None = None  # directions; None for any

    def applies(self, kind):
        cell, layers, both = kind
        return cell in self.cells and layers >= self.layers and self.both in (None, both)


def each(change, *names):
    """A change of these arrays in each layer and direction."""

    def of_weights(weights):
        for index, name in product(range(len(weights)), names):
            weights = changed(weights, name, change, index)
        return weights

    return of_weights


def first(change, name, at=0):
    """A change of one array."""
    return lambda weights: changed(weights, name, change, at)


def order(array, *positions):
    """The gates in another order."""
    parts = np.split(array, len(positions))
    return np.concatenate([parts[position] for position in positions])


def blockwise(array, change):
    """The change of each gate's block (H, H)."""
    return np.concatenate([*map(change, np.split(array, len(array) // array.shape[1]))])


def half(array):
    return array.astype("f2").astype(array.dtype)


def bfloat16(array):
    bits = array.view("u4")
    half_and_even = np.uint32(0x7FFF) + (bits >> 16 & 1)
    return ((bits + half_and_even) & np.uint32(0xFFFF0000)).view("f4")


def noise(array):
    wave = np.sin(np.arange(array.size, dtype="f4")).reshape(array.shape)
    return array + np.float32(0.05) * np.abs(array).mean() * wave


def ulp(array):
    other = array.copy()
    other.flat[0] = np.nextafter(other.flat[0], np.float32(9))
    return other


def forget(array):
    return array + np.repeat(np.float32([0, 1, 0, 0]), array.size // 4)


def without_n(array):
    return array * np.repeat(np.float32([1, 1, 0]), len(array) // 3)[:, np.newaxis]


def summed(weights):
    """Both biases in one, as where there is only one."""
    return tuple(replace(c, b_W=c.b_W + c.b_U, b_U=np.zeros_like(c.b_U)) for c in weights)


ALL = "rnn gru lstm"


def reset_first(array):
    return order(array, 1, 0, 2)


ARRAYS = (
    Fault("gates r and z swapped", "gru", each(reset_first, "W", "U", "b_W", "b_U"),
          "gates r and z swapped"),
    Fault("ONNX's order i, o, f, g", "lstm", each(lambda a: order(a, 0, 3, 1, 2), "W"),
          "gates i, o, f, g where"),
    Fault("gates f and g swapped in U", "lstm", each(lambda a: order(a, 0, 2, 1, 3), "U"),
          "gates f and g swapped"),
    Fault("recurrent kernel transposed", ALL, each(lambda U: blockwise(U, np.transpose), "U"),
          "transposed"),
    Fault("recurrent kernel reshaped", "gru lstm", each(lambda U: U.T.reshape(U.shape), "U"),
          "where it must be transposed"),
    Fault("recurrent bias missing", ALL, each(np.zeros_like, "b_U"), "zeros"),
    Fault("input bias missing", ALL, each(np.zeros_like, "b_W"), "zeros"),
    Fault("both biases of n summed", "gru", summed, "the sum of A's biases"),
    Fault("forget bias added again", "lstm", each(forget, "b_W"), "1 more at the forget gate"),
    Fault("directions swapped", ALL, lambda w: tuple(w[at ^ 1] for at in range(len(w))),
          "A's of layer 0, backward", 0, True),
    Fault("halves swapped above", ALL, first(lambda W: np.roll(W, W.shape[1] // 2, 1), "W", 2),
          "forward and the backward half swapped", 2, True),
    Fault("older checkpoint", ALL, each(noise, "W", "U"), "another checkpoint"),
    Fault("U of two layers exchanged", ALL,
          lambda w: (replace(w[0], U=w[1].U), replace(w[1], U=w[0].U)), "A's of layer 1", 2, False),
    Fault("rounded to float16 in between", ALL, each(half, "W", "U"), "rounded to float16"),
    Fault("rounded to bfloat16 in between", ALL, each(bfloat16, "W", "U"), "rounded to bfloat16"),
    Fault("float16, gates r and z swapped", "gru", each(lambda U: half(reset_first(U)), "U"),
          "gates r and z swapped, rounded to float16"),
    Fault("one weight off by one bit", ALL, first(ulp, "U"), "differs in 1 of"),
    Fault("opposite sign", ALL, each(np.negative, "U"), "opposite sign"),
    Fault("features in reverse", ALL, first(lambda W: W[:, ::-1], "W"), "columns in reverse"),
    Fault("units in reverse", ALL, each(lambda U: blockwise(U, np.flipud), "U"),
          "units in reverse"),
    Fault("gate n of U left at zero", "gru", each(without_n, "U"), "zeros at gate n"),
    Fault("recurrent kernel never loaded", ALL, each(np.zeros_like, "U"), "zeros"),
    Fault("biases exchanged", "gru", lambda w: tuple(replace(c, b_W=c.b_U, b_U=c.b_W) for c in w),
          "A's b_U"),
)  # fmt: skip


def swap_axes(case):
    """Batch and time exchanged at the input, and back at the output."""
    states = {"h_0": np.zeros((len(case.h_0), case.time, case.h_0.shape[2]), case.h_0.dtype)}
    other = Case(case.config, case.weights, case.inputs.transpose(1, 0, 2), **states)
    return loop(other).sequence.transpose(1, 0, 2)


def from_zeros(case, name):
    return loop(replace(case, **{name: np.zeros_like(getattr(case, name))}))


def unflipped(case):
    """The backward half in its own order of steps."""
    sequence, H = loop(case).sequence.copy(), case.config.hidden_size
    sequence[:, :, H:] = sequence[:, ::-1, H:]
    return sequence


def exchanged(case):
    outputs = loop(case)
    return Outputs(outputs.sequence, outputs.c_n, c_n=outputs.h_n)


CODE = (
    Fault("batch and time swapped", ALL, swap_axes, "batch"),
    Fault("h_0 not passed", ALL, partial(from_zeros, name="h_0"), "looks like"),
    Fault("c_0 not passed", "lstm", partial(from_zeros, name="c_0"), "looks like"),
    Fault("outputs in reverse", ALL, lambda case: loop(case).sequence[:, ::-1], "time reversed"),
    Fault("backward half not turned", ALL, unflipped, "looks like", 0, True),
    Fault("outputs rounded to float16", "rnn", lambda case: half(loop(case).sequence), "float16"),
    Fault("h_n and c_n exchanged", "lstm", exchanged, "looks like"),
)
SETTINGS = (
    Fault(
        "reset before the product", "gru", {"reset_after": False}, "reset_after is True in A, False"
    ),
    Fault("relu for tanh", "rnn", {"nonlinearity": "relu"}, "nonlinearity is tanh in A, relu"),
    Fault("read backwards", ALL, {"go_backwards": True}, "go_backwards is False in A, True"),
)


def faults(kind, config, weights):
    """Yields each fault that exists for a model, and its B."""
    for fault in (*ARRAYS, *CODE, *SETTINGS):
        if not fault.applies(kind):
            continue
        if fault in ARRAYS:
            yield fault, arrays(config, fault.change(weights))
        elif fault in CODE:
            yield fault, fault.change
        else:
            yield fault, arrays(replace(config, **fault.change), weights)


def is_named(fault, comparison):
    sentence = comparison.sentence
    return sentence.startswith("Not the same") and fault.words in sentence


def train(kind, seconds=1.0):
    """A torch model of this kind that learns to foretell letters, for a second."""
    import torch

    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    letters = sorted(set(text))
    cell, count, both = kind
    torch.manual_seed(0)
    layer = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell]
    model = layer(len(letters), 16, count, batch_first=True, bidirectional=both)
    head = torch.nn.Linear(16 * (1 + both), len(letters))
    optimizer = torch.optim.Adam([*model.parameters(), *head.parameters()], 0.01)
    codes = torch.tensor([letters.index(letter) for letter in text])
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        places = torch.randint(0, len(text) - 33, (16,))
        rows = torch.stack([codes[place : place + 33] for place in places])
        out, _ = model(torch.nn.functional.one_hot(rows[:, :-1], len(letters)).float())
        loss = torch.nn.functional.cross_entropy(head(out).transpose(1, 2), rows[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def right_ports(models, folder, count):
    """Compares models with ports of each kind in turn; counts exit statuses by suffix."""
    table = Counter()
    for index in range(count):
        kind = KINDS[index % len(KINDS)]
        suffix = SUFFIXES[index // len(KINDS) % len(SUFFIXES)]
        path = folder / f"{index}{suffix}"
        write_layer(*read(models[kind]), path)
        result = compare(models[kind], path, examples=4, seed=index)
        table[suffix, result.exit_status] += 1
        if result.exit_status:
            print(kind, suffix, result, flush=True)
    return table


@click.command()
@click.option("--right", default=300, help="Compare so many right ports.")
def main(right):
    module.Pool = Here
    models = {kind: train(kind) for kind in KINDS}
    table = Counter()
    for kind, model in models.items():
        for fault, other in faults(kind, *read(model)):
            result = compare(model, other, examples=8)
            table[fault.name, is_named(fault, result)] += 1
            if not is_named(fault, result):
                print("not named:", kind, fault.name, "\n  ", result.sentence, flush=True)
    names = dict.fromkeys(name for name, _ in table)
    for name in names:
        print(f"{name:34} named {table[name, True]} of {table[name, True] + table[name, False]}")
    total = sum(count for (_, named), count in table.items() if named)
    print(f"{len(names)} faults, named {total} of {table.total()}")
    with tempfile.TemporaryDirectory() as folder:
        for (suffix, status), count in sorted(right_ports(models, Path(folder), right).items()):
            print(f"right ports as {suffix:13} exit {status}: {count}")


if __name__ == "__main__":
    main()
