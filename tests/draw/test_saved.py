"""Saved cases: bit for bit there and back, and one sentence for every file that is none."""

import hashlib
import json
import os
import pickle
import random
import resource
import struct
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from harness import cases, sample_cases
from harness.draw.saved import (
    FORMAT,
    LARGEST_FILE,
    Unreadable,
    case_bytes,
    checksum,
    load_case,
    read_case,
    save_beside,
    save_case,
)
from references.as_arrays import LARGEST_HEADER, arrays_by_name
from references.case import Case, CellWeights, Config
from tests.campaign.alterations import altered_json
from tests.references.gated import gated_case

MINE = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)


def small() -> Case:
    return next(
        sample_cases(
            1,
            seed=3,
            time=2,
            batch=2,
            input_size=2,
            hidden_size=2,
            num_layers=1,
            bidirectional=False,
            regimes="contracting",
        )
    )


def facts_of(case: Case) -> dict:
    return {
        "format": FORMAT,
        "config": asdict(case.config),
        "masked_output": case.masked_output,
        "origin": case.origin,
        "facts": {"implementation": "numpy"},
    }


def forged(arrays: dict, about: object) -> bytes:
    """A file whose checksum is right, whatever it holds."""
    text = about if isinstance(about, str) else json.dumps(about)
    return save(arrays, {"rnn-parity": text, "sha256": checksum(arrays, text)})


