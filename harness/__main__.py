"""`python -m harness` is the command `rnn-parity`."""

import sys


def main() -> None:
    """Ctrl-C is told in one word, also while the command is being imported."""
    try:
        from harness.cli.main import main as run

        run()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
