"""Variants of a framework as a table: name, options, sentence."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from references.case import Case, Outputs

Options = Mapping[str, Any] | Callable[[Case], Mapping[str, Any]]
Row = tuple[str, Options, str]


def functions(
    module: str, compute: Callable[..., Outputs], rows: Iterable[Row]
) -> dict[str, Callable[[Case], Outputs]]:
    """An implementation for each row: `compute(case, **options)`, with the sentence as docstring.

    Options may depend on the case. `module` has to hold the functions by their names, so that
    pickle finds them there.
    """
    return {row[0]: _function(module, compute, *row) for row in rows}


def _function(
    module: str, compute: Callable[..., Outputs], name: str, options: Options, sentence: str
) -> Callable[[Case], Outputs]:
    def run(case: Case) -> Outputs:
        return compute(case, **(options(case) if callable(options) else options))

    run.__name__ = run.__qualname__ = name
    run.__module__, run.__doc__ = module, sentence
    return run
