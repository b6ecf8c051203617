"""The pictures say in words what they draw, and shorten long names from the front."""

import pytest

from harness.campaign.charts import LONGEST, growth, histogram, memory
from harness.campaign.tally import LOWEST


def test_a_histogram_says_what_lies_at_its_ends():
    counts = [7, *[0] * (LOWEST + 1), 3]
    text = histogram({"name": "mine", "histogram": counts}, "ratios0")
    assert "mine: 10 cases by worst ratio, 7 at 0 and 3 above 1" in text


@pytest.mark.slow
def test_growth_and_memory_are_pictures_with_their_peak():
    coverage = {"growth": [[1, 5], [10, 8]], "judged": 8, "pairs": 20}
    name = "x" * LONGEST + "end"
    assert "Pairs of features judged" in growth([{"name": name, "cases": 10, "coverage": coverage}])
    run = {"memory": [[60.0, "torch", 100], [120.0, "torch", 140]], "peak_mebibytes": 1140}
    assert "at most 1,140 MiB" in memory(run)
    assert ">minutes<" in memory(run)
    assert ">seconds<" in memory(run | {"memory": run["memory"][:1]})
