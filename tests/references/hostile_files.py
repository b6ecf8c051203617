"""Reads hostile files of every format: `python -m tests.references.hostile_files 10000`.

Files are made by a seed: whole ones are cut, flipped, spliced and rewritten inside their archives,
and others are made by hand. Each has to be refused in one sentence or read as what it says. No code
of it may run, and no file may take long, take much memory, or end the process.
"""

import io
import json
import os
import pickle
import re
import select
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

from references import installed

SECONDS, MEGABYTES = 20, 700  # at most for one file, and beyond what the first readings take
GOOD = ("rnn", "gru", "lstm", "own", "packed", "named")  # files that are read before a mutation
HARMLESS = ("lambda.keras", "module.keras")  # where other layers of the model are never made
SPECIAL = (0, 1, 0x7F, 0x80, 0xFF)
NUMBERS = (0, 1, 0xFF, 1 << 16, (1 << 31) - 1, (1 << 32) - 1, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)


class Evil:
    """Makes a file where it is unpickled."""

    def __init__(self, trap):
        self.trap = trap

    def __reduce__(self):
        return os.system, (f"touch {self.trap}",)


def whole_files(folder, trap):
    """Files as people have them and files made by hand, by name: the format is the suffix."""
    files = {}
    torch_files(files, folder, trap)
    keras_files(files, folder, trap)
    npz_files(files, trap)
    safetensors_files(files)
    onnx_files(files, folder)
    return files


def torch_files(files, folder, trap):
    import torch

    torch.manual_seed(0)
    for name, module in {
        "rnn": torch.nn.RNN(3, 4),
        "gru": torch.nn.GRU(3, 4, bidirectional=True),
        "lstm": torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.LSTM(3, 4, 2)),
    }.items():
        files[f"{name}.pt"] = saved(torch.save, {"state_dict": module.state_dict()})
        files[f"module_{name}.pt"] = saved(torch.save, module)
    good = files["rnn.pt"]
    evil = pickle.dumps(Evil(trap), protocol=2)
    files["evil.pt"] = saved(torch.save, Evil(trap))
    files["evil_inside.pt"] = saved(torch.save, {"weight_ih_l0": Evil(trap), "a": torch.ones(2)})
    files["evil_pickle.pt"] = evil
    files["evil_zip.pt"] = rezip(good, lambda name, data: evil if name.endswith("pkl") else data)
    builtins = b'c__builtin__\neval\n(S\'__import__("os").system("touch %s")\'\ntR.'
    text = builtins % str(trap).encode()
    files["eval.pt"] = rezip(good, lambda name, data: text if name.endswith("pkl") else data)
    files["bytearray.pt"] = rezip(
        good,
        lambda name, data: (
            pickle.dumps(bytearray, 2)[:-1] + b"(J\xff\xff\xff\x7ftR."
            if name.endswith("pkl")
            else data
        ),
    )
    files["deflated.pt"] = rezip(good, lambda _, data: data, zipfile.ZIP_DEFLATED)
    files["bomb.pt"] = rezip(good, lambda name, data: grown(name, data), zipfile.ZIP_DEFLATED)
    files["short.pt"] = rezip(good, lambda name, data: data[:4] if "/data/" in name else data)
    files["outside.pt"] = rezip(good, lambda _, data: data, rename=lambda name: f"../../{name}")
    files["script.pt"] = rezip(good, lambda _, data: data, extra={"a/constants.pkl": evil})
    whole = {
        "weight_ih_l0": torch.ones(1).expand(1 << 20, 1 << 20),
        "weight_hh_l0": torch.ones(4, 4),
    }
    files["expanded.pt"] = saved(torch.save, whole)


