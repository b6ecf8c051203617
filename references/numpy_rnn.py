"""The hand-written RNN: the notebook's step over batches, layers, directions and masks."""

from functools import partial

import numpy as np

from references.case import Case, Outputs
from references.cells.walk import layers, recur, right_step


def run(case: Case) -> Outputs:
    """The whole of Config and Case, in the case's own dtype."""
    with np.errstate(all="ignore"):  # an overflow shows in the outputs, where the judge looks
        return layers(case, partial(recur, right_step))
