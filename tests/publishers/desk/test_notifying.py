"""Sending to an account's followers at the desk: she reads what it means, says yes, and may take it back."""

import dataclasses

import pytest
from django.urls import reverse

from publishers import registry
from publishers.interface import Notifying
from publishers.models import Account, Phase
from tests.publishers.desk.conftest import text
from tests.publishers.engine.cast import send, signed_release
from tests.publishers.engine.clock import in_an_hour

pytestmark = pytest.mark.django_db(transaction=True)
WARNING, YES = "一天只能群发一次。", "Yes, send it to all followers"


@pytest.fixture
def delivery(network, monkeypatch):
    tiny, notifying = registry.get("tiny"), Notifying("mass", "mass", "submit", WARNING)
    monkeypatch.setattr(tiny, "platform", dataclasses.replace(tiny.platform, notifying=notifying))
    Account.objects.filter(pk=network.of_city.pk).update(capabilities=["mass"])
    return send(signed_release(7, title="山里的阅览室"), account=network.of_city, at=in_an_hour())


def test_who_sends_is_led_there_reads_what_it_means_and_decides(delivery, network, desk):
    see, address = desk(network.liaison), reverse("hub_notify", args=[delivery.pk])
    for answer, decided, said in (
        ("yes", True, "Sent to all followers of the account"),
        ("no", False, "Published without telling the followers"),
        ("perhaps", False, "Published without telling the followers"),
    ):
        assert address in text(see.get("hub_delivery", delivery.pk))
        screen = text(see.get("hub_notify", delivery.pk))
        assert WARNING in screen and "山里的阅览室" in screen
        shown = text(see.post("hub_notify", delivery.pk, said={"notifies": answer}))
        delivery.refresh_from_db()
        assert delivery.notifies == decided and said in shown
        assert (YES in text(see.get("hub_notify", delivery.pk))) != decided


def test_who_only_looks_is_not_led_there(delivery, network, desk):
    address = reverse("hub_notify", args=[delivery.pk])
    assert address not in text(desk(network.auditor).get("hub_delivery", delivery.pk))


def test_when_it_is_too_late_she_is_told_so_and_nothing_changes(delivery, network, desk):
    type(delivery).objects.filter(pk=delivery.pk).update(phase=Phase.CONFIRMING)
    see = desk(network.liaison)
    assert reverse("hub_notify", args=[delivery.pk]) not in text(see.get("hub_delivery", delivery.pk))
    screen = text(see.get("hub_notify", delivery.pk))
    assert "It is too late" in screen and YES not in screen
    assert "It is too late" in text(see.post("hub_notify", delivery.pk, said={"notifies": "yes"}))
    delivery.refresh_from_db()
    assert not delivery.notifies
