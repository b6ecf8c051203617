"""A small case as Python that can be pasted into a test."""

from dataclasses import fields

import numpy as np

from references.case import Case

LONGEST = 200  # numbers that a reader can still take in


def snippet(case: Case) -> str:
    """Python that builds the case bit for bit, with its Hypothesis decorator; a note where it is too large to paste."""
    numbers = (
        case.inputs.size
        + case.h_0.size
        + sum(cell.W.size + cell.U.size + 2 * cell.b_W.size for cell in case.weights)
    )
    if numbers > LONGEST:
        return f"# {numbers} numbers are too many to paste; use the saved file, or {case.origin or 'the code that built the case'}"
    weights = ", ".join(
        f"CellWeights({', '.join(_array(getattr(c, n)) for n in ('W', 'U', 'b_W', 'b_U'))})"
        for c in case.weights
    )
    defaults = {field.name: field.default for field in fields(case.config)}
    options = [
        f"{name}={value!r}" for name, value in vars(case.config).items() if value != defaults[name]
    ]
    rest = [f"h_0={_array(case.h_0)}"] if case.h_0.any() or np.signbit(case.h_0).any() else []
    rest += [] if case.mask is None else [f"mask=np.array({case.mask.tolist()!r})"]
    rest += [] if case.masked_output == "repeat" else [f"masked_output={case.masked_output!r}"]
    rest.append(
        f"origin={case.origin or 'a shrunk failure'!r}"
    )  # it shows one mistake: `check` need not call it blind
    return "\n".join(
        [
            "import numpy as np",
            "from hypothesis import example",
            "from references.case import Case, CellWeights, Config",
            "",
            "case = Case(",
            f"    Config({', '.join(options)}),",
            f"    ({weights},),",
            *(f"    {argument}," for argument in (_array(case.inputs), *rest)),
            ")",
            "",
            "@example(case=case)  # above the test, below @given(case=cases())",
        ]
    )


def _array(array: np.ndarray) -> str:
    """Floats print so that they read back exactly."""
    return f"np.array({array.tolist()!r}, {array.dtype.name!r})"
