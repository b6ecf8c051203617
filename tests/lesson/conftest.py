"""The lesson, computed once: without frameworks, and with those that are installed."""

import pytest

import harness.cli  # noqa: F401 - sets NumPy's threads as the command does, and the page names them
from harness.lesson.material import build
from harness.lesson.page import page
from references import installed


@pytest.fixture(scope="session")
def plain():
    """The material of a class without frameworks."""
    return build(numpy_only=True)


@pytest.fixture(scope="session")
def plain_page(plain):
    return page(plain)


@pytest.fixture(scope="session")
def full(plain):
    """The material with both frameworks; the catalogue needs none of them, and is not planted twice."""
    for name in ("torch", "keras"):
        if name not in installed():
            pytest.skip(f"{name} is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.lesson.material.planted", lambda: plain.planted)
        return build()


@pytest.fixture(scope="session")
def full_page(full):
    return page(full)
