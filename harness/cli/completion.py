"""Completes implementations in a shell: references, `all` of their variants, files, `command:`."""

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from harness.implementations.names import PREFIX
from references import REFERENCES


def implementations(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offers names, and files up to the colon, after which the function's name stands."""
    folder = Path(incomplete).parent if "/" in incomplete else Path()
    names = [name for framework in REFERENCES for name in (framework, f"{framework}/all")]
    names += [*sorted(f"{path.as_posix()}:" for path in folder.glob("*.py")), PREFIX]
    return [
        CompletionItem(name)
        for name in names
        if name.startswith(incomplete) and name != "numpy/all"
    ]


def frameworks(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offers the references."""
    return [CompletionItem(name) for name in REFERENCES if name.startswith(incomplete)]
