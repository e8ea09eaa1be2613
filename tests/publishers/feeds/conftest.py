"""The engine's ground, and an account that travels by feed."""

import pytest

from tests.publishers.engine.conftest import duty, ground, office, page
from tests.publishers.feeds.cast import make_account

__all__ = ["duty", "ground", "office", "page"]


@pytest.fixture
def account(office):
    return make_account(office)