def framed(header: object, body: bytes = b"") -> bytes:
    """A safetensors file written by hand."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def bits(case: Case) -> list:
    """Everything that decides the case, arrays as bytes."""
    arrays = [
        (name, array.dtype.name, array.shape, array.tobytes())
        for name, array in sorted(arrays_by_name(case).items())
    ]
    return [case.config, case.masked_output, case.origin, arrays]


def complaint(path: Path) -> str:
    """The sentence; anything but Unreadable is a defect."""
    with pytest.raises(Unreadable) as raised:
        load_case(path)
    text = str(raised.value)
    assert len(text.splitlines()) == 1, text
    assert len(text) < 400 + len(str(path)), len(text)
    return text


def complaint_on(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return complaint(path)


@pytest.mark.slow
@given(case=cases(time=(1, 6), batch=(1, 3), input_size=(1, 5), hidden_size=(1, 5)))
@MINE
def test_a_case_comes_back_bit_for_bit(tmp_path, case):
    save_case(case, tmp_path / "a.case")
    again, facts = load_case(tmp_path / "a.case")
    assert bits(again) == bits(case)
    assert facts == {}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_subnormals_and_negative_zeros_come_back(tmp_path, dtype):
    smallest = np.finfo(dtype).smallest_subnormal
    odd = np.array([[smallest, -0.0], [-smallest, np.finfo(dtype).max]], dtype)
    case = Case(
        Config(2, 2, dtype=dtype),
        (CellWeights(odd, odd.T),),
        odd[np.newaxis],
        mask=np.array([[True, False]]),
        masked_output="zero",
    )
    save_case(case, tmp_path / "a.case")
    assert bits(load_case(tmp_path / "a.case")[0]) == bits(case)


def test_a_mask_comes_back_and_no_mask_stays_none(tmp_path):
    (case,) = sample_cases(1, seed=1)
    for mask in (None, np.arange(case.batch * case.time).reshape(case.batch, -1) % 3 > 0):
        masked = Case(case.config, case.weights, case.inputs, case.h_0, mask, "zero")
        save_case(masked, tmp_path / "a.case")
        again = load_case(tmp_path / "a.case")[0]
        assert (again.mask is None) == (mask is None)
        assert bits(again) == bits(masked)


def test_facts_are_kept_as_json_gives_them_back(tmp_path):
    facts = {
        "implementation": "my[rnn].py:run",
        "reason": "3 of 7 \u2260\n",
        "numpy": "2.0",
        "cores": 2,
        "odd": "\udcff",
        "none": None,
    }
    save_case(small(), tmp_path / "a.case", facts)
    assert load_case(tmp_path / "a.case")[1] == facts


def test_loaded_arrays_cannot_be_written_to(tmp_path):
    save_case(small(), tmp_path / "a.case")
    assert not any(
        array.flags.writeable
        for array in arrays_by_name(load_case(tmp_path / "a.case")[0]).values()
    )


def test_nothing_is_pickled_or_unpickled(tmp_path, monkeypatch):
    for name in ("load", "loads", "dump", "dumps", "Unpickler", "Pickler"):
        monkeypatch.delattr(pickle, name)
    save_case(small(), tmp_path / "a.case", {"a": "b"})
    load_case(tmp_path / "a.case")
    with open(tmp_path / "a.case", "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    assert set(header["__metadata__"]) == {"rnn-parity", "sha256"}
    assert header["inputs"]["dtype"] in ("F32", "F64")


class Burglar:
    def __reduce__(self):
        return (print, ("unpickled",))


def test_a_pickle_is_not_run(tmp_path, capsys):
    assert "is no saved case" in complaint_on(tmp_path / "a.case", pickle.dumps(Burglar()))
    assert capsys.readouterr().out == ""


def test_a_file_cut_anywhere_gets_a_sentence(tmp_path):
    path = tmp_path / "a.case"
    save_case(small(), path)
    data = path.read_bytes()
    for length in range(0, len(data), 37):
        assert "is no saved case, or is cut off" in complaint_on(path, data[:length])


@pytest.mark.slow
def test_every_flipped_byte_is_noticed(tmp_path):
    path = tmp_path / "a.case"
    save_case(small(), path, {"implementation": "numpy"})
    data = path.read_bytes()
    for index in range(len(data)):
        complaint_on(
            path,
            data[:index] + bytes([data[index] ^ (0x01, 0x80, 0xFF)[index % 3]]) + data[index + 1 :],
        )


def test_a_longer_file_is_noticed(tmp_path):
    path = tmp_path / "a.case"
    save_case(small(), path)
    complaint_on(path, path.read_bytes() + b"\0")


def test_altered_numbers_and_altered_facts_are_called_altered(tmp_path):
    case = small()
    arrays, text = arrays_by_name(case), json.dumps(facts_of(case))
    seal = checksum(arrays, text)
    others = {**arrays, "inputs": arrays["inputs"] + 1}
    assert "was altered: its checksum does not fit" in complaint_on(
        tmp_path / "a", save(others, {"rnn-parity": text, "sha256": seal})
    )
    other = text.replace("numpy", "torch")
    assert "was altered: its checksum does not fit" in complaint_on(
        tmp_path / "a", save(arrays, {"rnn-parity": other, "sha256": seal})
    )
    assert "was altered: its checksum does not fit" in complaint_on(
        tmp_path / "a", save(arrays, {"rnn-parity": text, "sha256": "0" * 64})
    )


OLD = Path(__file__).parent / "data" / "case-0.1.0.case"
# SHA-256 over the arrays, in the order below, printed by 0.1.0 itself.
OLD_NUMBERS = "c7803d180eb5a2460fb2a375326b9690306f14d3fd46f751174fa71c9ca6152d"


def test_a_file_of_0_1_0_opens_with_the_same_numbers():
    case, facts = load_case(OLD)
    assert facts == {"rnn_parity": "0.1.0"}
    assert case.config == Config(2, 2, num_layers=2, bidirectional=True)
    assert (case.masked_output, case.origin, case.c_0) == ("zero", "", None)
    assert case.h_0[:, 0].tolist() == [[0, -1], [1, 1], [-1, 1], [-1, 1]]
    assert case.inputs[0, 0].tolist() == [-1047176, -1047177]
    sha = hashlib.sha256()
    cells = (array for cell in case.weights for array in cell.arrays().values())
    for array in (case.inputs, case.h_0, case.mask, *cells):
        sha.update(array.tobytes())
    assert sha.hexdigest() == OLD_NUMBERS


def test_a_file_of_0_1_0_is_written_again_in_todays_format(tmp_path):
    case, facts = load_case(OLD)
    save_case(case, tmp_path / "new.case", facts)
    assert bits(load_case(tmp_path / "new.case")[0]) == bits(case)
    assert b"initial_state" in OLD.read_bytes()
    assert b"initial_state" not in (tmp_path / "new.case").read_bytes()


def test_a_newer_format_is_named(tmp_path):
    case = small()
    text = complaint_on(
        tmp_path / "a.case", forged(arrays_by_name(case), facts_of(case) | {"format": FORMAT + 1})
    )
    assert text.endswith(
        f"has format {FORMAT + 1}, this version reads {FORMAT} and older; "
        "a newer rnn-parity may have written it"
    )


def test_a_newer_format_is_named_whatever_else_it_holds(tmp_path):
    assert f"this version reads {FORMAT}" in complaint_on(
        tmp_path / "a.case", forged({"gates": np.ones(3)}, {"format": 7, "cells": []})
    )


ABOUT = {
    "a list": [1],
    "a text": '"x"',
    "a number": 3,
    "null": None,
    "nested too deep": "[" * 100_000,
    "no JSON": "{",
    "empty": "",
    "a long number": "9" * 5000,
}


@pytest.mark.parametrize("about", ABOUT.values(), ids=ABOUT)
def test_a_header_that_is_no_dict_gets_a_sentence(tmp_path, about):
    complaint_on(tmp_path / "a.case", forged(arrays_by_name(small()), about))


@pytest.mark.parametrize("key", ["format", "config", "masked_output", "origin", "facts"])
def test_a_missing_key_gets_a_sentence(tmp_path, key):
    case = small()
    about = facts_of(case)
    del about[key]
    complaint_on(tmp_path / "a.case", forged(arrays_by_name(case), about))


WRONG_VALUES = (None, [], [1], "x\ny", 3.5, True, {"a\nb": 1}, "x" * 10_000)
WRONG = [
    (key, value)
    for key in ("format", "config", "masked_output", "origin", "facts")
    for value in WRONG_VALUES
    if not (key == "origin" and isinstance(value, str))
    and not (key == "facts" and isinstance(value, dict))
]


@pytest.mark.parametrize(("key", "value"), WRONG, ids=lambda value: repr(value)[:12])
def test_a_value_of_the_wrong_kind_gets_a_sentence(tmp_path, key, value):
    case = small()
    path = tmp_path / "a.case"
    complaint_on(path, forged(arrays_by_name(case), facts_of(case) | {key: value}))


@pytest.mark.parametrize(
    "change",
    [
        {"num_layers": 10**9},
        {"num_layers": -1},
        {"hidden_size": 10**18},
        {"hidden_size": "2"},
        {"hidden_size": 1e400},
        {"input_size": [2]},
        {"dtype": "float16"},
        {"bias": "yes"},
        {"nonlinearity": "gelu"},
        {"reset_after": False},
        {"peepholes": True},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_gets_a_sentence(tmp_path, change):
    case = small()
    about = facts_of(case)
    about["config"] |= change
    assert "does not hold a case that fits together" in complaint_on(
        tmp_path / "a.case", forged(arrays_by_name(case), about)
    )


@pytest.mark.parametrize("name", ["inputs", "h_0", "0.W", "0.U", "0.b_W", "0.b_U"])
def test_arrays_that_do_not_fit_get_a_sentence(tmp_path, name):
    case = small()
    good = arrays_by_name(case)
    array = good[name]
    for other in (
        array[..., np.newaxis],
        array[:0],
        array[0],
        np.array(1, array.dtype),
        array.astype("float16"),
        array.astype("int8"),
        array.astype("complex64"),
        np.full_like(array, np.nan),
        np.full_like(array, -np.inf),
        np.concatenate([array, array], axis=-1),
    ):
        text = complaint_on(
            tmp_path / "a.case", forged({**good, name: np.ascontiguousarray(other)}, facts_of(case))
        )
        assert "does not hold a case that fits together" in text


@pytest.mark.parametrize("name", ["inputs", "h_0", "0.W", "0.U", "0.b_W", "0.b_U"])
def test_an_array_that_is_missing_is_named_in_words(tmp_path, name):
    case = small()
    text = complaint_on(
        tmp_path / "a.case",
        forged(
            {key: array for key, array in arrays_by_name(case).items() if key != name},
            facts_of(case),
        ),
    )
    assert text.removesuffix(f"'{name}'") == text, text  # a bare KeyError is no sentence
    assert name in text


def test_a_mask_that_does_not_fit_gets_a_sentence(tmp_path):
    case = small()
    for mask in (case.inputs, np.ones((2, 3), bool), np.ones(4, bool), np.ones((2, 2), "uint8")):
        assert "mask has" in complaint_on(
            tmp_path / "a.case", forged({**arrays_by_name(case), "mask": mask}, facts_of(case))
        )


def one(dtype: str, shape: list, offsets: list, metadata: object = None) -> dict:
    about = (
        {"rnn-parity": json.dumps({"format": FORMAT}), "sha256": ""}
        if metadata is None
        else metadata
    )
    return {
        "inputs": {"dtype": dtype, "shape": shape, "data_offsets": offsets},
        "__metadata__": about,
    }


FRAMES = {
    "header of 2^63 bytes": struct.pack("<Q", 2**63) + b"{}",
    "header of 10^12 bytes": struct.pack("<Q", 10**12) + b"{}",
    "header of all ones": b"\xff" * 8 + b"{}",
    "shape too large": framed(one("F32", [2**40, 2**40], [0, 0])),
    "offsets too large": framed(one("F32", [2**62], [0, 2**64 - 1])),
    "offsets backwards": framed(one("F32", [1], [4, 0]), b"0000"),
    "number too large": framed(one("F32", [2**70], [0, 2**70])),
    "no elements of a large shape": framed(one("F32", [0, 2**62], [0, 0])),
    "no elements of an impossible shape": framed(one("F32", [0, 2**40, 2**40], [0, 0])),
    "a hundred axes": framed(one("F32", [1] * 100, [0, 4]), b"0000"),
    "bfloat16": framed(one("BF16", [1], [0, 2]), b"00"),
    "float8": framed(one("F8_E4M3", [1], [0, 1]), b"0"),
    "float4": framed(one("F4", [2], [0, 1]), b"0"),
    "unknown dtype": framed(one("F33", [1], [0, 4]), b"0000"),
    "header is a list": framed([]),
    "header is empty": framed({}),
    "metadata is a list": framed(b'{"__metadata__":[]}'),
    "metadata is null": framed(b'{"__metadata__":null}'),
    "metadata holds a number": framed(b'{"__metadata__":{"rnn-parity":1,"sha256":2}}'),
    "metadata holds half a letter": framed(b'{"__metadata__":{"rnn-parity":"\\ud800"}}'),
    "about is half a letter": framed({"__metadata__": {"rnn-parity": '"\\ud800"', "sha256": ""}}),
    "other metadata": save({"a": np.ones(2)}, {"format": "pt"}),
    "no metadata": save({"a": np.ones(2)}),
    "empty": b"",
    "one byte": b"\0",
    "eight zeros": bytes(8),
    "JSON": b'{"a": 1}',
    "text": b"state_t = 0\nfor input_t in inputs:\n" * 20,
    "a pickle": pickle.dumps({"format": 1}),
    "a zip": b"PK\3\4" + bytes(100),
    "an npy": b"\x93NUMPY\1\0v\0" + bytes(118),
}


@pytest.mark.parametrize("data", FRAMES.values(), ids=FRAMES)
def test_a_file_of_another_kind_gets_a_sentence(tmp_path, data):
    complaint_on(tmp_path / "a.case", data)


@given(
    data=st.binary(max_size=200)
    | st.binary(max_size=100).map(framed)
    | st.text(max_size=60).map(lambda text: framed(text.encode()))
)
@MINE
def test_any_bytes_get_a_sentence(tmp_path, data):
    complaint_on(tmp_path / "a.case", data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.slow
@given(
    about=JSON,
    key=st.sampled_from(["", "format", "config", "masked_output", "facts"]),
    field=st.text(max_size=3),
)
@settings(MINE, max_examples=150)
def test_any_json_in_the_header_gets_a_sentence_or_loads_the_very_case(tmp_path, about, key, field):
    case = small()
    facts = facts_of(case)
    path = tmp_path / "a.case"
    path.write_bytes(forged(arrays_by_name(case), facts | {key: about} if key else about))
    try:
        again, facts = load_case(path)
    except Unreadable as error:
        assert len(str(error).splitlines()) == 1, str(error)  # noqa: PT017
    else:
        assert bits(again) == bits(case)
        assert isinstance(facts, dict)


@pytest.mark.slow
@given(data=st.data())
@settings(MINE, max_examples=150)
def test_a_valid_file_with_a_part_replaced_gets_a_sentence_or_loads_the_very_case(tmp_path, data):
    case = small()
    path = tmp_path / "a.case"
    save_case(case, path)
    whole = path.read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    path.write_bytes(whole[:start] + data.draw(st.binary(max_size=12)) + whole[end:])
    try:
        again, _ = load_case(path)
    except Unreadable as error:
        assert len(str(error).splitlines()) == 1, str(error)  # noqa: PT017
    else:
        assert bits(again) == bits(case)


def test_a_huge_file_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "a.case"
    with open(path, "wb") as file:
        file.truncate(1 << 40)  # sparse: takes no room
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    assert (
        complaint(path)
        == f"{path} holds {1 << 40} bytes, more than the {LARGEST_FILE} that a saved case can have"
    )


def test_a_folder_and_a_file_that_is_not_there_get_a_sentence(tmp_path):
    assert complaint(tmp_path) == f"{tmp_path} cannot be read: Is a directory"
    assert (
        complaint(tmp_path / "no.case")
        == f"{tmp_path / 'no.case'} cannot be read: No such file or directory"
    )
    assert "cannot be read: " in complaint(tmp_path / ("a" * 300))


@pytest.mark.parametrize(
    "name",
    [
        "a b.case",
        "caf\u00e9.case",
        "[red]x[green].case",
        "%s{0}.case",
        "-o",
        "a'\".case",
        "\udcff.case",
        "a\nb.case",
    ],
)
def test_odd_file_names_are_written_read_and_named(tmp_path, name):
    path = tmp_path / name
    save_case(small(), path)
    assert bits(load_case(path)[0]) == bits(small())
    complaint_on(path, b"no case")
    path.unlink()
    complaint(path)


def test_a_name_with_a_null_byte_gets_a_sentence():
    complaint(Path("a\0b"))


READ = """
import resource, sys
from pathlib import Path
from harness.draw.saved import Unreadable, load_case
resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))
try:
    load_case(Path(sys.argv[1]))
