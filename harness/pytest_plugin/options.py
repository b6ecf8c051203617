"""What the plugin is told: `--parity-*` on the command line, `parity_*` in the ini file, the marker `parity`."""

from typing import Any

import pytest

MARKER = "parity(*implementations): which implementations a test is about, as 'torch', 'keras/unroll' or 'package.module:function'"
EXAMPLES = 20
SAVE = "rnn-parity-failures"
PROFILES = ("fast", "ci", "thorough")


def add(parser: pytest.Parser) -> None:
    """`--parity-...`, and `parity_...` in the ini file for whoever wants it in every run."""
    group = parser.getgroup("rnn-parity", "recurrent layers (rnn-parity)")
    group.addoption(
        "--parity-implementation",
        action="append",
        metavar="NAME",
        help="Run the conformance set on package.module:function, file.py:function, torch, keras/unroll, ...; may be given several times.",
    )
    group.addoption(
        "--parity-examples",
        type=int,
        metavar="N",
        help=f"Cases for each property of the conformance set (default {EXAMPLES}).",
    )
    group.addoption("--parity-seed", type=int, metavar="N", help="Which cases (default 0).")
    group.addoption(
        "--parity-limit",
        action="append",
        metavar="NAME=VALUE",
        help="Draw only such cases, as nonlinearity=tanh,relu, time=1:10 or masks=false; may be given several times.",
    )
    group.addoption(
        "--parity-save", metavar="FOLDER", help=f"Where failing cases are saved (default {SAVE})."
    )
    group.addoption(
        "--parity-profile",
        choices=PROFILES,
        help="Load this Hypothesis profile: 20, 200 or 5000 examples, none with a deadline.",
    )
    group.addoption(
        "--parity-no-sight",
        action="store_true",
        help="Do not find out which mistakes the cases of a test could have shown.",
    )
    parser.addini(
        "parity_implementation",
        "As --parity-implementation, one a line.",
        type="linelist",
        default=[],
    )
    parser.addini("parity_limit", "As --parity-limit, one a line.", type="linelist", default=[])
    parser.addini(
        "parity_sight",
        "Whether tests say which mistakes their cases could have shown.",
        type="bool",
        default=True,
    )
    for name, default in (
        ("examples", str(EXAMPLES)),
        ("seed", "0"),
        ("save", SAVE),
        ("profile", ""),
    ):
        parser.addini(f"parity_{name}", f"As --parity-{name}.", default=default)


def check(config: pytest.Config) -> None:
    """Raises UsageError, before anything is collected, for a value that cannot be."""
    whole(config, "examples", 1)
    whole(config, "seed", 0)
    if implementations(config):
        limits(config)


def value(config: pytest.Config, name: str) -> Any:
    """An option of one value: the command line's, else the ini file's."""
    given = config.getoption(f"parity_{name}")
    return config.getini(f"parity_{name}") if given is None else given


def whole(config: pytest.Config, name: str, least: int) -> int:
    """A whole number. Raises UsageError for what is none."""
    given = value(config, name)
    if not str(given).isdecimal() or int(given) < least:
        raise pytest.UsageError(
            f"parity_{name} is {given}, expected a whole number of at least {least}"
        )
    return int(given)


def implementations(config: pytest.Config) -> list[str]:
    """Those of the conformance set, `torch/all` written out, in the order of imports. Loads NumPy only where there are some."""
    asked = list(
        dict.fromkeys(
            config.getoption("parity_implementation") or config.getini("parity_implementation")
        )
    )
    if not asked:
        return []
    from harness.runs.resolve import expanded, in_import_order, reference_of
    from references import installed

    here = installed()
    return [
        name
        for item in in_import_order(asked)
        for name in (expanded([item]) if reference_of(item) in here else [item])
    ]


def limits(config: pytest.Config) -> dict[str, Any]:
    """The limits, checked. Raises UsageError for one that is unknown or allows nothing."""
    from harness.draw.limits import limits as checked

    given = dict(
        _limit(text) for text in config.getoption("parity_limit") or config.getini("parity_limit")
    )
    try:
        checked(**given)
    except (TypeError, ValueError) as error:
        raise pytest.UsageError(f"parity_limit: {error}") from error
    return given


def wants_sight(item: pytest.Item) -> bool:
    """Whether the test's figures shall include what its cases could have shown."""
    return not item.config.getoption("parity_no_sight") and bool(item.config.getini("parity_sight"))


def framework_of(item: pytest.Item) -> str:
    """The reference that a marked test is about, or the whole name of another implementation; nothing for a test without a mark."""
    marker = item.get_closest_marker("parity")
    if not marker or not marker.args:
        return ""
    callspec = getattr(item, "callspec", None)
    name = str(
        callspec.params["parity"] if callspec and "parity" in callspec.params else marker.args[0]
    )
    return name if ":" in name else name.partition("/")[0]


def _limit(text: str) -> tuple[str, Any]:
    name, equals, written = text.partition("=")
    if not equals:
        raise pytest.UsageError(
            f"parity_limit is {text!r}, expected NAME=VALUE, as nonlinearity=tanh"
        )
    low, colon, high = written.partition(":")
    if colon and low.isdecimal() and high.isdecimal():
        return name, (int(low), int(high))
    values = tuple(_value(part.strip()) for part in written.split(","))
    return name, values if len(values) > 1 else values[0]


def _value(text: str) -> Any:
    words = {"true": True, "yes": True, "false": False, "no": False}
    return int(text) if text.isdecimal() else words.get(text.lower(), text)
