"""Registers Hypothesis profiles, and loads one only where it is named.

Hypothesis lists them as parity-fast, parity-ci and parity-thorough, since it has its own "ci".
"""

import sys
from typing import Any

import pytest

from harness.pytest_plugin.options import PROFILES, value

PREFIX = "parity-"
# "ci" draws the same examples in every run: a red build is red again.
SETTINGS: dict[str, dict[str, Any]] = {
    "fast": {"max_examples": 20},
    "ci": {"max_examples": 200, "derandomize": True, "database": None, "print_blob": True},
    "thorough": {"max_examples": 5000, "print_blob": True},
}


def use_profile(config: pytest.Config) -> None:
    """Loads the profile that --parity-profile names.

    Registers all of them if one is named or Hypothesis is in use.
    """
    own, other = value(config, "profile"), config.getoption("--hypothesis-profile", None) or ""
    if own and own not in PROFILES:
        expected = ", ".join(PROFILES)
        raise pytest.UsageError(f"parity_profile is {own!r}, expected one of {expected}")
    if own and other:
        raise pytest.UsageError(
            f"--hypothesis-profile {other} and parity_profile {own} both name a profile: "
            "leave out one"
        )
    if own or other.startswith(PREFIX) or "hypothesis" in sys.modules:
        register()
    if own:
        from hypothesis import settings

        settings.load_profile(PREFIX + own)


def register() -> None:
    """Makes them known to Hypothesis, without deadlines: a framework's first call takes seconds."""
    try:
        from hypothesis import HealthCheck, settings
    except ImportError as error:
        raise pytest.UsageError(
            "Hypothesis is not installed, so there is no profile to load: "
            "pip install 'rnn-parity[hypothesis]'"
        ) from error
    common: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    for name, own in SETTINGS.items():
        settings.register_profile(PREFIX + name, **common, **own)
