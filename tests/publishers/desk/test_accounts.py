"""Accounts at the desk: administrators add, check, pause and change them; secrets are never shown."""

import dataclasses
import datetime as dt
import re

import pytest
from django.utils import timezone

from cms.models import Role
from publishers import callbacks, registry
from publishers.accounts.credentials import decrypt
from publishers.accounts.quotas import window
from publishers.interface import Quota
from publishers.models import Account, Delivery, QuotaUse
from tests.factories import make_office, make_user
from tests.publishers.desk.conftest import refused, text, turned_away
from tests.publishers.engine.cast import SECRET, make_account, send, signed_release
from tests.publishers.engine.clock import an_hour_ago, in_an_hour

pytestmark = pytest.mark.django_db(transaction=True)


def today() -> dt.datetime:
    return window("day")[0]


@pytest.fixture
def limited(monkeypatch):
    """Return a function that gives the small platform daily quotas."""

    def declare(*limits):
        tiny = registry.get("tiny")
        quotas = tuple(Quota(path, per_day=calls) for path, calls in limits)
        monkeypatch.setattr(tiny, "platform", dataclasses.replace(tiny.platform, quotas=quotas))

    return declare


def new(network, server, **changed):
    return {
        "office": network.city.pk,
        "name": "市妇联新号",
        "base_url": server.url,
        "credential-appid": "wx2",
        "credential-secret": SECRET,
    } | changed


def test_an_administrator_adds_an_account_and_checks_it(network, desk, server):
    see = desk(network.administrator)
    see.post("hub_account_add", "tiny", said=new(network, server))
    account = Account.objects.get(name="市妇联新号")
    assert decrypt(account.credentials)["secret"] == SECRET
    shown = text(see.post("hub_account", account.pk, said={"action": "check"}))
    assert "The platform answers." in shown and SECRET not in shown
    account.refresh_from_db()
    assert account.capabilities == ["draft", "publish"]


def test_a_taken_name_and_a_missing_credential_are_said_and_nothing_is_kept(network, desk, server):
    see = desk(network.administrator)
    shown = text(see.post("hub_account_add", "tiny", said=new(network, server, name="市号")))
    assert "There is an account 市号 on this platform already." in shown
    shown = text(see.post("hub_account_add", "tiny", said=new(network, server, **{"credential-secret": ""})))
    assert "This field is required." in shown
    assert Account.objects.count() == 2


def test_a_mistyped_address_is_said_at_its_field_and_nothing_is_kept(network, desk, server):
    see = desk(network.administrator)
    shown = text(
        see.post("hub_account_add", "tiny", said=new(network, server, base_url="https://h.cn:99999"))
    )
    assert "The address of the interface is mistyped" in shown and Account.objects.count() == 2


def test_an_administrator_pauses_with_a_reason_and_resumes(network, desk):
    see = desk(network.administrator)
    shown = text(see.post("hub_account", network.of_city.pk, said={"action": "pause", "reason": ""}))
    assert "Say why the account stops." in shown
    see.post("hub_account", network.of_city.pk, said={"action": "pause", "reason": "换号主体。"})
    network.of_city.refresh_from_db()
    assert network.of_city.is_paused
    assert "换号主体。" in text(desk(network.liaison).get("hub_accounts"))
    see.post("hub_account", network.of_city.pk, said={"action": "resume"})
    network.of_city.refresh_from_db()
    assert not network.of_city.is_paused


def test_credentials_left_empty_stay_as_they_are(network, desk):
    see = desk(network.administrator)
    said = {
        "name": "市号改名",
        "base_url": network.of_city.base_url,
        "credential-appid": "",
        "credential-secret": "",
    }
    see.post("hub_account", network.of_city.pk, said=said)
    network.of_city.refresh_from_db()
    assert network.of_city.name == "市号改名" and decrypt(network.of_city.credentials)["secret"] == SECRET
    see.post("hub_account", network.of_city.pk, said=said | {"credential-secret": "a-new-one"})
    network.of_city.refresh_from_db()
    assert decrypt(network.of_city.credentials)["secret"] == "a-new-one"


@pytest.mark.parametrize("who", ["duty", "liaison", "auditor", "author"])
def test_only_administrators_change_accounts(who, network, desk, server):
    see = desk(getattr(network, who))
    assert refused(see.get("hub_account_add", "tiny"))
    assert turned_away(see.post("hub_account_add", "tiny", said=new(network, server)))
    for action in ("check", "pause", "resume", ""):
        answer = see.post(
            "hub_account", network.of_city.pk, said={"action": action, "reason": "停", "name": "x"}
        )
        assert turned_away(answer)
    network.of_city.refresh_from_db()
    assert Account.objects.count() == 2 and not network.of_city.is_paused and network.of_city.name == "市号"


