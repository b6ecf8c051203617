"""A function in the notebook's style, as an implementation."""

from collections.abc import Callable
from functools import cache, partial, wraps
from typing import Any

import numpy as np

from references.arrays import frozen
from references.case import NONLINEARITIES, Case
from references.form import Form, form_of, probe, required_of, signature_of
from references.unsupported import Unsupported

LIMITS = {
    "num_layers": 1,
    "bidirectional": False,
    "nonlinearity": "tanh",
    "go_backwards": False,
    "masks": False,
    "initial_states": False,
    "dtype": "float64",
}
EXPECTED = "expected a function fn(inputs, W, U, b)"


def from_notebook(
    fn: Callable[..., np.ndarray], nonlinearity: str = "tanh"
) -> Callable[[Case], np.ndarray]:
    """Makes an implementation of `fn(inputs (T, I), W (H, I), U (H, H), b (H,)) -> (T, H)`.

    Calls it for one row of the batch at a time, and folds b = b_W + b_U. `fn(inputs, W, U)` has no
    bias. Further arguments keep their defaults. A function that computes inputs @ W gets W (I, H)
    and U transposed: its first call is on a probe, which shows that.

    Refuses what such a loop has no argument for: layers, directions, masks, an initial state,
    another activation than `nonlinearity`. `run.limits` are the limits within which it refuses
    nothing, in float64, in which a notebook computes; `verify` draws within them, and takes
    a nonlinearity among its own limits for what `fn` claims to compute.

    >>> from references.cells.rnn import simple_rnn
    >>> run = from_notebook(lambda inputs, W, U, b: simple_rnn(inputs, W, U, b))
    >>> run.limits["nonlinearity"]
    'tanh'
    """
    if not callable(fn):
        raise TypeError(f"fn is {fn!r}, {EXPECTED}")
    signature, form = signature_of(fn), form_of(fn)
    if form is None and signature is not None and (names := required_of(signature)):
        raise TypeError(f"fn takes {', '.join(names)}, {EXPECTED}")
    form = form or Form()
    return _implementation(fn, cache(partial(probe, fn, form)), form.bias, nonlinearity)


def _implementation(
    fn: Callable[..., Any], form: Callable[[], Form], bias: bool, nonlinearity: str
) -> Callable[[Case], np.ndarray]:
    if nonlinearity not in NONLINEARITIES:
        expected = f"expected one of {', '.join(NONLINEARITIES)}"
        raise ValueError(f"nonlinearity is {nonlinearity!r}, {expected}")

    @wraps(fn)
    def run(case: Case) -> np.ndarray:
        config = case.config
        (cell, *_) = case.weights
        b = cell.b_W + cell.b_U
        for reason, present in (
            (f"a cell {config.cell}", config.cell != "rnn"),
            ("several layers", config.num_layers > 1),
            ("two directions", config.bidirectional),
            ("go_backwards", config.go_backwards),
            ("a mask", case.mask is not None),
            ("an initial state", not case.starts_from_zeros),
            ("a bias", config.bias and not bias),
            (f"nonlinearity {config.nonlinearity}", config.nonlinearity != nonlinearity),
        ):
            if present:
                raise Unsupported(f"a notebook function has no argument for {reason}")
        arguments = (cell.W, cell.U, frozen("b", b))
        return np.stack([_outputs(form().call(fn, row, *arguments)) for row in case.inputs])

    run.limits = {  # type: ignore[attr-defined]
        **LIMITS,
        "nonlinearity": nonlinearity,
        **({} if bias else {"bias": False}),
    }
    run.notebook_form = form  # type: ignore[attr-defined]
    run.with_nonlinearity = partial(_implementation, fn, form, bias)  # type: ignore[attr-defined]
    return run


def _outputs(returned: object) -> np.ndarray:
    """A copy, since the function may use its buffer again; the judge looks at shape and dtype."""
    if type(returned) is not np.ndarray:
        what = "None" if returned is None else f"a {type(returned).__name__}"
        raise TypeError(f"the notebook function returned {what}, expected a numpy.ndarray (T, H)")
    return returned.copy()
