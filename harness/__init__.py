"""Judges whether recurrent layers compute the same thing.

Importing this package imports no framework and no Hypothesis.
"""

# Nothing is imported here: the command must be able to catch Ctrl-C as early as it can.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.draw.generate import sample_cases
    from harness.draw.strategies import cases, saved_examples
    from harness.judge.verdict import Inconclusive, Mismatch, NotVerified, Refused, Verdict
    from harness.mistakes.audit import audit
    from harness.mistakes.check import check
    from harness.models.compare import compare
    from harness.models.comparison import Comparison
    from harness.runs.report import Report
    from harness.runs.verify import verify

__all__ = [
    "Comparison", "Inconclusive", "Mismatch", "NotVerified", "Refused", "Report", "Verdict",
    "audit", "cases", "check", "compare", "sample_cases", "saved_examples", "verify",
]  # fmt: skip

_HOMES = {
    "cases": "harness.draw.strategies",
    "saved_examples": "harness.draw.strategies",
    "sample_cases": "harness.draw.generate",
    "check": "harness.mistakes.check",
    "audit": "harness.mistakes.audit",
    "verify": "harness.runs.verify",
    "compare": "harness.models.compare",
    "Comparison": "harness.models.comparison",
    "Report": "harness.runs.report",
    **dict.fromkeys(
        ("Verdict", "Mismatch", "Refused", "Inconclusive", "NotVerified"), "harness.judge.verdict"
    ),
}


def __getattr__(name: str) -> object:
    """Imports a public name on first use (PEP 562)."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(
            f"module 'harness' has no attribute {name!r}; it has {', '.join(__all__)}"
        )
    if name == "verify":  # its guard records this process before there is code to judge in it
        import_module("harness.runs.in_process")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
