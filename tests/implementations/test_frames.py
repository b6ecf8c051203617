"""Messages: what is sent comes back, and anything else is said to be none."""

import io
import pickle

import numpy as np
import pytest

from harness.implementations.frames import LARGEST, Malformed, receive, send


def message(table, **arrays):
    stream = io.BytesIO()
    send(stream, table, arrays)
    return stream.getvalue()


def test_what_is_sent_comes_back():
    arrays = {"a": np.arange(6.0).reshape(2, 3), "m": np.array([True, False])}
    table, again = receive(io.BytesIO(message({"do": "call", "n": [1, None]}, **arrays)))
    assert table == {"do": "call", "n": [1, None]}
    assert {name: array.tolist() for name, array in again.items()} == {
        name: array.tolist() for name, array in arrays.items()
    }


def test_arrays_in_another_order_of_memory_come_back():
    array = np.arange(6.0).reshape(2, 3).T
    _, again = receive(io.BytesIO(message({}, a=array)))
    assert np.array_equal(again["a"], array)


def test_the_end_is_no_message():
    with pytest.raises(EOFError):
        receive(io.BytesIO())


def test_a_message_without_a_header_or_with_another_one_is_none():
    from safetensors.numpy import save

    for data in (save({}), save({}, {"rnn-parity": "[]"}), save({}, {"rnn-parity": "{"})):
        with pytest.raises(Malformed):
            receive(io.BytesIO(len(data).to_bytes(8, "little") + data))


@pytest.mark.parametrize(
    "data",
    [
        b"abc",
        (LARGEST + 1).to_bytes(8, "little"),
        (100).to_bytes(8, "little") + b"cut off",
        (12).to_bytes(8, "little") + b"printed text",
        (8).to_bytes(8, "little") + (1 << 60).to_bytes(8, "little"),
    ],
)
def test_what_is_no_message_is_said_to_be_none(data):
    with pytest.raises(Malformed):
        receive(io.BytesIO(data))


def test_nothing_is_unpickled():
    class Trap:
        def __reduce__(self):
            return pytest.fail, ("it was unpickled",)

    data = pickle.dumps(Trap())
    with pytest.raises(Malformed):
        receive(io.BytesIO(len(data).to_bytes(8, "little") + data))


def test_altered_messages_are_malformed_or_whole():
    data = bytearray(message({"do": "call"}, a=np.arange(4.0)))
    random = np.random.default_rng(0)
    for _ in range(2000):
        altered = bytearray(data)
        for place in random.integers(len(data), size=random.integers(1, 4)):
            altered[place] = random.integers(256)
        try:
            table, arrays = receive(io.BytesIO(bytes(altered)))
        except (Malformed, EOFError):
            continue
        assert isinstance(table, dict)
        assert all(isinstance(array, np.ndarray) for array in arrays.values())
