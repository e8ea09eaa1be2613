"""What needs a person: why, what the platform said, until when, and only the buttons that make sense."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import registry as logs

from publishers import accounts, distribution, engine, registry
from publishers.desk import detail
from publishers.desk.attention import DEEDS, offered
from publishers.engine import leases, removing, switching
from publishers.models import Account, Cause, Delivery, DeliveryItem, Phase, Sighting
from publishers.people.permissions import OPERATOR
from tests.publishers.desk.conftest import text, turned_away
from tests.publishers.engine.cast import make_account, make_due, send, sent_titles, signed_release
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)


def put_in(delivery, cause, **more):
    values = {"phase": Phase.ATTENTION, "cause": cause, "reason": "请看一看。", "next_at": None}
    Delivery.objects.filter(pk=delivery.pk).update(**{**values, **more})


@pytest.fixture
def unknown(network, server):
    """A delivery of which nobody can tell whether it arrived."""
    server.faults["/submit"] = ["cut"]
    server.undecided = None
    delivery = send(signed_release(7, title="山里的阅览室"), account=network.of_city)
    engine.run(delivery.pk)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    return delivery


def record(see, delivery, url, **more):
    item = delivery.items.get()
    said = {"action": "record", "item": item.pk, "release": item.release_id, "url": url, **more}
    return see.post("hub_delivery", delivery.pk, said=said)


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_its_deeds_and_no_other_buttons(cause, network, desk):
    delivery = send(signed_release(7), account=network.of_city)
    put_in(delivery, cause)
    shown = text(desk(network.duty).get("hub_delivery", delivery.pk))
    # What was refused for good would be refused again.
    expected = tuple(deed for deed in DEEDS[cause] if (cause, deed) != (Cause.REJECTED, "retry"))
    assert offered(Delivery.objects.get(pk=delivery.pk)) == expected and "请看一看。" in shown
    for deed in ("retry", "record", "cancel", "gone", "reschedule"):
        assert (f'name="action" value="{deed}"' in shown) == (deed in expected)
    assert ("/pages/" in shown and "Change the text" in shown) == ("edit" in DEEDS[cause])


def test_what_the_platform_said_stands_there_with_its_code(network, desk, server):
    server.faults["/draft"] = ["permanent"]
    delivery = send(signed_release(7), account=network.of_city)
    engine.run(delivery.pk)
    shown = text(desk(network.duty).get("hub_delivery", delivery.pk))
    assert "What the platform said" in shown and "99999" in shown.partition("hub-deeds")[0]


@pytest.mark.parametrize(("hours", "overdue"), [(2, False), (-2, True)])
def test_the_deadline_is_shown_and_marked_when_it_has_passed(hours, overdue, network, desk):
    delivery = send(signed_release(7), account=network.of_city)
    put_in(delivery, Cause.BY_HAND, deadline_at=timezone.now() + dt.timedelta(hours=hours))
    shown = text(desk(network.duty).get("hub_delivery", delivery.pk))
    assert ("To be done by" in shown) != overdue and ("Late since" in shown) == overdue


def test_a_person_records_where_she_published_it(unknown, network, desk, server):
    url = f"{server.url}/a/1"
    record(desk(network.duty), unknown, url)
    unknown.refresh_from_db()
    item = unknown.items.get()
    assert (unknown.phase, item.url, item.observed_generation) == (Phase.SETTLED, url, 1)
    seen = Sighting.objects.get(item=item)
    assert (seen.by_name, seen.found) == (network.duty.get_username(), "live")
    assert logs.get_logs_for_instance(unknown).filter(action="hub.delivery.record").exists()
    # And the engine leaves it alone.
    assert engine.run(unknown.pk) == Phase.SETTLED and sent_titles(server) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mp.example.org",
        "http://example.org/a",
        "https://example.org/a/1",
        "javascript:alert(1)",
        "https:///",
    ],
)
def test_an_address_that_is_not_the_account_s_is_refused_and_kept_in_the_form(url, unknown, network, desk):
    shown = text(record(desk(network.duty), unknown, url))
    unknown.refresh_from_db()
    assert unknown.phase == Phase.ATTENTION and unknown.items.get().url == ""
    assert 'name="url"' in shown and "error" in shown


def test_an_address_is_recorded_once(unknown, network, desk, server):
    url = f"{server.url}/a/1"
    other = send(signed_release(8, title="夜校的灯"), account=make_account(network.city, server, "市二号"))
    DeliveryItem.objects.filter(delivery=other).update(url=url)
    assert "夜校的灯" in text(record(desk(network.duty), unknown, url))
    unknown.refresh_from_db()
    assert unknown.phase == Phase.ATTENTION


@pytest.mark.parametrize("base_url", ["", f"{Tiny.platform.base_url}/"])
def test_on_the_real_platform_only_its_own_hosts_are_taken(base_url, unknown, network, desk, monkeypatch):
    import dataclasses

    platform = dataclasses.replace(Tiny.platform, article_hosts=("mp.weixin.qq.com",))
    monkeypatch.setattr(Tiny, "platform", platform)
    monkeypatch.setitem(registry._publishers, "tiny", Tiny())
    Account.objects.update(base_url=base_url)
    others = ("mp.weixin.qq.com.example.org", "evil-mp.weixin.qq.com", "evil.mp.weixin.qq.com")
    for url in ("http://mp.weixin.qq.com/s/abc", *(f"https://{host}/s/abc" for host in others)):
        record(desk(network.duty), unknown, url)
        unknown.refresh_from_db()
        assert unknown.phase == Phase.ATTENTION
    record(desk(network.duty), unknown, "https://mp.weixin.qq.com/s/abc#rd")
    unknown.refresh_from_db()
    assert unknown.phase == Phase.SETTLED
    assert unknown.items.get().url == "https://mp.weixin.qq.com/s/abc"


def test_of_an_edition_each_article_is_recorded_and_the_last_one_settles_it(network, desk, server):
    delivery = send(signed_release(7), signed_release(8, title="夜校的灯"), account=network.of_city)
    put_in(delivery, Cause.BY_HAND)
    see = desk(network.duty)
    for number, item in enumerate(delivery.items.all()):
        shown = text(see.get("hub_delivery", delivery.pk))
        assert shown.count('value="record"') == 2 - number
        said = {"action": "record", "item": item.pk, "release": item.release_id}
        see.post("hub_delivery", delivery.pk, said={**said, "url": f"{server.url}/a/{number}"})
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SETTLED


def test_what_is_recorded_in_part_is_not_sent_by_trying_again(network, desk, server):
    delivery = send(signed_release(7), signed_release(8, title="夜校的灯"), account=network.of_city)
    put_in(delivery, Cause.UNKNOWN)
    item = delivery.items.first()
    said = {"action": "record", "item": item.pk, "release": item.release_id, "url": f"{server.url}/a/1"}
    see = desk(network.duty)
    see.post("hub_delivery", delivery.pk, said=said)
    see.post("hub_delivery", delivery.pk, said={"action": "retry"})
    assert engine.run(delivery.pk) == Phase.ATTENTION
    assert server.calls["/draft"] == 0


@pytest.mark.parametrize("who", ["auditor", "administrator"])
def test_who_may_only_look_records_nothing(who, unknown, network, desk, server):
    see = desk(getattr(network, who))
    assert 'name="action"' not in text(see.get("hub_delivery", unknown.pk))
    assert turned_away(record(see, unknown, f"{server.url}/a/1"))
    unknown.refresh_from_db()
    assert unknown.phase == Phase.ATTENTION


def test_nothing_is_recorded_for_what_waits_for_nobody(network, desk, server):
    delivery = send(signed_release(7), account=network.of_city)
    record(desk(network.duty), delivery, f"{server.url}/a/1")
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SCHEDULED and not Sighting.objects.exists()


def test_an_item_of_another_delivery_is_not_there(unknown, network, desk, server):
    other = send(signed_release(8), account=network.of_province)
    answer = record(desk(network.duty), unknown, f"{server.url}/a/1", item=other.items.get().pk)
    assert answer.status_code == 404


# --- what a platform refused for good -----------------------------------------------------------------------


def deeds(delivery):
    return offered(Delivery.objects.get(pk=delivery.pk))


def test_what_would_be_refused_again_is_tried_again_when_the_account_was_changed(network, server):
    server.faults["/submit"] = ["rejected"]
    delivery = send(signed_release(7), account=network.of_city)
    accounts.change(network.of_city, name="早先的名字", by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.ATTENTION and "retry" not in deeds(delivery)
    accounts.renew_credentials(network.of_city, {"appid": "wx9"}, by=OPERATOR)
    assert "retry" in deeds(delivery)
    logs.get_logs_for_instance(network.of_city).delete()
    accounts.change(network.of_city, name="改了名字", by=OPERATOR)
    assert "retry" in deeds(delivery)
    first = bytes(delivery.items.get().payload)
    distribution.retry(Delivery.objects.get(pk=delivery.pk), by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.SETTLED and len(sent_titles(server)) == 1
    assert server.calls["/draft"] == 2 and bytes(delivery.items.get().payload) != first


def test_a_refusal_in_words_that_no_document_has_is_tried_again(network, server):
    server.faults["/submit"] = ["undocumented"]
    delivery = send(signed_release(7), account=network.of_city)
    assert engine.run(delivery.pk) == Phase.ATTENTION and "retry" in deeds(delivery)


# --- where it may be ----------------------------------------------------------------------------------------


def test_a_draft_that_a_cancelled_delivery_left_is_named(unknown, network, desk, monkeypatch):
    monkeypatch.setattr(detail, "console_of", lambda account: "https://console.example/")
    see = desk(network.duty)
    see.post("hub_delivery", unknown.pk, said={"action": "cancel"})
    shown = text(see.get("hub_delivery", unknown.pk))
    left = shown.partition('id="left"')[2].partition("hub-facts")[0]
    assert "draft-1" in left and "Not known" in left and "https://console.example/" in left


def test_what_a_refused_call_and_an_upload_left_is_not_named(network, desk, server):
    server.faults["/submit"] = ["rejected"]
    delivery = send(signed_release(7), account=network.of_city)
    engine.run(delivery.pk)
    delivery.attempts.filter(name="submit").update(result={"id": "refused-1"})
    see = desk(network.duty)
    see.post("hub_delivery", delivery.pk, said={"action": "cancel"})
    left = text(see.get("hub_delivery", delivery.pk)).partition('id="left"')[2].partition("hub-facts")[0]
    assert "draft-1" in left and "refused-1" not in left and "tiny:1" not in left


@pytest.mark.parametrize(
    ("stands", "expected"),
    [
        ({"phase": "attention", "cause": Cause.BY_HAND}, ("gone", "retry")),
        ({"phase": "attention", "cause": Cause.ALTERED}, ("gone", "look")),
        ({"phase": "sending", "cause": Cause.RETRY}, ("gone", "retry")),
        ({"phase": "sending", "cause": Cause.NONE}, ("gone",)),
        ({"phase": "settled", "cause": Cause.NONE}, ()),
        ({"phase": "cancelled", "cause": Cause.NONE}, ()),
    ],
    ids=str,
)
def test_what_is_to_be_taken_down_is_never_given_up(network, stands, expected):
    delivery = send(signed_release(7), account=network.of_city)
    delivery.items.update(desired="gone")
    next_at = delivery.next_at if stands["phase"] in Delivery.OPEN else None
    put_in(delivery, **{**stands, "next_at": next_at})
    assert deeds(delivery) == expected
    if expected and stands["phase"] == Phase.ATTENTION and stands["cause"] == Cause.BY_HAND:
        Account.objects.filter(pk=network.of_city.pk).update(paused_at=timezone.now(), paused_by="")
        assert deeds(delivery) == ("gone", "account")


def test_a_task_to_take_down_says_where_it_is_and_by_which_names(network, desk, server, monkeypatch):
    monkeypatch.setattr(detail, "console_of", lambda account: "https://console.example/")
    delivery = send(signed_release(7, title="山里的阅览室"), account=network.of_city)
    assert engine.run(delivery.pk) == Phase.SETTLED
    item = delivery.items.get()
    with transaction.atomic():
        removing.ask([item.pk], [delivery.pk])
    assert engine.run(delivery.pk) == Phase.ATTENTION
    task = text(desk(network.duty).get("hub_delivery", delivery.pk)).partition('value="gone"')[2][:1500]
    for told in ("山里的阅览室", item.url, "draft-1", "https://console.example/"):
        assert told in task


# --- wherever she may have published it ---------------------------------------------------------------------


def waits_for_quota(delivery, server):
    server.faults["/draft"] = ["quota"]
    engine.run(delivery.pk)


def stops(delivery, server):
    server.faults["/draft"] = ["credentials"]
    engine.run(delivery.pk)


def is_paused(delivery, server):
    accounts.pause(delivery.account, reason="换人。", by=OPERATOR)


def is_given_up(delivery, server):
    server.faults["/submit"] = ["cut"]
    engine.run(delivery.pk)
    distribution.cancel(Delivery.objects.get(pk=delivery.pk), by=OPERATOR)


def is_without_a_plugin(delivery, server):
    registry._publishers.pop("tiny")


def rests_with_all(delivery, server):
    switching.pause_all("全国哀悼日。", by=OPERATOR)


STATES = [waits_for_quota, stops, is_paused, is_given_up, is_without_a_plugin, rests_with_all]


@pytest.mark.parametrize("state", STATES)
def test_an_address_is_recorded_in_whatever_state_it_waits(state, network, desk, server):
    delivery = send(signed_release(7), account=network.of_city)
    state(delivery, server)
    assert "record" in deeds(delivery)
    assert 'name="action" value="record"' in text(desk(network.duty).get("hub_delivery", delivery.pk))
    record(desk(network.duty), delivery, f"{server.url}/a/1")
    delivery.refresh_from_db()
    item = delivery.items.get()
    assert delivery.phase == Phase.SETTLED and item.observed_generation and item.wanted
    accounts.resume(network.of_city, by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.SETTLED and sent_titles(server) == []


def test_what_she_needs_to_publish_it_stands_only_where_a_person_is_asked(unknown, network, desk):
    see = desk(network.duty)
    assert "What you need" in text(see.get("hub_delivery", unknown.pk))
    see.post("hub_delivery", unknown.pk, said={"action": "cancel"})
    shown = text(see.get("hub_delivery", unknown.pk))
    assert 'value="record"' in shown and "What you need" not in shown


def test_what_was_given_up_and_distributed_anew_is_recorded_there(network, desk, server):
    delivery = send(signed_release(7), account=network.of_city)
    is_given_up(delivery, server)
    [again] = distribution.distribute(
        [delivery.items.get().release], [network.of_city], again=True, alike=True, by=OPERATOR
    )
    assert "by another delivery" in text(record(desk(network.duty), delivery, f"{server.url}/a/1"))
    assert not delivery.items.get().wanted and again.items.get().wanted


def test_what_a_worker_has_in_hand_is_no_persons_to_record(network, desk, server):
    delivery = send(signed_release(7), account=network.of_city)
    waits_for_quota(delivery, server)
    make_due(delivery)
    assert leases.acquire(delivery.pk)
    record(desk(network.duty), delivery, f"{server.url}/a/1")
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SENDING and delivery.items.get().url == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/a",
        "https://hub/a",
        "https://127.0.0.1/a",
        "https://10.0.0.7/a",
        "https://[::1]/a",
        "https://editor:secret@news.example.org/a",
    ],
)
def test_an_address_that_readers_cannot_open_is_refused(url, unknown, network, desk):
    Account.objects.update(base_url="")
    shown = text(record(desk(network.duty), unknown, url))
    unknown.refresh_from_db()
    assert unknown.phase == Phase.ATTENTION and "error" in shown
