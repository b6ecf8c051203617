"""Finds what a user names, and calls it in a process that holds no judge."""
