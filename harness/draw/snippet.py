"""A small case as Python that can be pasted into a test."""

from dataclasses import fields

import numpy as np

from harness.printable import one_line
from references.case import Case

LONGEST = 200  # numbers that a reader can still take in
FEW = 16  # numbers that stand on one line
TEXT = """\
import numpy as np
from hypothesis import example
from references.case import Case, CellWeights, Config

case = Case(
    {arguments},
)

@example(case=case)  # above the test, below @given(case=cases())"""


def snippet(case: Case) -> str:
    """Python that builds the case bit for bit, with its Hypothesis decorator.

    A note takes its place where the case is too large to paste.
    """
    cells = [cell.arrays().values() for cell in case.weights]
    arrays = [*_states(case).values(), case.inputs, *(array for cell in cells for array in cell)]
    numbers = sum(array.size for array in arrays)
    if numbers > LONGEST:
        source = one_line(case.origin) or "the code that built the case"
        return f"# {numbers} numbers are too many to paste; use the saved file, or {source}"
    weights = (f"CellWeights({', '.join(map(_array, cell))})" for cell in cells)
    arguments = [
        _config(case),
        f"({', '.join(weights)},)",
        _array(case.inputs),
        *(f"{name}={text}" for name, text in _options(case).items()),
    ]
    return TEXT.format(arguments=",\n    ".join(arguments))


def in_one_line(case: Case) -> str:
    """The case on one line, with its numbers where they are few."""
    config, sizes = _config(case), f"batch={case.batch}, time={case.time}"
    arrays = {"inputs": case.inputs, **_states(case)}
    for index, cell in enumerate(case.weights):
        names = cell.arrays().items()
        arrays |= {f"{name}[{index}]" if index else name: array for name, array in names}
    if case.mask is not None:
        arrays["mask"] = case.mask
    some = {name: array for name, array in arrays.items() if array.any()}
    if sum(array.size for array in some.values()) > FEW:
        return f"{config}, {sizes}"
    numbers = [f"{name} {array.tolist()}" for name, array in some.items()]
    rest = ["all other numbers 0"] if len(numbers) < len(arrays) else []
    return ", ".join([config, sizes, *numbers, *rest])


def _states(case: Case) -> dict[str, np.ndarray]:
    """The initial states by name."""
    return {"h_0": case.h_0} | ({} if case.c_0 is None else {"c_0": case.c_0})


def _config(case: Case) -> str:
    """Python that builds the config, without what is at its default."""
    options = (
        f"{field.name}={value!r}"
        for field in fields(case.config)
        if (value := getattr(case.config, field.name)) != field.default
    )
    return f"Config({', '.join(options)})"


def _options(case: Case) -> dict[str, str]:
    """The arguments by name, where they are not at their defaults."""
    texts = {
        name: _array(state)
        for name, state in _states(case).items()
        if state.any() or np.signbit(state).any()
    }
    if case.mask is not None:
        texts["mask"] = f"np.array({case.mask.tolist()!r})"
    if case.masked_output != "repeat":
        texts["masked_output"] = repr(case.masked_output)
    # A case that comes from somewhere shows one mistake: `check` need not call it blind.
    return texts | {"origin": repr(one_line(case.origin) or "a shrunk failure")}


def _array(array: np.ndarray) -> str:
    """Floats print so that they read back exactly."""
    return f"np.array({array.tolist()!r}, {array.dtype.name!r})"
