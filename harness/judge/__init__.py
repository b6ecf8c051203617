"""Judges one case: its certificate, step by step, and the verdict.

`bounds` holds the arithmetic, `calls` what goes into an implementation and comes out of it, and
`shared_process` what keeps an implementation's hands off the judge.
"""
