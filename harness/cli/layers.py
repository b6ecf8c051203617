"""The options that say of a layer what its file does not."""

from typing import Any

import click

from harness.cli.options import add_options, option_of, type_of, value_of

FIELDS = ("cell", "nonlinearity", "reset_after", "go_backwards", "bidirectional", "num_layers")


def config_options(command: Any) -> Any:
    """Adds an option for each field of Config that a file may not say."""
    return add_options(command, [_option(name) for name in FIELDS])


def pop_config(options: dict[str, Any]) -> dict[str, Any]:
    """Removes these options from `options`; returns the values that the user gave."""
    values = {name: options.pop(name) for name in FIELDS}
    return {name: value_of(value) for name, value in values.items() if value is not None}


def _option(name: str) -> Any:
    text = f"The {name} of a model whose file does not say it."
    return click.option(option_of(name), type=type_of(name), help=text)
