"""Hypothesis profiles: registered by name, loaded only where somebody asks for one by name.

They are called parity-fast, parity-ci and parity-thorough in Hypothesis' own table, since it has a profile "ci" already.
"""

import sys

import pytest

from harness.pytest_plugin.options import PROFILES, value

PREFIX = "parity-"


def use_profile(config: pytest.Config) -> None:
    """Registers the profiles where Hypothesis is in use or one of them is asked for; loads the one that --parity-profile names."""
    asked, other = value(config, "profile"), config.getoption("--hypothesis-profile", None) or ""
    if asked and asked not in PROFILES:
        raise pytest.UsageError(
            f"parity_profile is {asked!r}, expected one of {', '.join(PROFILES)}"
        )
    if asked and other:
        raise pytest.UsageError(
            f"--hypothesis-profile {other} and parity_profile {asked} both name a profile: leave out one"
        )
    if asked or other.startswith(PREFIX) or "hypothesis" in sys.modules:
        register()
    if asked:
        from hypothesis import settings

        settings.load_profile(PREFIX + asked)


def register() -> None:
    """Makes them known to Hypothesis. None has a deadline: the first call of a framework may take seconds."""
    try:
        from hypothesis import HealthCheck, settings
    except ImportError as error:
        raise pytest.UsageError(
            "Hypothesis is not installed, so there is no profile to load: pip install 'rnn-parity[hypothesis]'"
        ) from error
    slow = [HealthCheck.too_slow]
    settings.register_profile(
        f"{PREFIX}fast", deadline=None, suppress_health_check=slow, max_examples=20
    )
    settings.register_profile(  # the same examples in every run: a red build is red again
        f"{PREFIX}ci",
        deadline=None,
        suppress_health_check=slow,
        max_examples=200,
        derandomize=True,
        database=None,
        print_blob=True,
    )
    settings.register_profile(
        f"{PREFIX}thorough",
        deadline=None,
        suppress_health_check=slow,
        max_examples=5000,
        print_blob=True,
    )
