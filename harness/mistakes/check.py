"""`check`: the one assertion. It returns a verdict that agrees, or raises one that does not."""

import warnings
from functools import partial
from typing import Any

from harness.draw.snippet import snippet
from harness.judge.calls.kinds import adapt
from harness.judge.calls.observe import Implementation
from harness.judge.calls.recorded import called_once, is_recorded, recorded
from harness.judge.judge import name_of
from harness.judge.lengths import judged_steps
from harness.judge.shared_process.guarded import judge, restoring
from harness.judge.shared_process.known_case import assert_whole
from harness.judge.verdict import Verdict
from harness.mistakes.causes.explain import explain
from harness.mistakes.on_verdict import publish
from harness.mistakes.sight import BlindCase, describe_blindness
from references.case import Case


def check(
    case: Case,
    implementation: Implementation | Any,
    name: str | None = None,
    fixed_weights: bool = False,
) -> Verdict:
    """Returns a Verdict that agrees, or raises.

    Takes `run(case)`, or a notebook's function of inputs, W, U, b, which then claims to compute the
    case's nonlinearity. Runs it twice, the second time with other weights, so that a cache shows.
    With `fixed_weights`, those of the case, it has weights of its own, and is called once.

    Takes also what came out of the case: an array (B, T, H*D), `Outputs`, or what torch or Keras
    return. It is judged as it is, and nothing is called.

    Raises Mismatch (it differs, or crashed `from` its cause), Refused or Inconclusive, all of them
    AssertionErrors; TypeError, with what to write, for an object that is no such function. An
    implementation that replaces what the judge uses has crashed; it is put back. Warns with
    BlindCase where a case without `origin` misses a plain mistake.

    >>> from harness import check, sample_cases
    >>> from references import load
    >>> check(next(sample_cases(1)), load("numpy")).kind
    'agrees'
    """
    __tracebackhide__ = True  # pytest then shows the caller's line
    if isinstance(case, Case):
        name = name or ("what came out" if is_recorded(implementation) else name_of(implementation))
        fixed_weights |= is_recorded(implementation)
        implementation = _implementation(case, implementation, name, fixed_weights)
    assert_whole()
    verdict = judge(case, implementation, name, calls=1 if fixed_weights else 2)
    publish(verdict)
    if verdict.kind == "agrees" and not case.origin:
        judged = judged_steps(case, bool(verdict.sample))
        if sentence := describe_blindness(judged):
            warnings.warn(sentence, BlindCase, stacklevel=2)
    return verdict.raise_if_not_verified(partial(_explain, verdict, implementation))


def _implementation(case: Case, item: Any, name: str, fixed_weights: bool) -> Implementation:
    """Makes `run(case)` of what came out, or of a function; with fixed weights of this case alone.

    Raises TypeError for what is neither.
    """
    if is_recorded(item):
        return recorded(case, item)
    run = adapt(item, name, case.config.nonlinearity)
    return called_once(case, run) if fixed_weights else run


def _explain(verdict: Verdict, implementation: Implementation) -> str:
    """The diagnosis, and the case as Python to paste."""
    paste = [f"    {line}" for line in snippet(verdict.case).splitlines()]
    try:
        diagnosis = str(explain(verdict, restoring(implementation)))
    except Exception as error:  # what it does in the judge's process may reach the search, too
        diagnosis = f"The search for a known mistake ended with {type(error).__name__}: {error}"
    return "\n".join([diagnosis, "  paste", *paste])
