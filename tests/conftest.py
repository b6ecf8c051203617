"""The implementations under test. A missing framework is a counted skip, and one failure where `.[test]` was asked for."""

import signal

import pytest
from hypothesis import HealthCheck, settings

from references import REFERENCES, installed, load

# Building a Keras layer takes tens of milliseconds: no deadline, and no complaint about slow generation.
settings.register_profile(
    "parity", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("parity")

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # in a shell's background: what tests start and interrupt would ignore it, too
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", params=REFERENCES)
def implementation(request):
    """Each reference's run(case)."""
    if request.param not in installed():
        pytest.skip(f"{request.param} is not installed")
    return load(request.param)
