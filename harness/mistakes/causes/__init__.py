"""Finds the cause of wrong outputs: a known mistake, two of them, or where and how they differ."""
