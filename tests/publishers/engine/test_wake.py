"""What workers are called for, in which line and for how long; without a broker the sweep does it."""

import dataclasses
import datetime as dt
import queue
import uuid

import pytest
from django.conf import settings
from django.utils import timezone

from config.celery import app
from publishers import registry, tasks
from publishers.engine.wake import EXPIRES_S, wake, wake_for_callbacks
from publishers.interface import Figure
from publishers.models import Callback, Delivery, DeliveryItem, MetricSample, Phase
from publishers.operations import heartbeat
from tests.publishers.engine.cast import make_account, run, send, signed_release
from tests.publishers.engine.clock import an_hour_ago
from tests.publishers.engine.tiny import Tiny


class Figured(Tiny):
    """The small platform, which tells of every article that it was read seven times."""

    platform = dataclasses.replace(Tiny.platform, figure_source="tiny", figure_days=30)

    def figures(self, account, published_on):
        remote = DeliveryItem.objects.get().remote
        return [Figure(remote, published_on, "reads", 7)]


LINES = (settings.QUEUE, settings.URGENT, settings.ASIDE)
SOME = uuid.UUID(int=7)


@pytest.fixture
def calls():
    """Return what takes the calls from the broker: for what, in which line, of what, for how many seconds."""
    take()
    return take


def take() -> list[tuple[str, str, list, float]]:
    taken = []
    with app.connection_for_read() as broker:
        for name in LINES:
            with broker.SimpleQueue(app.amqp.queues[name]) as line:
                taken += [(call.headers["task"], name, *_said(call)) for call in _all(line)]
    return taken


def _all(line):
    while True:
        try:
            call = line.get_nowait()
        except queue.Empty:
            return
        call.ack()
        yield call


def _said(call):
    expires = call.headers["expires"]
    lasts_s = (dt.datetime.fromisoformat(expires) - timezone.now()).total_seconds() if expires else None
    return list(call.payload[0]), lasts_s


@pytest.mark.parametrize(
    ("call", "task", "line", "of"),
    [
        (lambda: wake([SOME]), "deliver", settings.QUEUE, [str(SOME)]),
        (lambda: wake([SOME], urgent=True), "deliver_urgent", settings.URGENT, [str(SOME)]),
        (wake_for_callbacks, "handle_callbacks", settings.URGENT, []),
    ],
    ids=["a delivery", "an urgent one", "callbacks"],
)
def test_a_call_lies_in_its_line_and_is_dropped_when_nobody_takes_it_soon(calls, call, task, line, of):
    call()
    [(name, where, said, lasts_s)] = calls()
    assert (name, where, said) == (f"publishers.{task}", line, of) and 0 < lasts_s <= EXPIRES_S


@pytest.mark.parametrize("call", [lambda: wake([SOME]), wake_for_callbacks], ids=["deliveries", "callbacks"])
def test_without_a_broker_nobody_is_stopped_and_the_log_says_who_does_it(call, monkeypatch, caplog):
    monkeypatch.setitem(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    # What keeps a connection to the broker that is there.
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    call()
    assert "the sweep will find" in caplog.text


# --- by the clock -------------------------------------------------------------------------------------------


@pytest.fixture
def due(office, server, calls):
    """Two deliveries of two accounts that are due, the second of which is urgent."""
    made = [send(signed_release(n), account=make_account(office, server, f"第{n}号")) for n in (1, 2)]
    Delivery.objects.update(next_at=an_hour_ago())
    Delivery.objects.filter(pk=made[1].pk).update(priority=Delivery.URGENT)
    calls()
    return [str(delivery.pk) for delivery in made]


@pytest.mark.django_db(transaction=True)
def test_the_sweep_calls_for_all_and_the_urgent_one_in_its_own_line_for_what_is_urgent(due, calls):
    calm, urgent = due
    tasks.sweep()
    assert [call[:3] for call in calls()] == [
        ("publishers.deliver", settings.QUEUE, [each]) for each in (urgent, calm)
    ]
    tasks.sweep_urgent()
    assert [call[:3] for call in calls()] == [("publishers.deliver_urgent", settings.URGENT, [urgent])]
    assert {heartbeat.WORKER, heartbeat.URGENT} <= set(heartbeat.ages())


@pytest.mark.django_db(transaction=True)
def test_what_a_callback_hastens_is_called_for_at_once(account, calls):
    hastened = send(signed_release(), account=account)
    hastened.items.update(remote={"id": "draft-1"})
    event = {"about": {"id": "draft-1"}, "facts": {}, "changed": False}
    Callback.objects.create(account=account, key="k", event=event, received_at=an_hour_ago())
    calls()
    tasks.handle_callbacks()
    assert [call[:3] for call in calls()] == [("publishers.deliver", settings.QUEUE, [str(hastened.pk)])]


@pytest.mark.django_db(transaction=True)
def test_who_delivers_what_is_urgent_is_free_for_the_next_urgent_one(account, calls):
    urgent, other = (send(signed_release(number), account=account) for number in (1, 2))
    tasks.deliver_urgent(str(urgent.pk))
    urgent.refresh_from_db()
    other.refresh_from_db()
    assert (urgent.phase, other.phase) == (Phase.SETTLED, Phase.SCHEDULED)


@pytest.mark.django_db(transaction=True)
def test_looks_and_figures_are_called_for_aside_and_not_for_ever(account, calls, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Figured())
    delivery = send(signed_release(), account=account)
    assert run(delivery) == Phase.SETTLED
    before = timezone.now() - dt.timedelta(days=2)
    Delivery.objects.update(due_at=before, settled_at=before, look_at=before)
    calls()
    tasks.look_around()
    tasks.gather_figures()
    look, figures = calls()
    assert look[:3] == ("publishers.look", settings.ASIDE, [str(delivery.pk)])
    assert figures[:3] == ("publishers.figures_of", settings.ASIDE, [account.pk])
    assert 0 < look[3] <= tasks.LOOK_EXPIRES_S and 0 < figures[3] <= tasks.FIGURES_EXPIRES_S
    tasks.figures_of(account.pk)
    assert MetricSample.objects.filter(item__delivery=delivery, value=7).exists()
    assert heartbeat.ASIDE in heartbeat.ages()
