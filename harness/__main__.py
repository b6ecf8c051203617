"""`python -m harness` is the command `rnn-parity`."""

from harness.cli.main import main

main()