def test_an_account_of_an_office_above_is_not_there(network, desk, server):
    see = desk(network.administrator)
    assert see.get("hub_account", network.of_province.pk).status_code == 404
    assert see.post("hub_account", network.of_province.pk, said={"action": "pause"}).status_code == 404
    see.post("hub_account_add", "tiny", said=new(network, server, office=network.province.pk))
    assert Account.objects.count() == 2


def test_an_administrator_of_an_office_above_adds_accounts_of_the_offices_below(network, desk, server):
    above = make_user("above", network.province, Role.ADMINISTRATOR)
    below = make_office("county", name="榕溪县妇联", parent=network.city)
    see = desk(above)
    shown = text(see.get("hub_account_add", "tiny"))
    choice = shown.partition('name="office"')[2].partition("</select>")[0]
    offered = list(map(int, re.findall(r'<option value="(\d+)"', choice)))
    assert offered == [network.province.pk, network.city.pk, below.pk], "in the order of the tree"
    see.post("hub_account_add", "tiny", said=new(network, server, office=below.pk))
    assert Account.objects.get(name="市妇联新号").office == below


def test_a_resting_account_says_until_when_and_that_it_goes_on_by_itself(network, desk):
    rest = {"failures": 5, "resting_until": timezone.now() + dt.timedelta(minutes=9)}
    Account.objects.filter(pk=network.of_city.pk).update(**rest)
    for screen in (["hub_accounts"], ["hub_account", network.of_city.pk]):
        shown = text(desk(network.liaison).get(*screen))
        assert "Failed 5 times in a row" in shown
        assert f"rests until {timezone.localtime(rest['resting_until']):%H:%M}" in shown
    Account.objects.update(resting_until=an_hour_ago())
    assert "Failed 5 times" not in text(desk(network.liaison).get("hub_accounts"))


def test_an_account_whose_platform_asks_to_wait_has_not_failed(network, desk):
    until = timezone.now() + dt.timedelta(minutes=9)
    Account.objects.filter(pk=network.of_city.pk).update(failures=1, resting_until=until)
    shown = text(desk(network.liaison).get("hub_account", network.of_city.pk))
    assert f"left alone until {timezone.localtime(until):%H:%M}" in shown and "in a row" not in shown


def test_todays_calls_are_shown_per_endpoint_and_yesterdays_are_forgotten(network, desk, limited):
    limited(("/draft", 10), ("/submit", 4))
    QuotaUse.objects.create(account=network.of_city, path="/draft", span="day", since=today(), count=9)
    yesterday = today() - dt.timedelta(days=1)
    QuotaUse.objects.create(account=network.of_city, path="/submit", span="day", since=yesterday, count=4)
    shown = text(desk(network.liaison).get("hub_account", network.of_city.pk))
    assert "9 of 10 today, 1 left" in shown and "0 of 4 today, 4 left" in shown
    assert shown.index("9 of 10 today") < shown.index("0 of 4 today")
    assert "9 of 10 today, 1 left" in text(desk(network.liaison).get("hub_accounts"))
    QuotaUse.objects.filter(path="/draft").update(count=10)
    assert "used up today (10)" in text(desk(network.liaison).get("hub_accounts"))


def test_the_calls_of_a_minute_are_none_of_the_day(network, desk, limited, monkeypatch):
    """At midnight both begin at the same moment."""
    limited(("/draft", 10))
    tiny = registry.get("tiny")
    quotas = (*tiny.platform.quotas, Quota("/submit", per_minute=5))
    monkeypatch.setattr(tiny, "platform", dataclasses.replace(tiny.platform, quotas=quotas))
    for span, count in (("day", 2), ("minute", 9)):
        QuotaUse.objects.create(account=network.of_city, path="/draft", span=span, since=today(), count=count)
    shown = text(desk(network.liaison).get("hub_account", network.of_city.pk))
    assert "2 of 10 today" in shown and "/submit" not in shown


def test_the_accounts_stand_in_the_order_of_the_offices_and_of_their_names(network, desk, server):
    Account.objects.filter(pk=network.of_city.pk).update(name="市号 B")
    make_account(network.city, server, "市号 A")
    names = ["省号", "市号 A", "市号 B"]
    shown = text(desk(network.provincial).get("hub_accounts"))
    assert sorted(names, key=shown.index) == names


