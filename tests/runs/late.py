"""A function that loses its bias after four steps, and a file that knows it as a deviation."""

LATE = """
import numpy as np

def rnn(inputs, W, U, b):
    h, outputs = np.zeros_like(b), []
    for t, x in enumerate(inputs):
        h = np.tanh(W @ x + U @ h + (b if t < 4 else 0 * b))
        outputs.append(h)
    return np.stack(outputs)
"""

# A file of known deviations of one's own, of a function whose bias is lost after four steps.
KNOWN_LATE = """[[difference]]
id = "late-bias"
implementations = ["late.py:rnn"]
kind = "differs"
where = [{ time = 5 }, { time = 6 }]
reason = "kept for <old> checkpoints"
expires = 2099-12-31
"""
