"""The embedded broker outlives killed writers, and a folder that is away."""

import datetime as dt
import itertools
from queue import Empty

import pytest
import time_machine
from django.conf import settings
from kombu import Connection
from kombu.transport.virtual import base

from config.celery import app  # its import gives "filesystem" the hub's transport


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "messages"


@pytest.fixture
def channel(tmp_path, folder):
    places = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": tmp_path / "control"}
    options = {name: str(place) for name, place in places.items()}
    with Connection("filesystem://", transport_options=options) as connection:
        yield connection.default_channel


def test_a_message_comes_as_it_was_put(channel):
    channel._put("hub", {"id": "1"})
    assert channel._get("hub") == {"id": "1"}
    with pytest.raises(Empty):
        channel._get("hub")


def test_half_a_message_is_none_and_the_next_one_comes(channel, folder):
    channel._put("hub", {"id": "1"})
    [written] = folder.iterdir()
    written.with_name(f"0_{written.name}").write_text('{"id": ')
    with pytest.raises(Empty):
        channel._get("hub")
    assert channel._get("hub") == {"id": "1"}


def test_what_is_not_renamed_yet_is_not_read(channel, folder):
    channel._put("hub", {"id": "1"})
    [written] = folder.iterdir()
    written.rename(written.with_suffix(".part"))
    with pytest.raises(Empty):
        channel._get("hub")


def test_without_its_folder_it_is_empty_until_somebody_writes(channel, folder):
    with pytest.raises(Empty):
        channel._get("hub")
    assert channel._purge("hub") == 0 == channel.queue_declare("hub").message_count
    channel._put("hub", {"id": "1"})
    assert channel._get("hub") == {"id": "1"}


def call(channel, expires: int) -> None:
    """Call for urgent work, as beat does; no worker of its line is there."""
    with app.amqp.Producer(channel, auto_declare=False) as producer:
        app.send_task("publishers.sweep_urgent", expires=expires, producer=producer)


def calls(folder) -> list:
    return [each for each in folder.iterdir() if each.suffix == ".msg"]


def test_calls_of_a_line_that_nobody_reads_do_not_pile_up(channel, folder):
    with time_machine.travel(dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC), tick=False) as clock:
        for _second in range(60):
            call(channel, expires=5)
            clock.shift(1)
    assert 5 <= len(calls(folder)) <= 7


def test_what_is_worth_something_for_longer_stays_and_is_read(channel, folder):
    with time_machine.travel(dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC), tick=False) as clock:
        call(channel, expires=3600)
        clock.shift(60)
        call(channel, expires=5)
    channel._put("other", {"id": "1"})
    # Calls of one millisecond have no order.
    lives_ms = {channel._get(settings.URGENT)["properties"]["expiration"] for _call in range(2)}
    assert lives_ms == {"3600000", "5000"} and channel._get("other") == {"id": "1"}


def test_half_a_table_of_queues_is_made_anew(channel, tmp_path):
    channel._queue_bind("hub", "hub", "", "hub")
    [table] = (tmp_path / "control").iterdir()
    table.write_text("[[")
    channel._queue_bind("hub", "hub", "", "hub")
    assert [row.queue for row in channel.get_table("hub")] == ["hub"]


def test_a_worker_that_waits_for_messages_sees_each_second_whether_it_is_to_stop(channel, monkeypatch):
    seconds = itertools.count()
    monkeypatch.setattr(base, "monotonic", lambda: next(seconds))
    monkeypatch.setattr(base, "sleep", lambda _seconds: None)
    with pytest.raises(TimeoutError):
        channel.connection.drain_events(None, timeout=3600)
    assert next(seconds) == 2
