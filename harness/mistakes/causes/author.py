"""Tells who wrote an implementation: a loop of one's own, or a mirror into a framework.

The two can make other mistakes, and fix them in other words.
"""

from harness.judge.calls.kinds import uses_framework
from harness.judge.calls.observe import Implementation
from harness.mistakes.mistake import Mistake
from references.cells import CELLS
from references.form import Form

TWO_BIASES = {
    *("b_W dropped", "b_U dropped", "b_W doubled", "b_U doubled"),
    *("b_hn outside the reset", "b_hn dropped", "b_hn inside the reset"),
}
# What a function of one b does not have, and what it has there.
ONE_BIAS = {"both biases": "b", "U_n h + b_hn": "U_n h", "b_in": "b_n"}


def is_notebook(implementation: Implementation) -> bool:
    """The function has the notebook's form, `fn(inputs, W, U, b)`: a loop."""
    return getattr(implementation, "notebook_form", None) is not None


def _form_of(implementation: Implementation) -> Form | None:
    probe = getattr(implementation, "notebook_form", None)
    return probe() if probe else None


def _has_own_order(form: Form) -> bool:
    """It reads its gates in another order than torch's, and gets them so."""
    return form.gates not in ((), CELLS[form.cell or "rnn"].GATES)


def is_mirror(implementation: Implementation) -> bool:
    """The function's module uses a framework, so that it copies the case's weights into one."""
    return not is_notebook(implementation) and uses_framework(implementation)


def is_possible(mistake: Mistake, implementation: Implementation) -> bool:
    """Who wrote this can have made that mistake.

    A function of one b cannot drop one of two. Orders are named from torch's: they say nothing to
    who has another.
    """
    form = _form_of(implementation)
    if form is None:
        return True
    names_order = mistake.name.endswith("order") and _has_own_order(form)
    return not names_order and not (form.biases == "sum" and mistake.name in TWO_BIASES)


def fix_for(mistake: Mistake, implementation: Implementation) -> str:
    """What to do, in the words of whoever wrote the implementation."""
    if mistake.mirror_fix and is_mirror(implementation):
        return mistake.mirror_fix
    form, fix = _form_of(implementation), mistake.fix
    for word, own in ONE_BIAS.items() if form and form.biases == "sum" else ():
        fix = fix.replace(word, own)
    if form and _has_own_order(form):
        fix = fix.replace(", ".join(CELLS[form.cell].GATES), ", ".join(form.gates))
    return fix
