"""The types and the options that several commands share."""

from collections.abc import Callable, Iterable
from functools import reduce
from pathlib import Path
from typing import Any

import click

from harness.draw.limits import CHOICES, MOST_LAYERS
from harness.runs.pool import MEMORY

KNOWN = "Count the known deviations of this TOML file apart; fail where one no longer holds."
FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


class Whole(click.IntRange):
    """Takes a whole number within a range."""

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Returns the number."""
        try:
            int(value)
        except ValueError:
            self.fail(f"{value!r} is no whole number", param, ctx)
        return int(super().convert(value, param, ctx))


class Seconds(click.FloatRange):
    """Takes a number of seconds above 0."""

    def __init__(self) -> None:
        super().__init__(0, 1e6, min_open=True)

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Returns the number; rejects NaN, which no range excludes."""
        try:
            is_number = float(value) == float(value)
        except ValueError:
            is_number = False
        if not is_number:
            self.fail(f"expected a number of seconds, not {value!r}", param, ctx)
        return float(super().convert(value, param, ctx))


SEEDS = Whole(0)
_TIME = "Stop a verdict, or the import of a file, after so many seconds."
_MEMORY = "Stop a process that takes more than so many MiB."
time_limit = click.option("--time-limit", type=Seconds(), default=60.0, help=_TIME)
memory_limit = click.option("--memory-limit", type=Whole(64, 1 << 30), default=MEMORY, help=_MEMORY)


def option_of(field: str) -> str:
    """The option of a field of Config."""
    return "--" + field.replace("_", "-")


def type_of(field: str) -> click.ParamType:
    """What the option of this field takes: a number of layers, or a value of CHOICES as text."""
    if field == "num_layers":
        return Whole(1, MOST_LAYERS)
    return click.Choice([str(value) for value in dict.fromkeys(CHOICES[field])])


def value_of(word: Any) -> Any:
    """What a user says by such an option, where truth values are words."""
    return word == "True" if word in ("True", "False") else word


def add_options(command: Any, options: Iterable[Callable[[Any], Any]]) -> Any:
    """Adds click options to a command, in the order in which its help shall list them."""
    return reduce(lambda function, option: option(function), reversed([*options]), command)
