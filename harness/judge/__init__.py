"""Judges one case: enclosures from rounding-error bounds, the certificate of every step, the verdict."""
