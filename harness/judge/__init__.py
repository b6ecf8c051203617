"""Judges one case: rounding-error bounds, the certificate of every step, the verdict."""
