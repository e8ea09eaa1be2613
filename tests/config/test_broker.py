"""Nobody waits for a broker that says nothing, and one that takes no calls is told."""

import shutil
import socket
import subprocess
import threading

import pytest
from celery import Celery, current_app
from celery.signals import before_task_publish, task_prerun
from django.db import connection
from kombu import Connection
from kombu.exceptions import OperationalError

from config.broker import transport_options
from publishers.operations import doctor

#: Docs/platforms/partner-feed-contract.md, part C: so soon a callback is answered.
ANSWERED_S = 5


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_whoever_wakes_a_worker_waits_for_a_silent_broker_no_longer_than_a_partner_does(tmp_path, scheme):
    ended = []

    def call():
        hub = Celery("hub", broker=url, set_as_current=False)
        hub.conf.broker_transport_options = transport_options(url, name="hub", folder=tmp_path)
        with pytest.raises((OSError, OperationalError)):
            hub.send_task("publishers.handle_callbacks", retry=False)
        ended.append(True)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/0"
        caller = threading.Thread(target=call, daemon=True)
        caller.start()
        caller.join(ANSWERED_S)
        assert ended


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_hubs_that_share_a_redis_are_kept_apart(tmp_path, scheme):
    prefixes = {
        transport_options(f"{scheme}://h", name=name, folder=tmp_path)["global_keyprefix"]
        for name in ("north", "south")
    }
    assert len(prefixes) == 2


def test_a_call_that_is_worth_nothing_any_more_is_dropped_at_once():
    """A time before now is none that RabbitMQ takes."""
    properties = {}
    before_task_publish.send("hub", headers={"expires": "2026-11-24T12:00:00+00:00"}, properties=properties)
    assert properties == {"expiration": 0}


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_too_old_serves_no_further_task():
    connection.ensure_connection()
    connection.close_at = 0
    task_prerun.send("publishers.sweep")
    assert connection.connection is None


@pytest.fixture
def redis(tmp_path, monkeypatch):
    """A Redis of its own, on a socket; returns what gives it a command."""
    if not shutil.which("redis-server"):
        pytest.skip("there is no redis-server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    quiet = {"stdout": subprocess.DEVNULL, "check": True}
    server = subprocess.Popen(
        ["redis-server", "--port", port, "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
    )
    url = f"redis://127.0.0.1:{port}/0"
    monkeypatch.setitem(current_app.conf, "broker_url", url)
    monkeypatch.setitem(
        current_app.conf, "broker_transport_options", transport_options(url, name="hub", folder=tmp_path)
    )
    with Connection(url) as made:
        made.ensure_connection(max_retries=50, interval_start=0.1, interval_step=0)
    yield lambda *command: subprocess.run(["redis-cli", "-p", port, *command], **quiet)
    server.terminate()
    server.wait()


def test_a_broker_that_takes_no_calls_is_told(redis):
    assert doctor.look_at("broker").well
    redis("replicaof", "127.0.0.1", "1")
    found = doctor.look_at("broker")
    assert not found.well and "HUB_BROKER_URL" in found.sentence and found.told == {"broker": "unreachable"}
