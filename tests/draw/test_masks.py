"""Each kind of mask is what its name says."""

import numpy as np
import pytest

from harness.draw.bits import seeded
from harness.draw.masks import MASKS, draw_mask


@pytest.mark.parametrize("kind", [kind for kind in dict.fromkeys(MASKS) if kind != "none"])
def test_each_kind_of_mask(kind):
    masks = [draw_mask(kind, 1 + seed % 4, 9, seeded(seed)) for seed in range(40)]
    for mask in masks:
        steps = np.diff(mask.astype(int), axis=1, prepend=0, append=0)
        runs = np.count_nonzero(steps == 1, axis=1)  # of steps that count, by row
        if kind in ("left", "right"):
            assert (runs <= 1).all()
            assert mask[:, -1 if kind == "left" else 0].any() or (runs == 0).any()
        elif kind == "middle":
            assert (runs == 2).all()
        elif kind == "rows":
            assert (~mask.any(axis=1)).sum() == 1
            assert (runs <= 2).all()
    assert len({mask.tobytes() for mask in masks}) > 15


@pytest.mark.parametrize("time", [1, 2])
def test_one_or_two_steps_leave_no_gap_but_may_be_masked(time):
    for kind in dict.fromkeys(MASKS):
        mask = draw_mask(kind, 3, time, seeded(1))
        assert mask is None or mask.shape == (3, time)
