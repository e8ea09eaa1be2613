"""The engine's ground, and an account that travels by feed."""

import pytest

from tests.publishers.engine.conftest import ground, office
from tests.publishers.feeds.cast import make_account

__all__ = ["ground", "office"]


@pytest.fixture
def account(office):
    return make_account(office)