except Unreadable as error:
    print(error)
"""


@pytest.mark.process
@pytest.mark.skipif(
    not os.path.exists("/dev/zero") or not hasattr(os, "mkfifo"), reason="no such devices here"
)
@pytest.mark.parametrize("kind", ["device", "pipe"])
def test_a_device_without_end_and_a_pipe_without_writer_get_a_sentence(tmp_path, kind):
    path = "/dev/zero"
    if kind == "pipe":
        path = str(tmp_path / "pipe")
        os.mkfifo(path)
    done = subprocess.run(
        [sys.executable, "-c", READ, path],
        capture_output=True,
        text=True,
        timeout=5,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert path in done.stdout


@pytest.mark.parametrize(
    "fields", [{"cell": "lstm"}, {"cell": "gru", "reset_after": False}], ids=str
)
def test_a_gated_case_comes_back_bit_for_bit(tmp_path, fields):
    case = gated_case(**fields, num_layers=2, masked_output="zero")
    save_case(case, tmp_path / "a.case")
    again, _ = load_case(tmp_path / "a.case")
    assert again.config == case.config
    for name, array in arrays_by_name(case).items():
        assert np.array_equal(array, arrays_by_name(again)[name]), name
    assert ("c_0" in arrays_by_name(again)) == (case.config.cell == "lstm")


def test_a_file_of_before_gates_opens(tmp_path):
    case = small()
    about = facts_of(case)
    del about["config"]["cell"], about["config"]["reset_after"]
    (tmp_path / "a.case").write_bytes(forged(arrays_by_name(case), about))
    assert load_case(tmp_path / "a.case")[0].config == case.config


def test_a_header_without_end_is_not_parsed():
    """Eight bytes may promise any length: a million arrays would take gigabytes."""
    data = framed(b'{"a":' + b"[" * LARGEST_HEADER)
    with pytest.raises(Unreadable, match="is no saved case"):
        read_case("a.case", data)


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "a.case"
    save_case(small(), path)
    before = path.read_bytes()

    def half(self, data):
        with open(self, "wb") as file:
            file.write(data[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match="No space"):
        save_case(next(sample_cases(1)), path)
    assert [*tmp_path.iterdir()] == [path]
    assert path.read_bytes() == before


def test_the_name_of_a_file_says_which_case_it_holds(tmp_path):
    one, other = sample_cases(2)
    paths = [
        save_beside(case, tmp_path / "mine.case", {"n": n})
        for n, case in enumerate((one, other, *[one] * 20))
    ]
    assert set(paths[2:]) == {paths[0]} != {paths[1]}
    assert all(path.name.startswith("mine-") and path.suffix == ".case" for path in paths)
    assert load_case(paths[0])[1] == {"n": 21}


SAVE = """
import sys
from pathlib import Path
from harness import sample_cases
from harness.draw.saved import load_case, save_beside
folder = Path(sys.argv[1])
for case in sample_cases(20, seed=int(sys.argv[2])):
    save_beside(case, folder / "mine.case", {"run": sys.argv[2]})
    for path in folder.glob("*.case"):
        load_case(path)  # never half of it