def test_it_says_how_many_deliveries_workers_have_in_hand_now(network, desk):
    leases = [(network.of_city, an_hour_ago()), (network.of_city, in_an_hour())]
    for number, (account, lease) in enumerate([*leases, (network.of_province, in_an_hour())]):
        delivery = send(signed_release(number), account=account)
        Delivery.objects.filter(pk=delivery.pk).update(lease_until=lease)
    shown = text(desk(network.liaison).get("hub_account", network.of_city.pk))
    assert "1 delivery at a time; 1 at work now" in shown


def test_the_list_and_one_account_cost_the_same_however_many_there_are(
    network, desk, server, limited, django_assert_max_num_queries
):
    limited(("/draft", 10), ("/submit", 4))
    see = desk(network.provincial)
    see.get("hub_accounts")
    for number in range(10):
        account = make_account(network.city, server, f"号{number}")
        QuotaUse.objects.create(account=account, path="/draft", span="day", since=today(), count=number)
    with django_assert_max_num_queries(16):
        assert "号9" in text(see.get("hub_accounts"))
    with django_assert_max_num_queries(17):
        see.get("hub_account", account.pk)


def test_only_who_manages_an_account_sees_where_its_platform_tells_something(network, desk):
    """Whoever knows the address may knock there."""
    account = Account.objects.create(office=network.city, platform="wechat", name="市妇联微信")
    shown = text(desk(network.administrator).get("hub_account", account.pk))
    assert callbacks.address_of(account) in shown
    for person in (network.duty, network.liaison, network.auditor):
        assert callbacks.key_of(account) not in text(desk(person).get("hub_account", account.pk))


def test_credentials_that_do_not_fit_are_said_at_their_field(network, desk):
    see = desk(network.administrator)
    said = {"office": network.city.pk, "name": "市妇联微信", "transport": "api"}
    said |= {"credential-appid": "wx2", "credential-secret": SECRET, "credential-callback_token": "t"}
    shown = text(see.post("hub_account_add", "wechat", said=said | {"credential-callback_mode": "safe"}))
    assert "they are read with the EncodingAESKey" in shown and "市妇联微信" in shown
    assert not Account.objects.filter(platform="wechat").exists()
    see.post("hub_account_add", "wechat", said=said | {"credential-callback_mode": "plain"})
    account = Account.objects.get(platform="wechat")
    change = {"name": account.name, "transport": "api", "credential-callback_mode": "compatible"}
    shown = text(see.post("hub_account", account.pk, said=change))
    assert "they are read with the EncodingAESKey" in shown
    account.refresh_from_db()
    assert decrypt(account.credentials)["callback_mode"] == "plain"


def test_a_plugin_that_does_not_work_is_named_and_its_account_still_opens(network, desk, monkeypatch):
    broken = registry.Broken("county-paper 2.0", "tiny", "it cannot be loaded.")
    monkeypatch.setattr(registry, "_broken", [broken])
    monkeypatch.delitem(registry._publishers, "tiny")
    see = desk(network.administrator)
    assert "county-paper 2.0" in text(see.get("hub_accounts"))
    shown = text(see.get("hub_account", network.of_city.pk))
    assert "county-paper 2.0" in shown and "Its deliveries wait" in shown and "Check the account" not in shown
    for said in ({"action": "check"}, {"name": "另一个名字"}, {"action": "pause"}):
        see.post("hub_account", network.of_city.pk, said=said)
    see.post("hub_account", network.of_city.pk, said={"action": "pause", "reason": "等插件修好。"})
    network.of_city.refresh_from_db()
    assert network.of_city.is_paused and network.of_city.name == "市号"


def test_every_page_about_a_delivery_opens_without_its_plugin(network, desk, monkeypatch):
    delivery = send(signed_release(), account=network.of_city)
    item = delivery.items.get().pk
    monkeypatch.delitem(registry._publishers, "tiny")
    see = desk(network.duty)
    for name, *args in (
        ("hub_deliveries",),
        ("hub_editions",),
        ("hub_texts",),
        ("hub_notify", delivery.pk),
        ("hub_page_distribution", delivery.items.get().release.page_id),
        ("hub_delivery", delivery.pk),
        ("hub_preview", delivery.pk, item),
        ("hub_preview_frame", delivery.pk, item),
        ("hub_recompose", delivery.pk),
        ("hub_edition", network.of_city.pk),
    ):
        assert see.get(name, *args).status_code in (200, 302, 404, 405), name
    assert see.get("hub_delivery", delivery.pk).status_code == 200
    assert "tiny" in see.get("hub_preview_frame", delivery.pk, item).content.decode()
