"""A process that ends, hangs up or writes what is no answer is a crash of what it runs."""

import gc
import io
import json
import random
import weakref
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from harness import sample_cases
from harness.implementations.callee_process import MOST_STARTS, SPOIL, Callee
from harness.implementations.find import NotFound, Unusable
from harness.implementations.frames import LENGTH, Malformed, receive, send
from harness.implementations.remote import Remote
from harness.implementations.resolve import resolve
from harness.judge.calls.observe import observe
from harness.judge.judge import judge
from references.as_arrays import arrays_by_name, output_arrays, table_of
from references.numpy_rnn import run as loop
from tests.campaign.alterations import altered_json
from tests.implementations import tricks

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("mine")]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("nothing.py:run", NotFound), ("mine.py:nothing", Unusable), ("broken.py:run", Unusable)],
)
def test_what_cannot_be_imported_raises_here_what_it_raised_there(name, kind):
    Path("broken.py").write_text("1 / 0\n")
    with pytest.raises(NotFound) as error:
        Remote.of(name)
    assert type(error.value) is kind
    if name.startswith("broken"):
        assert (error.value.crash.error, error.value.crash.line) == ("ZeroDivisionError", 1)


def test_the_fate_of_the_process_is_told_to_who_started_it():
    fates = []

    def end(status):
        fates.append(status)
        raise Malformed("it ended")

    callee = Callee("mine.py:exits", end)
    (case,) = sample_cases(1)
    with pytest.raises(Malformed, match="it ended"):
        callee.exchange(*call(case))
    assert fates == [5]


def call(case):
    options = {"nonlinearity": "", "watch": False, "number": 1, "over": []}
    return {"do": "call", **options, **table_of(case)}, arrays_by_name(case)


def test_answers_that_are_none_are_a_crash_and_the_process_is_started_a_few_times():
    Path("spoils.py").write_text(f"{tricks.WRONG}{tricks.AT_CALL['noise on the pipe']}")
    remote = Remote.of("spoils.py:run")
    (case,) = sample_cases(1)
    for _ in range(MOST_STARTS):
        observation = observe(case, remote)
        assert (observation.kind, observation.reason) == ("crashed", SPOIL)
    reason = "it was not called: its process spoiled its answers 3 times"
    assert observe(case, remote).reason == reason


def test_noise_in_a_second_call_is_a_crash_of_that_call():
    """The first call's arrays are looked at after it, in a process that is gone by then."""
    Path("second.py").write_text(
        tricks.WRONG
        + tricks.AT_CALL["noise on the pipe"].replace("def run", "def noise")
        + "from references.numpy_rnn import run as right\n"
        "def run(case): return noise(case) if case.origin.startswith('other') else right(case)\n"
    )
    remote = Remote.of("second.py:run")
    for case in sample_cases(MOST_STARTS + 2):
        verdict = judge(case, remote)
        assert verdict.kind == "crashed"
        assert SPOIL in verdict.reason or "was not called" in verdict.reason


def test_answers_are_held_there_no_longer_than_here():
    remote, (case,) = Remote.of("mine.py:right"), sample_cases(1)
    first = observe(case, remote)
    assert first.overwritten() == ""
    del first
    gc.collect()
    assert remote.callee._over == [1]
    observe(case, remote)
    assert 1 not in remote.callee._over


@pytest.mark.parametrize("place", ['"f.py", "12", 1, "x"', "5, 5, 5, 5", '"f.py", 1, 1, 5'])
def test_a_place_that_it_makes_up_is_plain_text_and_a_number(place):
    Path("place.py").write_text(f"def run(case): raise SyntaxError('m', ({place}))\n")
    (case,) = sample_cases(1)
    for implementation in (Remote.of("place.py:run"), resolve("place.py:run")[1]):
        crash = judge(case, implementation).crash
        assert [*map(type, crash)] == [str, str, int, str, str]


class Altered(Callee):
    """A process that answers with the loop's outputs, in messages that are altered at random."""

    def _start(self):
        self._process, self._starts, self._close = None, 0, weakref.finalize(self, int)

    def exchange(self, table, arrays=None):
        try:
            return receive(io.BytesIO(self.message))
        except EOFError:
            raise Malformed("the end") from None


def altered_message(case, draw):
    """The answer to a call, with its bytes, its table or one of its arrays altered."""
    table = {"kind": "agrees", "reason": "", "cause": None, "crash": None, "uses": [["m", "f", 1]]}
    arrays, kind = output_arrays(loop(case)), draw.randrange(4)
    if kind == 0:
        table = json.loads(json.dumps(altered_json(table, draw)))
    elif kind == 1:
        name = draw.choice([*arrays])
        array = np.array(arrays.pop(name))
        ways = (
            lambda: arrays,
            lambda: arrays | {name: array.T},
            lambda: arrays | {name: array[..., :-1]},
            lambda: arrays | {name: array * np.nan},
            lambda: arrays | {name: np.where(array == array.flat[-1], 0.5, array)},
            lambda: arrays | {name: array.astype(draw.choice(["f2", "f8", "i4", "?"]))},
            lambda: arrays | {name: array, draw.choice(["layers.7", "x", "layers.", "c_n"]): array},
        )
        arrays = draw.choice(ways)()
    stream = io.BytesIO()
    try:
        send(stream, table, arrays)
    except (UnicodeEncodeError, TypeError):  # half a letter, which no message can have
        return b""
    data = bytearray(stream.getvalue())
    if kind == 2:
        for _ in range(draw.randrange(1, 6)):
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    elif kind == 3:
        del data[draw.randrange(len(data)) : draw.choice([None, LENGTH, len(data)])]
    return bytes(data)


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_an_altered_answer_agrees_only_with_the_loops_very_outputs(count):
    limits = {"time": 3, "batch": 2, "hidden_size": 3, "input_size": 2, "num_layers": 1}
    (case,) = sample_cases(1, regimes="ternary", masks=False, bidirectional=False, **limits)
    callee, kinds = Altered("altered.py:run"), Counter()
    right = arrays_of(loop(case))
    for number in range(count):
        callee.message = altered_message(case, random.Random(number))
        observation = observe(case, Remote(callee))
        verdict = judge(case, lambda case, answer=observation: answer.outputs, calls=1)
        kinds[verdict.kind if observation.outputs else observation.kind] += 1
        assert observation.reason.isprintable()
        if observation.outputs and verdict.kind == "agrees":
            assert all(map(np.array_equal, arrays_of(observation.outputs), right)), number
    assert kinds["agrees"] > count / 100
    assert kinds["differs"] > count / 100
    assert kinds["crashed"] > count / 4


def arrays_of(outputs):
    return [array for array in (outputs.sequence, outputs.h_n) if array is not None]
