"""Judges many cases: which implementations, which cases, with what result, in what environment."""
