"""A hub on a real broker, with as many worker processes as a test starts."""

import os
import uuid

import pytest
from django.db import connection

from tests.chaos.conftest import hub, office, sandbox
from tests.chaos.processes import environment
from tests.services.brokers import forget
from tests.services.network import Network
from tests.services.wire import Wire

__all__ = ["hub", "office", "sandbox"]


@pytest.fixture(scope="session")
def broker():
    address = os.environ.get("HUB_TEST_BROKER")
    if not address:
        pytest.skip("HUB_TEST_BROKER names no broker (make test-services does)")
    return address


@pytest.fixture
def wire(broker):
    with Wire(broker) as made:
        yield made


@pytest.fixture
def network(hub, broker, wire, tmp_path):
    """Workers and beat of one hub, whose queue is its own and whose broker is behind ``wire``."""
    name = f"hub-{uuid.uuid4().hex[:8]}"
    env = environment(connection.settings_dict, tmp_path)
    env |= {"HUB_BROKER_URL": wire.url, "HUB_QUEUE": name, "HUB_LOG_LEVEL": "DEBUG"}
    with Network(env, tmp_path) as started:
        yield started
    forget(broker, name)
