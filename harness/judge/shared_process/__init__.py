"""Judges code that shares the judge's process, and notices what it does to the judge."""
