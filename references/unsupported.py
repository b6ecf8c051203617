"""How an implementation refuses what it cannot do."""


class Unsupported(Exception):
    """Raised by an implementation for a case that it cannot compute; its text is the reason that reports show."""