def keras_files(files, folder, trap):
    import keras

    layers = keras.layers
    for name, stack in {
        "lstm": [layers.LSTM(4, name="a")],
        "gru": [layers.Bidirectional(layers.GRU(3), name="b"), layers.Dense(2)],
        "rnn": [layers.RNN([layers.SimpleRNNCell(3), layers.SimpleRNNCell(3)], name="c")],
    }.items():
        model = keras.Sequential([keras.Input((None, 3)), *stack])
        for suffix, save in ((".keras", model.save), (".weights.h5", model.save_weights)):
            path = Path(folder) / f"{name}{suffix}"
            save(path)
            files[path.name] = path.read_bytes()
    good = files["lstm.keras"]
    evil = {
        "class_name": "function",
        "module": "os",
        "config": "system",
        "registered_name": "system",
    }
    changes = {
        "lambda": {
            "class_name": "Lambda",
            "config": {"name": "l", "function": "4wEA", "arguments": str(trap)},
        },
        "function": {"class_name": "LSTM", "config": {"name": "a", "units": 4, "activation": evil}},
        "units": {"class_name": "LSTM", "config": {"name": "a", "units": 1 << 30}},
        "strings": {"class_name": "LSTM", "config": {"name": "a", "units": "4" * 99}},
        "module": {"class_name": "system", "module": "os", "config": {"name": f"touch {trap}"}},
    }
    for name, spec in changes.items():
        files[f"{name}.keras"] = with_json(good, lambda config, s=spec: config["layers"].append(s))
        files[f"{name}_alone.keras"] = with_json(good, lambda c, s=spec: c.update(layers=[s]))
    deep = b'{"config":' * 100_000
    files["deep.keras"] = rezip(good, lambda n, data: deep if n == "config.json" else data)
    files["deflated.keras"] = rezip(good, lambda _, data: data, zipfile.ZIP_DEFLATED)
    files["bomb.keras"] = rezip(good, grown, zipfile.ZIP_DEFLATED)
    files["outside.keras"] = rezip(good, lambda _, d: d, extra={"../../evil": b""})
    files |= {f"{name}.weights.h5": data for name, data in h5_files(folder).items()}
    for name, data in h5_files(folder).items():
        files[f"h5_{name}.keras"] = rezip(
            good, lambda n, d, own=data: own if n.endswith("h5") else d
        )


def h5_files(folder):
    """HDF5 files whose arrays stand elsewhere, nowhere, or in circles."""
    import h5py

    (Path(folder) / "secret").write_bytes(bytes(1024))
    group, files = "layers/lstm/cell/vars", {}
    for name in ("external", "bomb", "gzip", "circle", "outside", "unwritten"):
        path = Path(folder) / f"{name}.h5"
        with h5py.File(path, "w") as file:
            file[f"{group}/1"], file[f"{group}/2"] = np.ones((4, 16), "f4"), np.ones(16, "f4")
            place = file[group]
            if name == "external":
                place.create_dataset(
                    "0", (3, 16), "f4", external=[(str(Path(folder) / "secret"), 0, 192)]
                )
            elif name == "bomb":
                place.create_dataset("0", (1 << 40, 16), "f4", chunks=(1 << 16, 16))
            elif name == "gzip":
                place.create_dataset("0", (1 << 22, 16), "f4", compression="gzip")
            elif name == "circle":
                place["0"] = file["/"]
            elif name == "outside":
                place["0"] = h5py.ExternalLink("/etc/passwd", "/")
            else:
                place.create_dataset("0", (3, 16), "f4")
        files[name] = path.read_bytes()
    return files


