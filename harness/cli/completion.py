"""What a shell offers for an implementation: references, their `all`, Python files in the folder."""

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from references import REFERENCES


def implementations(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names that begin so; a file is offered up to the colon, after which its function's name stands."""
    folder = Path(incomplete).parent if "/" in incomplete else Path()
    names = [
        name
        for reference in REFERENCES
        for name in (reference, f"{reference}/all")
        if name != "numpy/all"
    ]
    names += sorted(f"{path.as_posix()}:" for path in folder.glob("*.py"))
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
