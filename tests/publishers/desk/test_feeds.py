"""An account's feed at the desk: administrators see its address, replace it, and choose who may read it."""

import pytest
from django.test import Client
from wagtail.models import ModelLogEntry

from publishers import feeds
from publishers.models import Account, Feed
from tests.publishers.desk.conftest import text, turned_away
from tests.publishers.feeds.cast import make_account, path_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(network):
    return make_account(network.city)


def test_an_administrator_sees_the_address_and_when_it_was_read(network, desk, account):
    see = desk(network.administrator)
    assert "Nobody has read it yet." in text(see.get("hub_account", account.pk))
    Client().get(path_of(account))
    shown = text(see.get("hub_account", account.pk))
    assert feeds.address_of(account, "xml") in shown and feeds.address_of(account, "json") in shown
    assert "Nobody has read it yet." not in shown


def test_who_does_not_manage_the_account_never_sees_the_address(network, desk, account):
    key = path_of(account).rsplit("/", 1)[1].removesuffix(".xml")
    for person in (network.duty, network.liaison, network.auditor):
        shown = text(desk(person).get("hub_account", account.pk))
        assert "Last read" in shown and key not in shown


def test_an_administrator_replaces_the_address(network, desk, account):
    old = path_of(account)
    shown = text(desk(network.administrator).post("hub_feed_rotate", account.pk))
    assert "The feed has a new address." in shown and old not in shown
    assert Client().get(old).status_code == 404 and Client().get(path_of(account)).status_code == 200
    assert ModelLogEntry.objects.filter(action="hub.account.feed_rotate").count() == 1


def test_an_administrator_chooses_who_may_read_it(network, desk, account):
    see = desk(network.administrator)
    see.post("hub_feed_allow", account.pk, said={"allowed": "203.0.113.7/24\n\n2001:db8::1"})
    assert feeds.of(account.pk).allowed == "203.0.113.0/24\n2001:db8::1/128"
    shown = text(see.post("hub_feed_allow", account.pk, said={"allowed": "<b>everywhere</b>"}))
    assert "&lt;b&gt;everywhere&lt;/b&gt;” is no address and no network." in shown
    assert feeds.of(account.pk).allowed == "203.0.113.0/24\n2001:db8::1/128"


@pytest.mark.parametrize("name", ["hub_feed_rotate", "hub_feed_allow"])
def test_nobody_else_changes_the_feed(network, desk, account, name):
    before = Feed.objects.values().get(pk=feeds.of(account.pk).pk)
    for person in (network.duty, network.liaison, network.auditor, network.author, network.provincial):
        assert turned_away(desk(person).post(name, account.pk, said={"allowed": "203.0.113.1"}))
    assert desk(network.administrator).get(name, account.pk).status_code == 405
    assert Feed.objects.values().get() == before


def test_a_feed_is_still_there_when_articles_travel_another_way(network, desk, account):
    Client().get(path_of(account))
    Account.objects.filter(pk=account.pk).update(transport="manual")
    assert "Last read" in text(desk(network.auditor).get("hub_account", account.pk))


def test_an_account_without_a_feed_shows_none(network, desk):
    assert "Last read" not in text(desk(network.administrator).get("hub_account", network.of_city.pk))
    assert not Feed.objects.exists()