def npz_files(files, trap):
    rng = np.random.default_rng(0)
    W, U = rng.standard_normal((8, 3)).astype("f4"), rng.standard_normal((8, 2)).astype("f4")
    files["lstm.npz"] = saved_npz(np.savez, W=W, U=U, b=U[:, 0])
    files["packed.npz"] = saved_npz(np.savez_compressed, W_0=W, U_0=U)
    files["named.npz"] = saved_npz(np.savez, weight_ih_l0=W, weight_hh_l0=U)
    config = json.dumps({"input_size": 3, "hidden_size": 2, "cell": "lstm"})
    files["own.npz"] = saved_npz(
        np.savez,
        config=np.array(config),
        **{"0.W": W, "0.U": U, "0.b_W": U[:, 0], "0.b_U": U[:, 1]},
    )
    evil = np.array([Evil(trap)], dtype=object)
    files["evil.npz"] = saved_npz(np.savez, W=evil, U=U)
    files["evil_config.npz"] = saved_npz(np.savez, W=W, U=U, config=evil)
    for index, shape in enumerate([(1 << 40,), (1 << 62, 1 << 62), (-8, -3), (8, 0), (8,) * 64]):
        header = io.BytesIO()
        description = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(header, description)
        files[f"lie_{index}.npz"] = archive(
            {"W.npy": header.getvalue() + W.tobytes(), "U.npy": b""}
        )
    for index, descr in enumerate(
        ["|O", "<f4," * 5000, "__import__('os')", "<M8[ns]", "|V1000000000"]
    ):
        text = repr({"descr": descr, "fortran_order": False, "shape": (1,)}).encode() + b"\n"
        magic = b"\x93NUMPY\2\0" + struct.pack("<L", len(text))
        files[f"dtype_{index}.npz"] = archive({"W.npy": magic + text, "U.npy": magic + text})
    files["bomb.npz"] = rezip(files["lstm.npz"], grown, zipfile.ZIP_DEFLATED)
    files["outside.npz"] = archive({"../W.npy": b"", "/U.npy": b""})
    files["many.npz"] = archive({f"{i}.npy": b"" for i in range(25_000)})


def safetensors_files(files):
    from safetensors.numpy import save

    rng = np.random.default_rng(0)
    W, U = rng.standard_normal((4, 3)).astype("f4"), rng.standard_normal((4, 4)).astype("f4")
    arrays = {"a.weight_ih_l0": W, "a.weight_hh_l0": U, "a.bias_ih_l0": U[0], "a.bias_hh_l0": U[1]}
    files["rnn.safetensors"] = save(arrays, {"rnn_parity.config": '{"nonlinearity": "relu"}'})
    files["config.safetensors"] = save(arrays, {"rnn_parity.config": '{"cell": ["x"]}'})
    files["deep.safetensors"] = raw_safetensors(b'{"a":' * 100_000)
    files["header.safetensors"] = struct.pack("<Q", 1 << 50) + b"{}"
    files["spaces.safetensors"] = raw_safetensors(b" " * (9 << 20))
    for index, entry in enumerate(
        [
            {"dtype": "F32", "shape": [1 << 40, 1 << 40], "data_offsets": [0, 64]},
            {"dtype": "F32", "shape": [4, 4], "data_offsets": [0, 1 << 60]},
            {"dtype": "F32", "shape": [4, 4], "data_offsets": [64, 0]},
            {"dtype": "BF16", "shape": [4, 4], "data_offsets": [0, 32]},
            {"dtype": "X9", "shape": [4, 4], "data_offsets": [0, 64]},
            {"dtype": "F32", "shape": [-4, -4], "data_offsets": [0, 64]},
        ]
    ):
        header = json.dumps({"weight_ih_l0": entry, "weight_hh_l0": entry}).encode()
        files[f"lie_{index}.safetensors"] = raw_safetensors(header, bytes(64))


def onnx_files(files, folder):
    """Models of one node, where onnx is installed; data in another file is never opened."""
    if "onnx" not in installed():
        return
    import onnx

    from references.read import write_layer
    from tests.references.layer_files import drawn

    for cell in ("rnn", "gru", "lstm"):
        (case,) = drawn(1, cell=cell, nonlinearity="tanh", go_backwards=False, dtype="float32")
        path = Path(folder) / f"{cell}.onnx"
        write_layer(case.config, case.weights, path)
        files[path.name] = path.read_bytes()
    model = onnx.ModelProto.FromString(files["lstm.onnx"])
    for array in model.graph.initializer:
        array.ClearField("raw_data")
        array.ClearField("float_data")
        array.data_location = onnx.TensorProto.EXTERNAL
        array.external_data.add(key="location", value="/etc/passwd")
    files["outside.onnx"] = model.SerializeToString()


def saved(save, value):
    out = io.BytesIO()
    save(value, out)
    return out.getvalue()


def saved_npz(save, **arrays):
    out = io.BytesIO()
    save(out, **arrays)
    return out.getvalue()


