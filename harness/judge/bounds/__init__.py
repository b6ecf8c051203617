"""Bounds each number of a step over every right evaluation: derived, and 0 where it is exact."""
