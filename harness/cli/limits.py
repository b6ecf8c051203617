"""The options that limit what is drawn, as `verify` and `campaign` take them."""

from collections.abc import Callable, Iterator
from typing import Any

import click

from harness.cli.options import Whole, add_options, option_of, type_of, value_of
from harness.cli.usage import usage_errors
from harness.draw.limits import CHOICES, FLAGS, MOST_COUNT, NAMES, REGIMES, SIZES, limits

COUNTS = {"time": "time steps", "batch": "rows", "input_size": "inputs", "hidden_size": "units"}


class Ends(click.ParamType):
    """Takes `5` or `1:40` for a pair of ends, both included."""

    name = "N or LOW:HIGH"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        """Returns both ends."""
        low, colon, high = value.partition(":")
        try:
            return int(low), int(high if colon else low)
        except ValueError:
            self.fail(f"expected a number or a range such as 5 or 1:40, not {value!r}", param, ctx)


def limit_options(function: Any, time: str = "--time") -> Any:
    """Adds an option for each limit to a command; `time` is the name of the one for time steps."""
    return add_options(function, _options(time))


def _options(time: str) -> Iterator[Callable[[Any], Any]]:
    several = "Draw only this {}; give the option again for more."
    for name, (low, high) in SIZES.items():
        option = time if name == "time" else option_of(name)
        text = f"Limit the number of {COUNTS[name]}.  [default: {low}:{high}]"
        yield click.option(option, name, type=Ends(), help=text)
    for name in CHOICES:
        text = several.format(f"value of {name}")
        yield click.option(option_of(name), type=type_of(name), multiple=True, help=text)
    for name in FLAGS:
        words = name.replace("_", " ")
        text = f"Draw {words} in some cases, which is the default, or in none."
        yield click.option(f"{option_of(name)}/--no-{option_of(name)[2:]}", default=None, help=text)
    regimes = click.Choice(list(REGIMES))
    text = several.format("kind of numbers")
    yield click.option("--regime", "regimes", type=regimes, multiple=True, help=text)
    text = (
        "Draw cases of at most N shapes, for an implementation that compiles each anew. "
        "Without large cases."
    )
    yield click.option("--shapes", type=Whole(1, MOST_COUNT), metavar="N", help=text)
    text = (
        "Draw cases of at most N kinds of layers, for an implementation that traces each kind once "
        "for all sizes."
    )
    yield click.option("--layer-kinds", type=Whole(2, MOST_COUNT), metavar="N", help=text)


def pop_limits(options: dict[str, Any]) -> dict[str, Any]:
    """Removes the limits from `options`, and returns those that the user set.

    Raises UsageError for limits that allow nothing.
    """
    values = {name: options.pop(name) for name in NAMES}
    chosen = {name: _value(value) for name, value in values.items() if value not in (None, ())}
    with usage_errors(TypeError, ValueError):
        limits(**chosen)
    return chosen


def _value(value: Any) -> Any:
    return tuple(map(value_of, value)) if isinstance(value, tuple) else value
