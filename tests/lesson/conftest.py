"""The lesson, computed once: without frameworks, and with those that are installed."""

import pytest

import harness.cli  # noqa: F401 - sets NumPy's threads as the command does, and the page names them
from harness.lesson.material import build
from harness.lesson.page import page
from harness.lesson.pictures import PICTURES, picture
from references import installed


@pytest.fixture(scope="session")
def plain():
    """The material of a class without frameworks."""
    return build(numpy_only=True)


@pytest.fixture(scope="session")
def pictures(plain):
    return {name: picture(name, plain) for name in PICTURES}


@pytest.fixture(scope="session")
def plain_page(plain, pictures):
    """Its page, with pictures that are drawn once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.lesson.page.picture", lambda name, material: pictures[name])
        return page(plain)


@pytest.fixture(scope="session")
def full(plain):
    """The material with both frameworks; the examples need none of them, and are computed once."""
    for name in ("torch", "keras"):
        if name not in installed():
            pytest.skip(f"{name} is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.lesson.material.examples", lambda progress: plain.examples)
        return build()


@pytest.fixture(scope="session")
def full_page(full):
    return page(full)


@pytest.fixture(params=["plain", pytest.param("full", marks=pytest.mark.framework)])
def material(request):
    """The material of either edition."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["plain_page", pytest.param("full_page", marks=pytest.mark.framework)])
def html(request):
    """The page of either edition."""
    return request.getfixturevalue(request.param)
