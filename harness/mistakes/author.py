"""Tells who wrote an implementation: a loop of one's own, or a mirror into a framework.

The two can make other mistakes, and fix them in other words.
"""

import sys
from types import ModuleType

from harness.judge.observe import Implementation
from harness.mistakes.mistake import Mistake

FRAMEWORKS = {"torch", "keras", "tensorflow", "jax", "flax", "onnx", "onnxruntime", "mlx"}
TWO_BIASES = {"b_W dropped", "b_U dropped", "b_W doubled", "b_U doubled"}


def is_notebook(implementation: Implementation) -> bool:
    """The function has the notebook's form, `fn(inputs, W, U, b)`: a loop with one bias."""
    return hasattr(implementation, "notebook_form")


def is_mirror(implementation: Implementation) -> bool:
    """The function's module uses a framework, so that it copies the case's weights into one."""
    if is_notebook(implementation):
        return False
    module = sys.modules.get(getattr(implementation, "__module__", None) or "")
    values = vars(module).values() if module else ()
    return any(_package(value) in FRAMEWORKS for value in values)


def _package(value: object) -> str:
    """The package of a module or a class; empty for what may run a user's code to tell its own."""
    if isinstance(value, ModuleType):
        return value.__name__.partition(".")[0]
    return value.__module__.partition(".")[0] if type(value) is type else ""


def is_possible(mistake: Mistake, implementation: Implementation) -> bool:
    """Who wrote this can have made that mistake: a function of one b cannot drop one of two."""
    return not (is_notebook(implementation) and mistake.name in TWO_BIASES)


def fix_for(mistake: Mistake, implementation: Implementation) -> str:
    """What to do, in the words of whoever wrote the implementation."""
    mirror = mistake.mirror_fix and is_mirror(implementation)
    return mistake.mirror_fix if mirror else mistake.fix
