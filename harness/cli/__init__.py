"""The command line: one file per command."""

import references  # noqa: F401  # whichever Python finds
from harness.runs.shadow import misplaced

for sentence in misplaced():
    raise ImportError(sentence)
