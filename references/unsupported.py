"""What an implementation raises that is no crash of its own code."""


class Unsupported(Exception):
    """An implementation raises it for a case that it cannot compute; reports show its text."""


class WrongReturn(TypeError):
    """The function inside an implementation returned what is no array; reports show its text."""
