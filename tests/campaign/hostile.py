"""Implementations that end, stall, fill or change the process that they run in; each is right but
for that.
"""

import contextlib
import ctypes
import os
import random
import signal
import subprocess
import time

import numpy as np

from references.numpy_rnn import run
from tests.runs.hostile import at, exits, right, wrong  # noqa: F401 - named on command lines


def segfaults(case):
    if at(case, 3):
        ctypes.string_at(0)
    return run(case)


def kills_itself(case):
    if at(case, 3):
        os.kill(os.getpid(), signal.SIGKILL)
    return run(case)


def hangs(case):
    if at(case, 3):
        time.sleep(3600)
    return run(case)


def eats(case):
    if at(case, 3):
        kept = []
        while True:
            kept.append(np.ones(1 << 22))
            time.sleep(0.01)
    return run(case)


def prints(case):
    print("hello")
    return run(case)


def prints_below(case):
    os.write(1, b"hello\n")
    return run(case)


def errstate(case):
    np.seterr(over="raise")
    return run(case)


def seeds(case):
    random.seed(0)
    return run(case)


def seeds_numpy(case):
    np.random.seed(0)
    return run(case)


def draws(case):
    """What nobody minds."""
    random.random()
    np.random.standard_normal((300, 300))
    return run(case)


def writes(case):
    case.inputs.setflags(write=True)
    case.inputs[:] = 0
    return run(case)


def flushes(case):
    """Subnormal numbers are zero from now on, for every library in the process."""
    import torch

    torch.set_flush_denormal(True)
    return run(case)


def half_transposed(case):
    """U.T for U in some configurations: one cause, seen at many places."""
    from harness.mistakes.catalogue import BY_NAME

    return BY_NAME["U transposed"].plant()(case)


def raises(case):
    raise ValueError(f"the size {case.time} is one of {case.batch}")


def raises_markup(case):
    raise ValueError("<script>alert('x')</script> & \x1b[31m")


def always_exits(case):
    os._exit(1)


def flaky(case):
    """Wrong the first time."""
    first = not os.path.exists("seen")
    open("seen", "w").close()
    return run(case).sequence + first


def refuses(case):
    from references import Unsupported

    raise Unsupported("nothing is good enough")


def slow(case):
    time.sleep(0.003)
    return run(case)


def garbles(case):
    """Writes into every descriptor that it finds, the one of the answers among them."""
    for number in range(3, 30):
        with contextlib.suppress(OSError):
            os.write(number, b"\x80\x04garbage" * 10)
    return run(case)


def breaks_numpy(case):
    np.ndarray = None
    return run(case)


def breaks_time(case):
    time.monotonic = None
    return run(case)


def leaves_a_daemon(case):
    """By the usual double fork; it holds on to all descriptors. Then the process ends."""
    if at(case, 3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                with open("children", "a") as file:
                    print(os.getpid(), file=file)
                time.sleep(120)
            os._exit(0)
        os.wait()
        os._exit(5)
    return run(case)


def leaves_its_group(case):
    os.setpgid(0, os.getpgid(os.getppid()))
    return run(case)


def always_nan(case):
    return np.full_like(run(case).sequence, np.nan)


def two_causes(case):
    """Wrong in one way in float32, in another in float64."""
    from harness.mistakes.catalogue import BY_NAME

    return BY_NAME["U transposed" if case.config.dtype == "float32" else "bias dropped"].plant()(
        case
    )


def breaks_the_second_look(case):
    """Wrong on one case; whoever calls it in another folder, or again, finds a broken NumPy."""
    if at(case, 3):
        if os.path.exists("seen"):
            np.ndarray = None
        open("seen", "w").close()
        return run(case).sequence + 1
    return run(case)


def clears_the_path(case):
    import sys

    sys.path.clear()
    return run(case)


def closes_the_output(case):
    import sys

    sys.stdout.close()
    return run(case)


def breaks_pickle(case):
    import pickle

    pickle.dump = pickle.load = None
    return run(case)


def very_slow(case):
    time.sleep(0.2)
    return run(case)


def leaves_a_child(case):
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    with open("children", "a") as file:
        print(child.pid, file=file)
    return run(case)
