"""`python -m harness` is the command `rnn-parity`."""

import os
import sys
from types import FrameType


def main() -> None:
    """Runs the command. From here on Ctrl-C ends it with the word "interrupted" and status 130."""
    try:
        import signal

        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _interrupt)
        from harness.cli.main import main as run

        run()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raises KeyboardInterrupt; during an import it ends the process instead.

    Modules that are interrupted while they load turn that into other errors, NumPy into an
    ImportError, and some print it. Nothing is lost: what a kill may not destroy is on disk.
    """
    while frame:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            try:
                os.write(2, b"interrupted\n")
            finally:
                os._exit(130)
        frame = frame.f_back
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