"""


@pytest.mark.process
@pytest.mark.slow
def test_two_runs_that_save_to_one_folder_lose_nothing(tmp_path):
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", SAVE, tmp_path, seed], stderr=subprocess.PIPE, text=True
        )
        for seed in ("1", "2", "1")
    ]
    assert [run.communicate(timeout=120)[1] for run in runs] == ["", "", ""]
    expected = {bits_text(case) for seed in (1, 2) for case in sample_cases(20, seed=seed)}
    assert {bits_text(load_case(path)[0]) for path in tmp_path.iterdir()} == expected


def bits_text(case: Case) -> str:
    return repr(bits(case))


def altered(data: bytes, draw: random.Random) -> bytes:
    """The file with bytes changed, cut, or its JSON altered and its checksum made right."""
    kind = draw.randrange(5)
    if kind == 0:
        return data[: draw.randrange(len(data))]
    if kind == 1:
        start = draw.randrange(len(data))
        return (
            data[:start] + draw.randbytes(draw.randrange(20)) + data[start + draw.randrange(20) :]
        )
    if kind == 2:
        new = bytearray(data)
        for _ in range(draw.randrange(1, 6)):
            new[draw.randrange(len(new)) if draw.random() < 0.5 else draw.randrange(300)] ^= (
                1 << draw.randrange(8)
            )
        return bytes(new)
    length = int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    if kind == 3:
        name = draw.choice([*header])
        header[name] = altered_json(header[name], draw)
        if draw.random() < 0.3 and name != "__metadata__":
            header[name] = one(
                draw.choice(("F64", "BF16", "BOOL", "I8")),
                [draw.choice((0, 1, 2**31, 2**62))] * draw.randrange(9),
                [0, draw.choice((0, 8, 2**40, 2**63))],
            )["inputs"]
        return framed(header, body)
    arrays = load(data)
    about = altered_json(json.loads(header["__metadata__"]["rnn-parity"]), draw)
    if draw.random() < 0.5:
        name = draw.choice([*arrays])
        arrays[name] = draw.choice(
            (
                arrays[name].T,
                arrays[name][:1],
                np.zeros((0, 3)),
                np.full((2, 2), np.nan),
                arrays[name].astype("int8"),
            )
        ).copy()
    try:
        return forged(arrays, about)
    except ValueError:  # half a letter, which no file can have
        return data[:-1]


@pytest.mark.slow
@pytest.mark.parametrize("count", [1500, pytest.param(100_000, marks=pytest.mark.long)])
def test_an_altered_file_is_unreadable_or_a_case_and_takes_neither_time_nor_memory(count):
    source = next(sample_cases(1, seed=3, hidden_size=3, input_size=2, time=3))
    data = case_bytes(source, {"implementation": "numpy", "numbers": [1, 2.5, None]})
    before, results = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, Counter()
    for number in range(count):
        file = altered(data, random.Random(number))
        start = time.perf_counter()
        try:
            case, facts = read_case("a.case", file)
            assert isinstance(case, Case)
            assert isinstance(facts, dict)
            results["case"] += 1
        except Unreadable as error:
            assert len(str(error).splitlines()) == 1, number  # noqa: PT017
            assert str(error).isprintable()  # noqa: PT017
            results["sentence"] += 1
        assert time.perf_counter() - start < 1, number
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 20  # KiB
    assert results["case"] > count / 50
    assert results["sentence"] > count / 2
