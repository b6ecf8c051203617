"""Tells who wrote an implementation: a loop of one's own, or a mirror into a framework.

The two can make other mistakes, and fix them in other words.
"""

from harness.judge.kinds import uses_framework
from harness.judge.observe import Implementation
from harness.mistakes.mistake import Mistake

TWO_BIASES = {"b_W dropped", "b_U dropped", "b_W doubled", "b_U doubled"}


def is_notebook(implementation: Implementation) -> bool:
    """The function has the notebook's form, `fn(inputs, W, U, b)`: a loop with one bias."""
    return getattr(implementation, "notebook_form", None) is not None


def is_mirror(implementation: Implementation) -> bool:
    """The function's module uses a framework, so that it copies the case's weights into one."""
    return not is_notebook(implementation) and uses_framework(implementation)


def is_possible(mistake: Mistake, implementation: Implementation) -> bool:
    """Who wrote this can have made that mistake: a function of one b cannot drop one of two."""
    return not (is_notebook(implementation) and mistake.name in TWO_BIASES)


def fix_for(mistake: Mistake, implementation: Implementation) -> str:
    """What to do, in the words of whoever wrote the implementation."""
    mirror = mistake.mirror_fix and is_mirror(implementation)
    return mistake.mirror_fix if mirror else mistake.fix
