"""A plugin asks a person: a task with a deadline. And what a plugin does at the last moment before a call."""

import datetime as dt

import pytest
from django.utils import timezone

from publishers import engine, registry
from publishers.distribution import retry
from publishers.interface import ByHand, Retry
from publishers.models import Attempt, Cause, Delivery, Phase
from publishers.people.permissions import OPERATOR
from tests.publishers.engine.cast import make_due, send
from tests.publishers.engine.clock import is_ahead, just_now
from tests.publishers.engine.tiny import Tiny, TinyClient

pytestmark = pytest.mark.django_db(transaction=True)


class Console(Tiny):
    """A platform whose drafts a person publishes."""

    def publish(self, job):
        raise ByHand("请于{time}前到后台点“发表”。", within=24 * 3600)


class Quoting(Tiny):
    """A platform whose words stand in what a person is asked."""

    def publish(self, job):
        raise ByHand("平台说“{time}{0}”。请于{time}前去看。", within=3600)


class Careful(Tiny):
    """A platform whose drafts are looked at right before they are submitted."""

    def publish(self, job):
        client = TinyClient(job.account)
        look = lambda: job.step("look", lambda: client.call("/find", {"what": "draft", "mark": "x"}))  # noqa: E731
        job.step("submit", lambda: client.call("/draft", {"mark": "x"}), before=look)
        raise Retry("not yet", after=1)


def test_the_task_names_its_deadline_and_asked_again_it_stays(release, account, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Console())
    delivery, since = send(release, account=account), just_now()
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert delivery.cause == Cause.BY_HAND and delivery.next_at is None
    assert is_ahead(delivery.deadline_at, dt.timedelta(hours=24), since=since)
    local = timezone.localtime(delivery.deadline_at)
    assert f"{local:%Y年}{local.month}月{local.day}日 {local:%H:%M}" in delivery.reason
    asked = delivery.deadline_at
    retry(delivery, by=OPERATOR)
    engine.run(delivery.pk)
    assert Delivery.objects.get().deadline_at == asked


def test_words_of_the_platform_that_look_like_the_deadline_stay_as_they_are(release, account, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Quoting())
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert delivery.reason.startswith("平台说“{time}{0}”。请于") and delivery.reason.count("{time}") == 1


def test_what_comes_before_a_call_is_done_only_when_the_call_is_made(release, account, server, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Careful())
    delivery = send(release, account=account)
    server.faults["/draft"] = ["retry"]
    for looks in (1, 1, 1):
        engine.run(delivery.pk)
        make_due(delivery)
        assert Attempt.objects.filter(name="look").count() == looks
    assert server.calls["/draft"] == 2
    names = [row.name for row in Attempt.objects.order_by("begun_at")]
    assert names == ["look", "submit"]
