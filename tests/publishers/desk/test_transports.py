"""How an account's articles travel: chosen at the desk or on the command line, and what that moves."""

import dataclasses
import datetime as dt
import html
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from wagtail.log_actions import registry as logs

from cms.refusals import Refused
from publishers import accounts, engine, registry
from publishers.accounts import pausing
from publishers.accounts.credentials import decrypt
from publishers.distribution import cancel
from publishers.distribution.correcting import correct
from publishers.engine.leases import Halt, acquire, renew_before_call
from publishers.models import Account, Attempt, CorrectionStrategy, Delivery, Phase
from publishers.people.permissions import OPERATOR
from publishers.transports.manual import HAND_OVER
from tests.factories import make_section, make_story
from tests.publishers.desk.conftest import refused, text, turned_away
from tests.publishers.engine.cast import SECRET, make_due, send, signed_release
from tests.publishers.engine.clock import in_an_hour
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)
PAPER = "粤函〔2026〕3号"


@pytest.fixture(autouse=True)
def many_ways(network, monkeypatch):
    """The small platform knows every way, asks for a paper for its interface, and has two themes."""
    platform = dataclasses.replace(
        Tiny.platform,
        transports=("api", "push", "feed", "manual"),
        contract="A letter of the platform.",
        themes={"plain": "Plain", "kapok": "Kapok"},
    )
    monkeypatch.setattr(registry.get("tiny"), "platform", platform)
    for account in (network.of_city, network.of_province):
        account.contract = PAPER
        account.save()


def shown_ways(page: str) -> dict[str, str]:
    """Return the fields that each group of ways has, as the page names both."""
    groups = re.findall(r'data-w-rules="([^"]+)">(.*?)</fieldset>', page, re.S)
    return {" ".join(json.loads(html.unescape(rules))[0][1]): fields for rules, fields in groups}


def kept(account) -> dict:
    """Return what the form of the account sends when nothing is changed."""
    return {"name": account.name, "base_url": account.base_url, "contract": PAPER} | {
        "transport": account.transport
    }


# --- the menu of platforms --------------------------------------------------------------------------------


def test_the_list_leads_to_one_menu_with_every_platform(network, desk):
    see = desk(network.administrator)
    assert text(see.get("hub_accounts")).count("/accounts/add/") == 1
    menu = text(see.get("hub_account_platforms"))
    for publisher in registry.all_publishers():
        assert f"/accounts/add/{publisher.platform.slug}/" in menu and publisher.platform.name in menu


@pytest.mark.parametrize("who", ["duty", "liaison", "auditor"])
def test_nobody_else_is_led_to_the_menu(who, network, desk):
    assert "/accounts/add/" not in text(desk(getattr(network, who)).get("hub_accounts"))


@pytest.mark.parametrize("who", ["duty", "liaison", "auditor", "author"])
def test_only_administrators_see_the_menu(who, network, desk):
    assert refused(desk(getattr(network, who)).get("hub_account_platforms"))


# --- the form ---------------------------------------------------------------------------------------------


def test_each_way_is_explained_and_its_fields_say_whose_they_are(network, desk):
    page = text(desk(network.administrator).get("hub_account_add", "tiny"))
    for sentence in ("own interface", "signed, to an address", "secret address", "the hub gives her"):
        assert sentence in page
    ways = shown_ways(page)
    assert "credential-appid" in ways["api"] and "contract" in ways["api"]
    assert "credential-push_secret" in ways["push"] and "credential-callback_secret" in ways["push feed"]
    assert "falls_back" in ways["api push feed"] and "theme" in page


def test_an_account_by_hand_needs_no_credentials_and_one_over_the_interface_a_paper(network, desk):
    see, said = desk(network.administrator), {"office": network.city.pk, "name": "手工号"}
    answer = text(see.post("hub_account_add", "tiny", said=said | {"transport": "api"}))
    assert "This field is required." in answer and "needs this paper" in answer
    see.post("hub_account_add", "tiny", said=said | {"transport": "manual", "theme": "kapok"})
    account = Account.objects.get(name="手工号")
    assert (account.transport, account.theme, account.falls_back) == ("manual", "kapok", False)
    assert not decrypt(account.credentials)


def test_what_is_typed_is_kept_when_something_is_missing_but_no_secret(network, desk):
    said = {
        "office": network.city.pk,
        "name": "推送号",
        "transport": "push",
        "credential-push_secret": SECRET,
    }
    page = text(desk(network.administrator).post("hub_account_add", "tiny", said=said))
    assert "推送号" in page and SECRET not in page and "This field is required." in page
    assert re.search(r'value="push"[^>]*checked', page)


