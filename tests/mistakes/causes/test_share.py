"""A share counts what is explained, against what is not and what is contradicted."""

from harness.mistakes.causes.share import Share


def test_right_numbers_count_against_a_mistake():
    assert Share(8, 2, 0, 10).value == 0.8
    assert Share(8, 0, 8, 8).value == 0
    assert Share(8, 0, 2, 8).value == 0.75
    assert Share(0, 0, 0, 10).value == 0
    assert not Share(1, 0, 0, 100).is_decided, "one of a hundred is no evidence"
    assert Share(10, 0, 0, 100).is_decided
    assert Share(1, 2, 3, 4) + Share(1, 1, 1, 1) == Share(2, 3, 4, 5)
