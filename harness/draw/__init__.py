"""Draws cases from one space: seeded and fast (`generate`), or by Hypothesis, which shrinks."""