def test_switching_asks_for_what_the_new_way_needs_and_keeps_what_the_old_one_had(network, desk):
    see, account = desk(network.administrator), network.of_city
    said = kept(account) | {"transport": "push"}
    assert "This field is required." in text(see.post("hub_account", account.pk, said=said))
    account.refresh_from_db()
    assert account.transport == "api"
    pushed = {"push_url": "https://partner.example/push", "push_key": "k-1", "push_secret": "s-1"}
    see.post(
        "hub_account", account.pk, said=said | {f"credential-{name}": value for name, value in pushed.items()}
    )
    account.refresh_from_db()
    stored = decrypt(account.credentials)
    assert account.transport == "push" and stored["push_secret"] == "s-1" and stored["secret"] == SECRET
    assert account.checked_at is None and account.capabilities == []
    page = text(see.get("hub_account", account.pk))
    assert "https://partner.example/push" in page and "s-1" not in page and SECRET not in page


def test_the_switch_the_paper_and_the_theme_are_kept_and_shown(network, desk):
    see, account = desk(network.administrator), network.of_city
    see.post("hub_account", account.pk, said=kept(account) | {"falls_back": "on", "theme": "kapok"})
    account.refresh_from_db()
    assert (account.falls_back, account.contract, account.theme) == (True, PAPER, "kapok")
    assert "goes on by hand" in text(desk(network.liaison).get("hub_account", account.pk))
    see.post("hub_account", account.pk, said=kept(account) | {"transport": "smoke", "theme": "neon"})
    account.refresh_from_db()
    assert (account.transport, account.theme) == ("api", "kapok")


@pytest.mark.parametrize("who", ["duty", "liaison", "auditor", "author", "provincial"])
def test_nobody_else_changes_the_way(who, network, desk):
    see = desk(getattr(network, who))
    assert turned_away(see.post("hub_account", network.of_city.pk, said={"transport": "manual", "name": "x"}))
    network.of_city.refresh_from_db()
    assert network.of_city.transport == "api"


# --- what moves -------------------------------------------------------------------------------------------


LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def change(account, **changes):
    return accounts.change(account, **changes, by=OPERATOR)


def transports() -> dict[str, str]:
    rows = Delivery.objects.values_list("items__release__title", "transport")
    return dict(rows)


def test_what_has_not_begun_moves_and_everything_else_ends_where_it_began(network, desk, server):
    account, later = network.of_city, in_an_hour()
    server.faults["/submit"] = ["retry"]
    begun = send(signed_release(1, title="已开始"), account=account)
    engine.run(begun.pk)
    done = send(signed_release(2, title="已完成"), account=account)
    engine.run(done.pk)
    server.faults["/draft"] = ["retry"]
    turned_down = send(signed_release(3, title="未收下"), account=account)
    engine.run(turned_down.pk)
    planned = send(signed_release(4, title="未开始"), account=account, at=later)
    said = kept(account) | {"transport": "manual"}
    answer = text(desk(network.administrator).post("hub_account", account.pk, said=said))
    assert "2 deliveries that have not begun" in answer
    moved, stayed = {"未收下": "manual", "未开始": "manual"}, {"已开始": "api", "已完成": "api"}
    assert transports() == moved | stayed
    planned.refresh_from_db()
    assert planned.due_at == later and planned.phase == Phase.SCHEDULED
    assert logs.get_logs_for_instance(account).filter(action="hub.account.change").exists()
    make_due(begun)
    assert engine.run(begun.pk) == Phase.SETTLED


def test_a_worker_that_has_it_in_hand_stops_before_its_first_call(network, server):
    delivery = send(signed_release(), account=network.of_city)
    held = acquire(delivery.pk)
    change(network.of_city, transport="manual")
    with pytest.raises(Halt):
        renew_before_call(held)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.ATTENTION and server.total == 0
    delivery.refresh_from_db()
    assert delivery.transport == "manual"


def test_a_change_while_its_pictures_are_uploaded_moves_it(network, server):
    real = server.upload

    def meanwhile(body):
        change(network.of_city, transport="manual")
        connection.close()
        return real(body)

    server.upload = meanwhile
    delivery = send(signed_release(), account=network.of_city)
    assert engine.run(delivery.pk) == Phase.SENDING
    delivery.refresh_from_db()
    assert delivery.transport == "manual" and server.calls["/draft"] == 0
    assert engine.run(delivery.pk) == Phase.ATTENTION and server.calls["/draft"] == 0


def test_a_worker_and_a_change_at_the_same_moment_never_share_a_delivery(network, server):
    """Either the whole of it went the old way, or nothing of it that anybody could see."""
    account = network.of_city
    deliveries = [send(signed_release(page, title=f"第{page}篇"), account=account) for page in range(6)]

    def work(delivery):
        try:
            engine.run(delivery.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(work, delivery) for delivery in deliveries]
        change(account, transport="manual")
        for each in running:
            each.result()
    for delivery in Delivery.objects.all():
        called = Attempt.of_effect().filter(delivery=delivery).exclude(name=HAND_OVER).exists()
        assert called == (delivery.transport == "api"), delivery


