"""A verdict's memory, which is the same on every machine; its time is in `goals`."""

import pytest

from harness.judge import certificate
from tests.benchmarks.large import SIZES, memory

LAYERS = [name for name in SIZES if "1024" not in name]  # which is small beside its weights


@pytest.mark.parametrize("name", LAYERS)
def test_a_verdict_takes_at_most_four_times_the_memory_of_its_case(name):
    assert memory(SIZES[name][0]) <= 4


def test_a_verdict_without_blocks_of_steps_takes_more(monkeypatch):
    monkeypatch.setattr(certificate, "BLOCK", 1 << 30)
    assert memory(SIZES[LAYERS[0]][0]) > 4
