"""Kills what a process has started, so that nothing of it goes on when it is over."""

import os
import signal
from contextlib import suppress

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


def kill_descendants(process: int) -> None:
    """Kills the children of a process, theirs, and all of the groups that these lead.

    What has left both, the line and the groups, is out of reach.
    """
    import psutil  # most processes end without it, and start sooner

    with suppress(psutil.Error):
        for child in psutil.Process(process).children(recursive=True):
            with suppress(psutil.Error, OSError):
                if child.is_running() and os.name != "nt" and os.getpgid(child.pid) == child.pid:
                    kill_group(child.pid)
            with suppress(psutil.Error):
                child.kill()


def kill_group(leader: int) -> None:
    """Kills every process of the group of this number, if there is one."""
    with suppress(OSError, AttributeError):
        os.killpg(leader, KILL)