def test_an_edition_that_the_new_way_does_not_take_stays(network):
    edition = send(signed_release(1), signed_release(2), account=network.of_city, at=in_an_hour())
    assert change(network.of_city, transport="feed") == 0
    edition.refresh_from_db()
    assert edition.transport == "api"


def test_a_correction_goes_where_the_earlier_text_went(network, server):
    account, page = network.of_city, make_story(make_section(network.city)).pk
    engine.run(send(signed_release(page, title="原稿"), account=account).pk)
    [correction] = correct(
        signed_release(page, title="更正"), {account: CorrectionStrategy.BY_HAND}, by=OPERATOR
    )
    change(account, transport="manual")
    correction.refresh_from_db()
    assert correction.transport == "api"
    cancel(correction, by=OPERATOR)
    newest = signed_release(page, title="再更正")
    [later] = correct(newest, {account: CorrectionStrategy.BY_HAND}, by=OPERATOR)
    assert later.transport == "api", "also of what is corrected after the change"


def test_an_account_that_was_stopped_for_its_credentials_goes_on_another_way(network, server):
    account = network.of_city
    server.faults["/draft"] = ["credentials"]
    stopped = send(signed_release(1, title="被拒绝"), account=account)
    engine.run(stopped.pk)
    waiting = send(signed_release(2, title="未开始"), account=account)
    account.refresh_from_db()
    assert account.is_stopped and waiting.phase == Phase.PAUSED
    change(account, transport="manual")
    account.refresh_from_db()
    assert not account.is_paused
    assert transports() == {"被拒绝": "manual", "未开始": "manual"}
    for delivery in (stopped, waiting):
        make_due(delivery)
        assert engine.run(delivery.pk) == Phase.ATTENTION


def test_on_another_way_it_is_asked_anew_what_the_account_may(network):
    account = network.of_city
    Account.objects.filter(pk=account.pk).update(capabilities=["mass"], problem="稍候", checked_at=LONG_AGO)
    account.refresh_from_db()
    change(account, transport="manual")
    account.refresh_from_db()
    assert (account.capabilities, account.problem, account.checked_at) == ([], "", None)


def test_where_nothing_is_published_by_hand_nothing_falls_back(network, monkeypatch):
    tiny = registry.get("tiny")
    monkeypatch.setattr(tiny, "platform", dataclasses.replace(tiny.platform, transports=("api", "push")))
    with pytest.raises(Refused):
        change(network.of_city, falls_back=True)
    network.of_city.refresh_from_db()
    assert not network.of_city.falls_back


def test_what_a_person_paused_stays_paused(network):
    pausing.pause(network.of_city, by_name="值班", reason="先停一下。")
    network.of_city.refresh_from_db()
    change(network.of_city, transport="manual")
    network.of_city.refresh_from_db()
    assert network.of_city.is_paused


def test_a_refusal_changes_nothing(network):
    account = network.of_city
    for changes in ({"transport": "push"}, {"theme": "neon"}, {"name": "省号", "transport": "manual"}):
        with pytest.raises(Refused):
            change(account, **changes)
        assert (account.transport, account.theme, account.name) == ("api", "", "市号")
    with pytest.raises(TypeError):
        change(account, paused_at=None)


def test_a_change_of_the_name_leaves_what_a_check_found_meanwhile(network):
    opened = Account.objects.get(pk=network.of_city.pk)
    Account.objects.filter(pk=opened.pk).update(capabilities=["publish"], problem="稍候", checked_at=LONG_AGO)
    change(opened, name="市号新名")
    kept = Account.objects.get(pk=opened.pk)
    assert (kept.name, kept.capabilities, kept.problem, kept.checked_at) == (
        "市号新名", ["publish"], "稍候", LONG_AGO,
    )  # fmt: skip


# --- the command line -------------------------------------------------------------------------------------


def test_the_command_line_chooses_and_changes_the_way(network, capsys):
    call_command(
        "account", "add", office="city", platform="tiny", name="手工号", transport="manual", falls_back=True
    )
    account = Account.objects.get(name="手工号")
    assert (account.transport, account.falls_back) == ("manual", True)
    call_command("account", "update", "手工号", "--transport", "feed", "--no-falls-back", "--json")
    account.refresh_from_db()
    assert (account.transport, account.falls_back) == ("feed", False)
    assert '"transport": "feed"' in capsys.readouterr().out
    with pytest.raises(CommandError, match="contract"):
        call_command("account", "update", "手工号", "--transport", "api")
