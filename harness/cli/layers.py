"""The options by which commands name a layer of a model, and say what its file does not."""

from typing import Any

import click

from harness.cli.options import add_options
from harness.draw.limits import CHOICES

FIELDS = ("cell", "nonlinearity", "reset_after", "go_backwards", "bidirectional", "num_layers")


def config_options(command: Any) -> Any:
    """Adds an option for each field of Config that a file may not say."""
    return add_options(command, [_option(name) for name in FIELDS])


def pop_config(options: dict[str, Any]) -> dict[str, Any]:
    """Removes these options from `options`; returns the values that the user gave."""
    values = {name: options.pop(name) for name in FIELDS}
    return {
        name: value == "True" if value in ("True", "False") else value
        for name, value in values.items()
        if value is not None
    }


def _option(name: str) -> Any:
    kinds = [str(value) for value in dict.fromkeys(CHOICES[name])]
    type_: click.ParamType = click.Choice(kinds)
    if name == "num_layers":
        type_ = click.IntRange(1, 64)
    text = f"The {name} of a model whose file does not say it."
    return click.option(f"--{name.replace('_', '-')}", type=type_, help=text)
