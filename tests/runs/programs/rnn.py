"""A plain tanh RNN with NumPy alone for rnn-parity: python rnn.py FOLDER reads each case, and leaves its outputs."""

import json
import sys
from pathlib import Path

import numpy as np

DTYPES = {"F32": "<f4", "F64": "<f8", "BOOL": "?"}


def read(path):
    """The texts, and the arrays by name."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    table = json.loads(data[8:start])
    texts, arrays = table.pop("__metadata__"), {}
    for name, entry in table.items():
        first, end = entry["data_offsets"]
        array = np.frombuffer(data[start + first : start + end], DTYPES[entry["dtype"]])
        arrays[name] = array.reshape(entry["shape"])
    return texts, arrays


def run(texts, arrays):
    """The top layer's sequence (B, T, H), and the last states (L, B, H)."""
    sequence, states = arrays["inputs"], []
    for layer in range(int(texts["num_layers"])):
        W, U, b_W, b_U = (arrays[f"{layer}.{name}"] for name in ("W", "U", "b_W", "b_U"))
        h, steps = arrays["h_0"][layer], []
        for x in sequence.transpose(1, 0, 2):
            h = np.tanh(x @ W.T + h @ U.T + b_W + b_U)
            steps.append(h)
        sequence = np.stack(steps, axis=1)
        states.append(h)
    return sequence, np.stack(states)


for path in sorted(Path(sys.argv[-1]).glob("*.safetensors")):
    texts, arrays = read(path)
    name = path.with_suffix("")
    others = texts["bidirectional"] == "true" or texts["go_backwards"] == "true" or "mask" in arrays
    if texts["cell"] != "rnn" or texts["nonlinearity"] != "tanh" or others:
        Path(f"{name}.unsupported").write_text("one direction of tanh, without a mask")
    else:
        sequence, h_n = run(texts, arrays)
        np.save(f"{name}.sequence.npy", sequence)
        np.save(f"{name}.h_n.npy", h_n)
