"""Runs many cases: which implementations, on which cases, with what result, in which environment."""
