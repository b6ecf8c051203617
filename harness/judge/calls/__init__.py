"""Calls an implementation: what it is given, what it returns, and where it crashes."""
