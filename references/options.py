"""The Config of a layer that was read: what its source says, options, and what is assumed."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from types import MappingProxyType
from typing import Any, NamedTuple

from references.case import ONLY, Config
from references.layer import Unreadable

FIELDS = tuple(field.name for field in fields(Config))
DEFAULTS = {f.name: f.default for f in fields(Config) if f.default is not MISSING}


class Contradiction(Unreadable):
    """A source says something else than these options."""

    def __init__(self, text: str, options: Mapping[str, Any] = MappingProxyType({})) -> None:
        super().__init__(text)
        self.options = dict(options)


class Saying(NamedTuple):
    """What a source says of a Config."""

    source: str  # in words: "a state_dict"
    values: Mapping[str, Any]


def checked_options(options: Mapping[str, Any]) -> None:
    """Raises TypeError for an option that is no field of Config."""
    for name in options:
        if name not in FIELDS:
            raise TypeError(f"there is no option {name!r}, expected one of {', '.join(FIELDS)}")


def check_agreement(config: Config, options: Mapping[str, Any]) -> None:
    """Raises Contradiction for options that contradict what was read."""
    others = {name: value for name, value in options.items() if getattr(config, name) != value}
    if others:
        name, value = next(iter(others.items()))
        text = f"the layer has {name} {getattr(config, name)!r}, and the option says {value!r}"
        raise Contradiction(f"{text}; leave the option out", others)


def config_of(saying: Saying, options: Mapping[str, Any]) -> tuple[Config, tuple[str, ...]]:
    """The Config, and a sentence for each field that neither the source nor an option says.

    Raises Unreadable where no Config can say this.
    """
    values = {**options, **saying.values}
    assumptions = []
    for name, default in DEFAULTS.items():
        cell = ONLY.get(name)
        if name not in values and cell in (None, values.get("cell")):
            assumptions.append(
                f"{saying.source} does not say {name}: {default!r} is assumed. "
                f"If it is another, say so with the option {name}."
            )
    try:
        return Config(**values), tuple(text[:1].upper() + text[1:] for text in assumptions)
    except (TypeError, ValueError) as error:
        wrong = " or ".join(name for name in options if name not in saying.values)
        if wrong and _is_config(saying.values):
            text = f"the option {wrong} does not fit {saying.source}: {error}"
            raise Unreadable(text) from error
        raise Unreadable(f"{saying.source} holds no layer of ours: {error}") from error


def is_assumed(name: str, assumptions: Sequence[str]) -> bool:
    """Tells whether one of the sentences of `config_of` is of this field."""
    return any(f" does not say {name}: " in text for text in assumptions)


def _is_config(values: Mapping[str, Any]) -> bool:
    try:
        Config(**values)
    except (TypeError, ValueError):
        return False
    return True
