"""Reads options: `--parity-*`, `parity_*` of the ini file, and the marker `parity`."""

import math
from collections.abc import Sequence
from typing import Any

import pytest

MARKER = (
    "parity(*implementations): which implementations a test is about, "
    "as 'torch', 'keras/unroll' or 'package.module:function'"
)
EXAMPLES = 20
TIME_LIMIT = "60"
SAVE = "rnn-parity-failures"
PROFILES = ("fast", "ci", "thorough")


OPTIONS: dict[str, dict[str, Any]] = {
    "implementation": {
        "action": "append",
        "metavar": "NAME",
        "help": "Run the conformance set on package.module:function, file.py:function, "
        "command:./program, torch, keras/unroll, ...; may be given several times.",
    },
    "examples": {
        "type": int,
        "metavar": "N",
        "help": f"Cases for each property of the conformance set (default {EXAMPLES}).",
    },
    "seed": {"type": int, "metavar": "N", "help": "Which cases (default 0)."},
    "limit": {
        "action": "append",
        "metavar": "NAME=VALUE",
        "help": "Draw only such cases for the conformance set, as time=1:10, masks=false or "
        "nonlinearity=tanh,relu; may be given several times.",
    },
    "time-limit": {
        "type": float,
        "metavar": "SECONDS",
        "help": f"Seconds for one call in the conformance set (default {TIME_LIMIT}).",
    },
    "save": {"metavar": "FOLDER", "help": f"Where failing cases are saved (default {SAVE})."},
    "profile": {
        "choices": PROFILES,
        "help": "Load this Hypothesis profile: 20, 200 or 5000 examples, none with a deadline.",
    },
    "no-sight": {
        "action": "store_true",
        "help": "Do not compute which mistakes the cases of a test would have caught.",
    },
}
# The ini file: name -> type and default.
INI: dict[str, tuple[Any, Any]] = {
    "implementation": ("linelist", []),
    "limit": ("linelist", []),
    "sight": ("bool", True),
    "examples": (None, str(EXAMPLES)),
    "seed": (None, "0"),
    "time_limit": (None, TIME_LIMIT),
    "save": (None, SAVE),
    "profile": (None, ""),
}


def add(parser: pytest.Parser) -> None:
    """Adds `--parity-...`, and `parity_...` in the ini file for whoever wants it in every run."""
    group = parser.getgroup("rnn-parity", "recurrent layers (rnn-parity)")
    for name, arguments in OPTIONS.items():
        group.addoption(f"--parity-{name}", **arguments)
    for name, (kind, default) in INI.items():
        option = name.replace("_", "-")
        text = f"As --parity-{option}{', one a line' if kind == 'linelist' else ''}."
        if name == "sight":
            text = "Whether tests say which mistakes their cases would have caught."
        parser.addini(f"parity_{name}", text, type=kind, default=default)


def check(config: pytest.Config) -> None:
    """Raises UsageError, before anything is collected, for a value that cannot be."""
    whole(config, "examples", 1)
    whole(config, "seed", 0)
    seconds(config, "time_limit")
    try:
        config.getini("parity_sight")
    except (ValueError, pytest.UsageError) as error:
        raise pytest.UsageError(f"parity_sight: {error}; expected true or false") from error
    if _lines(config, "limit"):
        limits(config)


def value(config: pytest.Config, name: str) -> Any:
    """Returns an option of one value: the command line's, else the ini file's."""
    option = config.getoption(f"parity_{name}")
    return config.getini(f"parity_{name}") if option is None else option


def whole(config: pytest.Config, name: str, least: int) -> int:
    """Returns a whole number. Raises UsageError for what is none."""
    number = value(config, name)
    if not str(number).isdecimal() or int(number) < least:
        expected = f"expected a whole number of at least {least}"
        raise pytest.UsageError(f"parity_{name} is {number}, {expected}")
    return int(number)


def seconds(config: pytest.Config, name: str) -> float:
    """Returns a number of seconds. Raises UsageError for what is none."""
    text = value(config, name)
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise pytest.UsageError(f"parity_{name} is {text}, expected seconds, above 0")
    return number


def implementations(config: pytest.Config) -> list[str]:
    """Returns those of the conformance set in the order of imports, `torch/all` expanded.

    Loads NumPy only if there are some.
    """
    names = list(dict.fromkeys(_lines(config, "implementation")))
    return whole_names(names) if names else []


def whole_names(names: Sequence[str]) -> list[str]:
    """Returns the names in the order of imports, `torch/all` expanded where torch is installed."""
    from harness.implementations.names import expanded, in_import_order, reference_of
    from references import installed

    here = installed()
    return [
        name
        for item in in_import_order(names)
        for name in (expanded([item]) if reference_of(item) in here else [item])
    ]


def limits(config: pytest.Config) -> dict[str, Any]:
    """Returns the limits. Raises UsageError for one that is unknown or allows nothing."""
    from harness.draw.limits import limits as check_limits

    values = dict(map(_limit, _lines(config, "limit")))
    try:
        check_limits(**values)
    except (TypeError, ValueError) as error:
        raise pytest.UsageError(f"parity_limit: {error}") from error
    return values


def wants_sight(item: pytest.Item) -> bool:
    """Tells whether the test's figures include which mistakes its cases catch."""
    return not item.config.getoption("parity_no_sight") and bool(item.config.getini("parity_sight"))


def framework_of(item: pytest.Item) -> str:
    """Returns a marked test's reference, or another implementation's whole name, or nothing."""
    marker = item.get_closest_marker("parity")
    if not marker or not marker.args:
        return ""
    from harness.implementations.names import reference_of  # for a marked test alone

    parameters = getattr(getattr(item, "callspec", None), "params", {})
    name = str(parameters.get("parity", marker.args[0]))
    return reference_of(name) or name


def _lines(config: pytest.Config, name: str) -> list[str]:
    lines: list[str] = config.getoption(f"parity_{name}") or config.getini(f"parity_{name}")
    return lines


def _limit(text: str) -> tuple[str, Any]:
    from harness.draw.limits import MOST_LAYERS, SIZES

    name, equals, words = text.partition("=")
    if not equals:
        expected = "expected NAME=VALUE, as nonlinearity=tanh"
        raise pytest.UsageError(f"parity_limit is {text!r}, {expected}")
    low, colon, high = words.partition(":")
    if colon and low.isdecimal() and high.isdecimal():
        ends = int(low), int(high)
        every = range(ends[0], min(ends[1], MOST_LAYERS) + 1)
        return name, tuple(every) if name == "num_layers" else ends
    values = tuple(_value(part.strip()) for part in words.split(","))
    if name in SIZES and len(values) > 1:
        raise pytest.UsageError(f"parity_limit is {text!r}, expected {name}=LOW:HIGH")
    return name, values if len(values) > 1 else values[0]


def _value(text: str) -> Any:
    words = {"true": True, "yes": True, "false": False, "no": False}
    return int(text) if text.isdecimal() else words.get(text.lower(), text)
