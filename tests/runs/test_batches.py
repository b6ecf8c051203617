"""A run is cut into blocks that hold every case once, and each gives a verdict a case."""

from harness.draw.generate import cases_at
from harness.draw.limits import limits
from harness.judge.calls.second_calls import SECOND_CALLS, from_zeros, other_weights
from harness.runs.batches import EARLY, SIZE, STRIDE, Block, blocks, judge_block, second_call
from harness.runs.values import values_of
from references.numpy_rnn import run

ALLOWED = limits(time=(1, 3), hidden_size=(1, 3), input_size=(1, 3), num_layers=1)


def test_blocks_hold_every_case_once():
    parts = list(blocks(("numpy",), range(120), 0, ALLOWED, {}, {}))
    assert sorted(index for block in parts for index in block.indices) == list(range(120))
    assert [len(block.indices) for block in parts] == [SIZE, SIZE, 20]


def test_a_second_call_comes_often_at_first_and_seldom_later():
    early = [second_call(index) for index in range(EARLY)]
    assert len(early) - early.count(None) == EARLY // STRIDE
    late = [second_call(index) for index in range(EARLY, 2 * EARLY)]
    assert late.count(None) > early.count(None)
    assert {*late} == {*early} == {None, *SECOND_CALLS}


def test_second_calls_take_turns():
    calls = [second_call(index, 3) for index in range(0, 12, 3)]
    assert calls == [other_weights, from_zeros, other_weights, from_zeros]


def test_a_row_says_what_the_case_had_and_what_the_second_call_changed():
    block = Block(("numpy",), (0, 1, 2, 3), 0, ALLOWED, {}, strides={"numpy": 2})
    rows = list(judge_block(block, {"numpy": run}))
    assert [row.again for row in rows] == [other_weights, None, from_zeros, None]
    cases = cases_at(block.indices, 0, ALLOWED)
    assert [row.values for row in rows] == [values_of(case) for case in cases]


def test_a_block_gives_a_row_for_each_case_but_for_shares_and_what_is_left_out():
    block = Block(("numpy",), (0, 1, 2, 3), 0, ALLOWED, {"numpy": 2}, frozenset({("numpy", 2)}))
    moments = []
    rows = list(judge_block(block, {"numpy": run}, lambda *moment: moments.append(moment)))
    assert [(row[0], row.verdict.kind) for row in rows] == [(0, "agrees")]
    assert moments == [("numpy", 0), ("numpy", 0)]  # its call, its verdict
    assert rows[0].verdict.case is None
