"""Draws cases: seeded and fast (`generate`), or by Hypothesis with shrinking (`strategies`), from one space."""