def raw_safetensors(header, data=b""):
    return struct.pack("<Q", len(header)) + header + data


def archive(members, compression=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def rezip(data, change, compression=zipfile.ZIP_STORED, rename=str, extra=None):
    """The archive with other bytes in its entries, whose checksums are right again."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        members = {info.filename: file.read(info) for info in file.infolist()}
    members = {rename(name): change(name, entry) for name, entry in members.items()}
    return archive(members | (extra or {}), compression)


def grown(name, data):
    """The largest array of the archive as 64 MB of zeros."""
    large = name.endswith((".h5", "/data/0", "W.npy"))
    return data + bytes(64 << 20) if large else data


def with_json(data, change):
    def own(name, entry):
        if name != "config.json":
            return entry
        model = json.loads(entry)
        change(model["config"])
        return json.dumps(model).encode()

    return rezip(data, own)


def mutated(data, other, rng):
    """The bytes, cut, flipped, overwritten, moved, or with those of another file."""
    data = bytearray(data)
    for _ in range(rng.integers(1, 4)):
        if not data:
            break
        start = int(rng.integers(len(data)))
        length = int(min(rng.integers(1, 1 + rng.choice([4, 64, 4096])), len(data) - start))
        match rng.integers(10):
            case 0:
                del data[start:]
            case 1:
                data[start] ^= 1 << int(rng.integers(8))
            case 2:
                data[start : start + length] = bytes([int(rng.choice(SPECIAL))]) * length
            case 3:
                size = int(rng.choice([2, 4, 8]))
                number = NUMBERS[int(rng.integers(len(NUMBERS)))] % (1 << 8 * size)
                data[start : start + size] = number.to_bytes(size, "little")
            case 4:
                del data[start : start + length]
            case 5:
                data[start:start] = data[start : start + length]
            case 6:
                place = int(rng.integers(len(other)))
                data[start : start + length] = other[place : place + length]
            case 7:
                data[start : start + length] = rng.bytes(length)
            case 8 | 9:
                number_in_text(data, start, rng)
    return bytes(data)


def number_in_text(data, start, rng):
    """Puts another number of as many digits for the next one in the bytes, as in a header."""
    match = re.search(rb"\d+", data[start:])
    if match:
        number = str(NUMBERS[int(rng.integers(len(NUMBERS)))]).encode()
        size = len(match[0])
        data[start + match.start() : start + match.end()] = number[:size].rjust(size, b"1")


def inside(data, other, rng):
    """The archive with one entry mutated and its checksum right, so that more is parsed."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        names = file.namelist()
    chosen = names[int(rng.integers(len(names)))]
    return rezip(data, lambda name, entry: mutated(entry, other, rng) if name == chosen else entry)


class Files:
    """The hostile files by their numbers; each depends on its number alone."""

    def __init__(self, folder, trap):
        place = Path(folder) / "whole"
        if not place.exists():  # a process that took over reads what the first one made
            place.mkdir()
            for name, data in whole_files(folder, trap).items():
                (place / name).write_bytes(data)
        self.whole = {path.name: path.read_bytes() for path in place.iterdir()}
        self.names = sorted(self.whole)
        # Mutations of small files, mostly of those that can be read: few steps away from right.
        self.bases = [name for name in self.names if len(self.whole[name]) < 100_000]
        self.bases += 9 * [name for name in self.bases if name.partition(".")[0] in GOOD]

    def __getitem__(self, index):
        if index < len(self.names):
            name = self.names[index]
            return name, "whole", self.whole[name]
        rng = np.random.default_rng([17, index])
        name, other = (self.bases[int(i)] for i in rng.integers(len(self.bases), size=2))
        data = self.whole[name]
        if rng.integers(2) and zipfile.is_zipfile(io.BytesIO(data)):
            return name, "rewritten inside", inside(data, self.whole[other], rng)
        return name, "mutated", mutated(data, self.whole[other], rng)


def judged(name, kind, path):
    """The outcome, and what is wrong with it where a file is as it was made."""
    expected = "read" if name.partition(".")[0] in GOOD or name in HARMLESS else "refused"
    result = outcome(path)
    wrong = kind == "whole" and result in ("read", "refused") and result != expected
    return f"{result}, expected: {expected}" if wrong else result


def outcome(path):
    """How the file is read: "refused", "read", or what is wrong with either."""
    from references import read
    from references.case import CellWeights, Config
    from references.layer import Unreadable
    from references.unsupported import Unsupported

    try:
        config, weights = read(path)
    except (Unreadable, Unsupported) as error:
        text = str(error)
        if not text or len(text) > 1000 or "Traceback" in text:
            return f"no plain sentence: {text[:200]!r}"
        return "refused"
    except Exception as error:
        return f"raised {type(error).__name__}: {str(error)[:200]!r}"
    right = isinstance(config, Config) and all(isinstance(cell, CellWeights) for cell in weights)
    return "read" if right else f"read as {config!r:.200}"


def work(folder, start, stop):
    """Reads the files with these numbers, and prints a line before and after each."""
    trap = Path(folder) / "trap"
    files = Files(folder, trap)
    for index in range(start, stop):
        name, kind, data = files[index]
        path = Path(folder) / f"hostile_{name}"
        path.write_bytes(data)
        print(json.dumps([index, name, kind, None]), flush=True)
        before, began = memory("VmRSS", reset=True), time.perf_counter()
        result = judged(name, kind, path)
        seconds, megabytes = time.perf_counter() - began, memory("VmHWM") - before
        if trap.exists():
            result = "ran code"
        elif megabytes > MEGABYTES and index > start:  # the first one imports frameworks
            result = f"took {megabytes:.0f} MB"
        print(json.dumps([index, name, kind, result, seconds, megabytes]), flush=True)


def memory(field, reset=False):
    """Megabytes of this process, now or at most since the last reset (Linux, proc(5))."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text().split()
    return int(status[status.index(f"{field}:") + 1]) / 1024


def lines_of(process):
    """The lines of a process until it ends; None where it is silent for too long."""
    rest, patience = b"", SECONDS + 100  # it imports frameworks and makes files first
    while True:
        ready, _, _ = select.select([process.stdout], [], [], patience)
        chunk = os.read(process.stdout.fileno(), 1 << 16) if ready else None
        if not chunk:
            yield from () if chunk == b"" else (None,)
            return
        *lines, rest = (rest + chunk).split(b"\n")
        patience = SECONDS
        yield from map(json.loads, lines)


def tried(count, worker):
    """Yields (name, kind, outcome, seconds, megabytes) of each file, in a process of their own.

    `worker` is its command, to which the first number and the number after the last are added.
    """
    start = 0
    while start < count:
        command = [*worker, str(start), str(count)]
        quiet = {"stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, stdout=subprocess.PIPE, **quiet) as process:
            last = None
            for line in lines_of(process):
                if line is None:
                    process.kill()
                    yield last[1], last[2], f"took more than {SECONDS} s", SECONDS, 0
                    start = last[0] + 1
                    break
                if line[3] is not None:
                    yield tuple(line[1:])
                    start = line[0] + 1
                last = line
        if last is None:
            raise RuntimeError("the process that reads files did not start")
        if start == last[0]:
            yield last[1], last[2], f"ended the process: {process.returncode}", 0, 0
            start += 1


def table(results):
    """The counts by format, how files were made, and outcome."""
    counts = Counter((name[name.index(".") :], kind, result) for name, kind, result, *_ in results)
    rows = [f"{count:6}  {' | '.join(key)}" for key, count in sorted(counts.items())]
    wrong = sum(count for key, count in counts.items() if key[2] not in ("refused", "read"))
    slowest = max(results, key=lambda row: row[3])
    rows.append(
        f"{len(results)} files, {wrong} wrong; the slowest took {slowest[3]:.1f} s: {slowest[0]}"
    )
    return "\n".join(rows), wrong


def main(arguments):
    if arguments[:1] == ["--work"]:
        work(arguments[1], *map(int, arguments[2:]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        worker = [sys.executable, "-m", "tests.references.hostile_files", "--work", folder]
        text, wrong = table(list(tried(int(arguments[0]), worker)))
    print(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
