"""How an implementation refuses what it cannot do."""


class Unsupported(Exception):
    """An implementation raises it for a case that it cannot compute; reports show its text."""
