"""What tests of runs share."""

import pytest

from harness import verify
from tests.implementations.conftest import mine, own_folder  # noqa: F401 - fixtures
from tests.runs.small_reports import SMALL


@pytest.fixture(scope="module")
def report():
    """The report on a few small cases, on which the loop agrees."""
    return verify("numpy", examples=5, **SMALL)
