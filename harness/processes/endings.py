"""Says in words how a process ended, or had to be ended."""

import signal

HUNG = "took longer than"
TIME_LIMIT = "--time-limit, time_limit= in Python, --parity-time-limit in pytest"


def too_long(limit: float) -> str:
    """Says that a call took more than so many seconds."""
    return f"{HUNG} {limit:g} second{'s' * (limit != 1)}"


def more_time(reason: str) -> str:
    """The advice where a reason says that something took too long; empty for any other."""
    if HUNG not in reason:
        return ""
    return f" Does it need longer? Raise its time limit: {TIME_LIMIT}."


def in_words(status: int) -> str:
    """Says with which exit status, or by which signal, a process ended."""
    if status >= 0:
        return f"with exit status {status}"
    named = -status in set(signal.Signals)  # real-time signals have no names
    return f"by {signal.Signals(-status).name if named else f'signal {-status}'}"


def how_it_ended(status: int) -> str:
    """Says how a process of this status ended."""
    return f"ended the process {in_words(status)}"
