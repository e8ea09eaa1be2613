"""A correction from the article's screen: each place with its manners, one press, where it arrived."""

import re

import pytest
from django.db import transaction

from publishers import engine, registry
from publishers.distribution.correcting import carry_newer
from publishers.models import Cause, CorrectionStrategy, Delivery, DeliveryItem, Desired, Phase
from tests.factories import make_section, make_story
from tests.publishers.desk.conftest import text, turned_away
from tests.publishers.engine.cast import make_due, send, signed_release
from tests.publishers.engine.changing import Changing, Removing, server

__all__ = ["server"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(network, ground, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Changing())
    page = make_story(make_section(network.city), author=network.author)
    first = signed_release(page.pk)
    for account in (network.of_city, network.of_province):
        engine.run(send(first, account=account).pk)
    with transaction.atomic():
        newer = signed_release(page.pk, title="山里的阅览室（更正）")
        carry_newer(newer, user=None)
    return page


def pressed(network, manner=CorrectionStrategy.UPDATE):
    manners = {f"manner-{account.pk}": manner for account in (network.of_city, network.of_province)}
    return {"action": "correct", **manners}


def corrections():
    return Delivery.objects.filter(items__replaces__isnull=False)


def test_the_duty_editor_sees_every_place_presses_once_and_sees_where_it_arrived(page, network, desk, server):
    see = desk(network.duty)
    shown = text(see.get("hub_page_distribution", page.pk))
    assert "市号" in shown and "省号" in shown and shown.count('value="republish"') == 2
    see.post("hub_page_distribution", page.pk, said=pressed(network))
    assert corrections().count() == 2
    assert "0</strong> / 2" in text(see.get("hub_page_distribution", page.pk))
    cancel = "The corrected text is not sent there."
    assert cancel in text(see.get("hub_delivery", corrections().get(account=network.of_city).pk))
    for delivery in corrections():
        make_due(delivery)
        assert engine.run(delivery.pk) == Phase.SETTLED
    shown = text(see.get("hub_page_distribution", page.pk))
    assert "2</strong> / 2" in shown and 'value="correct"' not in shown
    assert server.live() == ["山里的阅览室（更正）"] * 2


def test_a_place_may_be_left_as_it_is(page, network, desk):
    said = {**pressed(network), f"manner-{network.of_province.pk}": ""}
    desk(network.duty).post("hub_page_distribution", page.pk, said=said)
    assert corrections().get().account == network.of_city
    # Nothing chosen at all says so, and changes nothing.
    answer = desk(network.duty).post("hub_page_distribution", page.pk, said={"action": "correct"})
    assert "at least one account" in text(answer) and corrections().count() == 1


def test_the_liaison_officer_corrects_on_her_own_account_only(page, network, desk):
    see = desk(network.liaison)
    shown = text(see.get("hub_page_distribution", page.pk))
    assert f"manner-{network.of_city.pk}" in shown and f"manner-{network.of_province.pk}" not in shown
    see.post("hub_page_distribution", page.pk, said=pressed(network))
    assert corrections().get().account == network.of_city


def test_what_is_given_up_is_no_place_that_is_corrected(page, network, desk):
    see = desk(network.duty)
    see.post("hub_page_distribution", page.pk, said=pressed(network))
    see.post("hub_delivery", corrections().get(account=network.of_city).pk, said={"action": "cancel"})
    assert "0</strong> / 1" in text(see.get("hub_page_distribution", page.pk))


@pytest.mark.parametrize(("publisher", "manner"), [(Changing, "update"), (Removing, "by_hand")])
def test_what_changes_nobodys_address_is_proposed(publisher, manner, page, network, desk, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", publisher())
    shown = text(desk(network.duty).get("hub_page_distribution", page.pk)).partition("hub-correct")[2]
    assert re.findall(r'value="(\w*)"[^>]* checked', shown)[:2] == [manner] * 2


def test_after_a_withdrawal_a_correction_that_was_not_sent_is_only_given_up(page, network, desk):
    see = desk(network.duty)
    see.post("hub_page_distribution", page.pk, said=pressed(network))
    correction = corrections().get(account=network.of_city)
    correction.items.update(desired=Desired.GONE)
    Delivery.objects.filter(pk=correction.pk).update(phase=Phase.ATTENTION, cause=Cause.WITHDRAWN)
    shown = text(see.get("hub_delivery", correction.pk))
    assert "where it is being taken down, that goes on" in shown and 'value="gone"' not in shown


@pytest.mark.parametrize("who", ["author", "auditor", "administrator"])
def test_nobody_else_does(who, page, network, desk):
    see = desk(getattr(network, who))
    assert 'value="correct"' not in text(see.get("hub_page_distribution", page.pk))
    assert turned_away(see.post("hub_page_distribution", page.pk, said=pressed(network)))
    assert not corrections().exists()


def test_by_hand_she_confirms_without_an_address_where_the_platform_never_told_one(page, network, desk):
    """As of what was sent to followers."""
    see = desk(network.duty)
    see.post("hub_page_distribution", page.pk, said=pressed(network, CorrectionStrategy.BY_HAND))
    delivery = corrections().get(account=network.of_city)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    item = delivery.items.get()
    DeliveryItem.objects.filter(pk=item.replaces_id).update(url="")
    said = {"action": "record", "item": item.pk, "release": item.release_id, "url": ""}
    see.post("hub_delivery", delivery.pk, said=said)
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SETTLED and delivery.items.get().observed_generation


def test_by_hand_she_confirms_at_the_earlier_address(page, network, desk, server):
    see = desk(network.duty)
    see.post("hub_page_distribution", page.pk, said=pressed(network, CorrectionStrategy.BY_HAND))
    delivery = corrections().get(account=network.of_city)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    item = delivery.items.get()
    shown = text(see.get("hub_delivery", delivery.pk))
    assert "I changed the text there" in shown and item.replaces.url in shown and 'value="retry"' not in shown
    said = {"action": "record", "item": item.pk, "release": item.release_id, "url": item.replaces.url}
    see.post("hub_delivery", delivery.pk, said=said)
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SETTLED
