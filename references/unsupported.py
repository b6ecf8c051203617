"""What an implementation raises that is no crash of its own code, and what it should return."""

# What to return instead of a tensor `{}`, by the name of its class: nothing is imported for that.
TENSORS = {"Tensor": "return {}.detach().numpy()", "EagerTensor": "return {}.numpy()"}


class Unsupported(Exception):
    """An implementation raises it for a case that it cannot compute; reports show its text."""


class WrongReturn(TypeError):
    """The function inside an implementation returned what is no array; reports show its text."""


def fix_of(returned: object, name: str) -> str:
    """Says what to return instead of a framework's tensor of this name; empty for all else."""
    names = (cls.__name__ for cls in type(returned).__mro__)
    return next((TENSORS[one].format(name) for one in names if one in TENSORS), "")
