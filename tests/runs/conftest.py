"""What tests of a user's files share."""

from tests.implementations.conftest import mine, own_folder  # noqa: F401 - fixtures
