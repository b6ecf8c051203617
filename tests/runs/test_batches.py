"""A run is cut into blocks that hold every case once, and each gives a verdict a case."""

from harness.draw.limits import limits
from harness.runs.batches import EARLY, SIZE, Block, blocks, called_twice, judge_block
from references.numpy_rnn import run

ALLOWED = limits(time=(1, 3), hidden_size=(1, 3), input_size=(1, 3), num_layers=1)


def test_blocks_hold_every_case_once():
    parts = list(blocks(("numpy",), 120, 0, ALLOWED, {}))
    assert sorted(index for block in parts for index in block.indices) == list(range(120))
    assert [len(block.indices) for block in parts] == [SIZE, SIZE, 20]


def test_a_second_call_comes_often_at_first_and_seldom_later():
    early = sum(map(called_twice, range(EARLY)))
    assert early == EARLY // 8
    assert sum(map(called_twice, range(EARLY, 2 * EARLY))) < early


def test_a_block_gives_a_row_for_each_case_but_for_shares_and_what_is_left_out():
    block = Block(("numpy",), (0, 1, 2, 3), 0, ALLOWED, {"numpy": 2}, frozenset({("numpy", 2)}))
    moments = []
    rows = list(judge_block(block, {"numpy": run}, lambda *moment: moments.append(moment)))
    assert [(row[0], row.verdict.kind) for row in rows] == [(0, "agrees")]
    assert moments == [("numpy", 0), ("numpy", 0)]  # its call, its verdict
    assert rows[0].verdict.case is None
