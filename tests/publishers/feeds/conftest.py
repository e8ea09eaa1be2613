"""The engine's ground, and an account that travels by feed."""

import pytest

from tests.publishers.engine.conftest import ground, office, roots_survive_the_flush
from tests.publishers.feeds.cast import make_account

__all__ = ["ground", "office", "roots_survive_the_flush"]


@pytest.fixture
def account(office):
    return make_account(office)
