"""A hub on a real broker, with as many worker processes as a test starts."""

import os
import uuid

import pytest
from django.db import connection

from config.celery import app
from tests.chaos.conftest import hub, office, sandbox
from tests.chaos.processes import environment
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
    env |= {"HUB_BROKER_URL": wire.url, "HUB_QUEUE": name, "HUB_LOG_LEVEL": "INFO"}
    with Network(env, tmp_path) as started:
        yield started
    forget(broker, name)


def forget(broker: str, name: str) -> None:
    """Leave nothing of this hub on the broker."""
    with app.connection_for_write(broker) as made, made.channel() as channel:
        if broker.startswith("redis"):
            keys = channel.client.keys(f"{name}:*")
            if keys:
                channel.client.delete(*keys)
        else:
            for queue in (name, f"{name}.aside"):
                channel.queue_delete(queue)
            for exchange in (name, f"{name}.aside", f"{name}.control", f"{name}.events"):
                channel.exchange_delete(exchange)
