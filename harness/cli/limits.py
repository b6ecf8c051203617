"""The options that limit what is drawn, as `verify` and `campaign` take them."""

import math
from typing import Any

import click

from harness.draw.limits import CHOICES, REGIMES, SIZES
from harness.draw.limits import limits as check_limits


class Ends(click.ParamType):
    """`5` or `1:40`."""

    name = "N or LOW:HIGH"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Both ends, included."""
        if isinstance(value, tuple):
            return value
        try:
            low, colon, high = value.partition(":")
            return int(low), int(high if colon else low)
        except ValueError:
            self.fail(f"{value!r} is not a whole number or LOW:HIGH, as in 1:40", param, ctx)


class Seconds(click.FloatRange):
    """A time limit."""

    def __init__(self) -> None:
        super().__init__(0, 1e6, min_open=True)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """No infinity, and nothing that is not a number."""
        seconds = float(super().convert(value, param, ctx))
        return (
            seconds
            if math.isfinite(seconds)
            else self.fail(f"{value!r} is not a number of seconds", param, ctx)
        )


def limit_options(function: Any, time: str = "--time") -> Any:
    """Adds an option for each limit to a command, the one for steps under this name."""
    for name, ends in reversed(SIZES.items()):
        function = click.option(
            time if name == "time" else _option(name),
            name,
            type=Ends(),
            help=f"Default {ends[0]}:{ends[1]}.",
        )(function)
    for name, values in reversed(CHOICES.items()):
        kinds = dict.fromkeys(values)
        kind = (
            click.IntRange(1, 64)
            if name == "num_layers"
            else click.Choice([str(value) for value in kinds])
        )
        function = click.option(
            _option(name), type=kind, multiple=True, help="May be given several times."
        )(function)
    for name in ("masks", "initial_states"):
        function = click.option(
            f"{_option(name)}/--no-{_option(name)[2:]}",
            default=None,
            help=f"Draw {name.replace('_', ' ')} or not.",
        )(function)
    return click.option(
        "--regime",
        "regimes",
        type=click.Choice(list(REGIMES)),
        multiple=True,
        help="May be given several times.",
    )(function)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def given_limits(options: dict[str, Any]) -> dict[str, Any]:
    """Takes the limits that were given out of `options`. Raises UsageError for such as allow nothing."""
    names = (*SIZES, *CHOICES, "masks", "initial_states", "regimes")
    found = {
        name: _value(value) for name in names if (value := options.pop(name)) not in (None, ())
    }
    try:
        check_limits(**found)
    except (TypeError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    return found


def _value(value: Any) -> Any:
    if isinstance(value, tuple) and value and value[0] in ("True", "False"):
        return tuple(item == "True" for item in value)
    return value
