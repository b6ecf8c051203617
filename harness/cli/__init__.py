"""The command `rnn-parity`: one file per command."""
