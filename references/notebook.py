"""A function in the notebook's style, as an implementation."""

from collections.abc import Callable, Coroutine, Generator, Mapping
from functools import cache, partial, wraps
from typing import Any

import numpy as np

from references.case import NONLINEARITIES, Case
from references.cells import CELLS
from references.form import Form, form_of, required_of, signature_of
from references.probe import probe
from references.unsupported import Unsupported, WrongReturn, fix_of

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
# What to return instead, by what was returned.
FIXES = {
    list: "return np.stack(outputs)",
    tuple: "return the outputs alone, without the state",
    dict: "return the outputs alone, as an array",
    Generator: "return np.stack(list(outputs))",
    Coroutine: "return asyncio.run(outputs)",
}
Forms = Callable[[str], Form]  # by the cell that is claimed, or by an empty text


def from_notebook(
    fn: Callable[..., np.ndarray], nonlinearity: str = "", cell: str = ""
) -> Callable[[Case], np.ndarray]:
    """Makes an implementation of `fn(inputs (T, I), W (G*H, I), U (G*H, H), b (G*H,)) -> (T, H)`.

    G is 1 for an rnn, 3 for a gru, 4 for an lstm. Calls it for one row of the batch at a time, and
    folds b = b_W + b_U. `fn(inputs, W, U)` has no bias, `fn(inputs, W, U, b_W, b_U)` two. Further
    arguments keep their defaults. A probe, for which it is called at once, shows the cell, unless
    `cell` or `fn.limits` claims one; the order of its gates; a b of two rows; and inputs @ W, for
    which W (I, G*H) and U are transposed.

    Refuses what such a loop has no argument for: layers, directions, masks, an initial state,
    another cell, another activation than `nonlinearity`, tanh by default. `run.limits` are limits
    within which it refuses nothing, in float64, in which a notebook computes. `verify` takes a cell
    and a nonlinearity among its own limits for what `fn` claims to compute.

    >>> from references.cells.rnn import simple_rnn
    >>> run = from_notebook(lambda inputs, W, U, b: simple_rnn(inputs, W, U, b))
    >>> run.limits["nonlinearity"], run.notebook_form().cell
    ('tanh', 'rnn')
    """
    run: Any = as_implementation(fn, nonlinearity, cell)
    form = run.notebook_form()
    if run.limits.get("cell", form.cell) == form.cell:
        run.limits = {**form.limits, **run.limits}
    return run  # type: ignore[no-any-return]


def as_implementation(
    fn: Callable[..., np.ndarray], nonlinearity: str = "", cell: str = ""
) -> Callable[[Case], np.ndarray]:
    """Does what `from_notebook` does, but for the probe, which comes before the first case.

    So the limits lack what it shows, `run.notebook_form().limits`.
    """
    if not callable(fn):
        raise TypeError(f"fn is {fn!r}, {EXPECTED}")
    signature, form = signature_of(fn), form_of(fn)
    if form is None and signature is not None and (names := required_of(signature)):
        raise TypeError(f"fn takes {', '.join(names)}, {EXPECTED}")
    form = form or Form()
    return _implementation(fn, _forms(fn, form), form.bias, nonlinearity, cell)


def _forms(fn: Callable[..., Any], form: Form) -> Forms:
    """Gives what a probe shows: of the claimed cell, or of all where that shows nothing."""
    whole = cache(partial(probe, fn, form))
    of_one = cache(lambda cell: probe(fn, form, (cell,)))

    def forms(cell: str) -> Form:
        if cell in ("", whole().cell) or not of_one(cell).cell:
            return whole()
        return of_one(cell)

    return forms


def _implementation(
    fn: Callable[..., Any], forms: Forms, bias: bool, nonlinearity: str, cell: str
) -> Callable[[Case], np.ndarray]:
    limits = getattr(fn, "limits", None)
    own = {**LIMITS, **({} if bias else {"bias": False})}
    own |= limits if isinstance(limits, Mapping) else {}
    claims = {"nonlinearity": (nonlinearity, NONLINEARITIES), "cell": (cell, tuple(CELLS))}
    for name, (claim, choices) in claims.items():
        if claim and claim not in choices:
            expected = f"expected one of {', '.join(choices)}"
            raise ValueError(f"{name} is {claim!r}, {expected}")
        own |= {name: claim} if claim else {}
    nonlinearity, cell = (_claim(own.get(name), each[1]) for name, each in claims.items())
    form = partial(forms, cell)

    @wraps(fn)
    def run(case: Case) -> np.ndarray:
        layout = form()
        for reason, present in _refusals(case, layout, nonlinearity, cell):
            if present:
                raise Unsupported(f"a notebook function has no argument for {reason}")
        if layout.cell != case.config.cell:
            layout = layout._replace(gates=(), rows=False)
        arguments = layout.arguments(case.weights[0])
        # No copy until all are called: a buffer that the next call fills again shows.
        rows = [_outputs(fn(row, *arguments)) for row in case.inputs]
        return np.stack(rows) if len(rows) > 1 else rows[0][np.newaxis]

    run.limits = own  # type: ignore[attr-defined]
    run.notebook_form = form  # type: ignore[attr-defined]
    run.with_claim = lambda other_nonlinearity, other_cell: (  # type: ignore[attr-defined]
        _implementation(fn, forms, bias, other_nonlinearity or nonlinearity, other_cell or cell)
    )
    return run


def _claim(value: object, choices: tuple[str, ...]) -> str:
    """The one value that a limit allows; empty where it allows several."""
    return value if isinstance(value, str) and value in choices else ""


def _refusals(case: Case, form: Form, nonlinearity: str, cell: str) -> list[tuple[str, bool]]:
    """What the function has no argument for, each with whether the case has it."""
    config = case.config
    cell = cell or form.cell or config.cell
    is_gru = config.cell == form.cell == "gru"
    other_reset = is_gru and form.reset_after not in (None, config.reset_after)
    one_bias = is_gru and config.reset_after and form.biases == "sum"
    b_hn = case.weights[0].b_U[2 * config.hidden_size :]
    other = nonlinearity not in ("", config.nonlinearity)
    return [
        (f"a cell {config.cell}", config.cell != cell),
        ("several layers", config.num_layers > 1),
        ("two directions", config.bidirectional),
        ("go_backwards", config.go_backwards),
        ("a mask", case.mask is not None),
        ("an initial state", not case.starts_from_zeros),
        ("a bias", config.bias and not form.bias),
        (f"nonlinearity {config.nonlinearity}", other),
        (f"reset_after={config.reset_after}", other_reset),
        ("a recurrent bias", one_bias and bool(b_hn.any())),
    ]


def _outputs(returned: object) -> np.ndarray:
    """The array that it returned; the judge looks at shape and dtype."""
    if type(returned) is not np.ndarray:
        what = "None" if returned is None else f"a {type(returned).__name__}"
        fix = fix_of(returned, "outputs") or _fix_of_other(returned)
        text = f"the notebook function returned {what}, expected a numpy.ndarray (T, H): {fix}"
        raise WrongReturn(text)
    return returned


def _fix_of_other(returned: object) -> str:
    fixes = (fix for kind, fix in FIXES.items() if isinstance(returned, kind))
    return next(fixes, "return the outputs of all steps")
