"""The board: what a person may see, what needs her first, and why."""

import re
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import Sum
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.users.models import UserProfile

from publishers import engine
from publishers.desk.hooks import add_menu
from publishers.distribution.withdrawing import confirm_gone
from publishers.engine import removing
from publishers.models import Delivery, DeliveryItem, Phase
from tests.publishers.desk.conftest import refused, text
from tests.publishers.engine.cast import make_due, send, signed_release
from tests.publishers.engine.clock import HOUR, an_hour_ago, in_an_hour

pytestmark = pytest.mark.django_db(transaction=True)


def test_everybody_sees_the_deliveries_of_her_own_offices_only(network, desk):
    send(signed_release(7, title="省里的文章"), account=network.of_province)
    send(signed_release(8, title="市里的文章"), account=network.of_city)
    for person in (network.duty, network.liaison, network.administrator, network.auditor):
        shown = text(desk(person).get("hub_deliveries"))
        assert "市里的文章" in shown and "省里的文章" not in shown
    shown = text(desk(network.provincial).get("hub_deliveries"))
    assert "市里的文章" in shown and "省里的文章" in shown


@pytest.mark.parametrize("screen", ["hub_deliveries", "hub_deliveries_results", "hub_texts", "hub_accounts"])
def test_who_has_no_role_in_distribution_is_turned_away(screen, network, desk):
    assert refused(desk(network.author).get(screen))
    shown = text(desk(network.author).get("wagtailadmin_home"))
    assert "/admin/deliveries/" not in shown


def test_what_needs_a_person_stands_first_with_its_reason_and_what_is_live_with_its_link(
    network, desk, server
):
    done = send(signed_release(7, title="已经上线"), account=network.of_city)
    engine.run(done.pk)
    server.faults["/draft"] = ["rejected"]
    stuck = send(signed_release(8, title="被退回"), account=network.of_city)
    engine.run(stuck.pk)
    send(signed_release(9, title="还没到时间"), account=network.of_city, at=in_an_hour())
    shown = text(desk(network.duty).get("hub_deliveries"))
    assert shown.index("被退回") < shown.index("还没到时间") < shown.index("已经上线")
    assert "标题里有不允许的词。" in shown
    assert done.items.get().url in shown


def test_what_is_withdrawn_has_its_link_until_it_is_down(network, desk):
    delivery = send(signed_release(7), account=network.of_city)
    engine.run(delivery.pk)
    with transaction.atomic():
        removing.ask([delivery.items.get().pk], [delivery.pk])
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    see, url = desk(network.duty), delivery.items.get().url
    assert url in text(see.get("hub_deliveries"))
    confirm_gone(delivery, by=network.duty)
    assert url not in text(see.get("hub_deliveries"))


def test_it_looks_again_for_the_same_rows_while_something_is_at_work(network, desk):
    delivery = send(signed_release(7), account=network.of_city)
    see = desk(network.duty)
    shown = text(see.get("hub_deliveries_results", q="山里", _w_filter_fragment="1"))
    again = f"{reverse('hub_deliveries_results')}?{urlencode({'q': '山里'})}"
    assert f'data-w-swap-src-value="{again}"' in shown
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert "hub-board:look" not in text(see.get("hub_deliveries"))


@pytest.mark.parametrize(
    ("who", "led"),
    [
        ("duty", {"deliveries", "texts", "editions", "figures", "accounts", "switch"}),
        ("provincial", {"deliveries", "texts", "editions", "figures", "accounts", "switch"}),
        ("liaison", {"deliveries", "texts", "editions", "figures", "accounts"}),
        ("auditor", {"deliveries", "figures", "accounts"}),
        ("administrator", {"deliveries", "figures", "accounts", "switch"}),
        ("author", set()),
    ],
)
def test_the_menu_leads_where_the_person_may_go(who, led, network, desk):
    request = RequestFactory().get("/")
    request.user = getattr(network, who)
    shown = {item.url for item in add_menu().menu.menu_items_for_request(request)}
    assert shown == {f"/admin/{place}/" for place in led}


def test_the_first_page_shows_what_needs_a_person(network, desk, server):
    server.faults["/draft"] = ["rejected"]
    stuck = send(signed_release(8, title="被退回"), account=network.of_city)
    engine.run(stuck.pk)
    assert f"/admin/deliveries/{stuck.pk}/" in text(desk(network.duty).get("wagtailadmin_home"))
    assert f"/admin/deliveries/{stuck.pk}/" not in text(desk(network.author).get("wagtailadmin_home"))


def test_what_goes_out_next_is_what_is_scheduled_the_soonest_first(network, desk):
    for number, phase in enumerate(set(Phase) - {Phase.SCHEDULED}):
        gone = send(signed_release(20 + number, title=f"不再等的{phase}"), account=network.of_city)
        next_at = gone.next_at if phase in Delivery.OPEN else None
        Delivery.objects.filter(pk=gone.pk).update(phase=phase, next_at=next_at)
    send(signed_release(7, title="晚些的"), account=network.of_city, at=in_an_hour() + HOUR)
    send(signed_release(8, title="早些的"), account=network.of_city, at=in_an_hour())
    following = text(desk(network.duty).get("wagtailadmin_home")).partition("What goes out next")[2]
    assert following.index("早些的") < following.index("晚些的") and "不再等的" not in following


def test_deliveries_are_found_by_title_phase_and_account(network, desk):
    send(signed_release(7, title="山里的阅览室"), account=network.of_city)
    held = send(signed_release(8, title="夜校的灯"), account=network.of_city)
    Delivery.objects.filter(pk=held.pk).update(phase=Phase.ATTENTION, next_at=None)
    see = desk(network.duty)
    assert "夜校的灯" not in text(see.get("hub_deliveries", q="阅览"))
    assert "山里的阅览室" not in text(see.get("hub_deliveries", phase="attention"))
    assert "夜校的灯" in text(see.get("hub_deliveries_results", account=network.of_city.pk))


def test_times_are_shown_with_their_zone(network, desk):
    delivery = send(signed_release(7), account=network.of_city)
    assert "Beijing time" in text(desk(network.duty).get("hub_deliveries"))
    assert "Beijing time" in text(desk(network.duty).get("hub_delivery", delivery.pk))
    profile = UserProfile.get_for_user(network.duty)
    profile.current_time_zone = "Europe/Berlin"
    profile.save()
    shown = text(desk(network.duty).get("hub_delivery", delivery.pk))
    there = timezone.localtime(delivery.due_at, ZoneInfo("Europe/Berlin"))
    assert f"{date_format(there, 'DATETIME_FORMAT')} (Europe/Berlin)" in shown and "Beijing time" not in shown


def test_the_board_costs_the_same_for_one_delivery_and_for_forty(
    network, desk, django_assert_max_num_queries
):
    see = desk(network.provincial)
    send(signed_release(7), account=network.of_city)
    see.get("hub_deliveries")
    for number in range(20):
        release = signed_release(20 + number, title=f"第{number}篇")
        send(release, account=network.of_city)
        send(release, account=network.of_province)
    with django_assert_max_num_queries(33):
        assert "第19篇" in text(see.get("hub_deliveries"))


def test_what_needs_a_person_stands_in_the_order_of_its_deadlines_and_says_when_it_is_overdue(network, desk):
    late = send(signed_release(7, title="已过期限"), account=network.of_city)
    soon = send(signed_release(8, title="快到期限"), account=network.of_city)
    free = send(signed_release(9, title="没有期限"), account=network.of_city)
    Delivery.objects.update(phase=Phase.ATTENTION, next_at=None)
    Delivery.objects.filter(pk=late.pk).update(deadline_at=an_hour_ago())
    Delivery.objects.filter(pk=soon.pk).update(deadline_at=in_an_hour())
    see = desk(network.duty)
    for screen in ("wagtailadmin_home", "hub_deliveries"):
        shown = text(see.get(screen))
        assert shown.index("已过期限") < shown.index("快到期限") < shown.index("没有期限")
    assert shown.count("Late since") == 1 and free.deadline_at is None


def test_of_what_has_no_deadline_the_latest_stands_first_and_so_of_all_others(network, desk):
    order = ["attention2", "attention1", "sending2", "sending1"]
    for number, title in enumerate(sorted(order)):
        one = send(signed_release(7 + number, title=title), account=network.of_city)
        changes = {"phase": title[:-1], "due_at": one.due_at + int(title[-1]) * HOUR}
        Delivery.objects.filter(pk=one.pk).update(**changes)
    listed = text(desk(network.duty).get("hub_deliveries_results"))
    assert sorted(order, key=listed.index) == order


def test_it_says_how_often_the_platform_was_called_for_each(network, desk, server):
    server.faults["/draft"] = ["retry"]
    delivery = send(signed_release(7), account=network.of_city)
    engine.run(delivery.pk)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    calls = delivery.attempts.aggregate(calls=Sum("tries"))["calls"]
    assert calls > delivery.attempts.count()
    send(signed_release(8), account=network.of_city, at=in_an_hour())
    shown = text(desk(network.duty).get("hub_deliveries_results"))
    assert re.findall(r"hub-tries[^>]*>\s*(\d+)\s*</td>", shown) == ["0", str(calls)]


def test_what_should_have_gone_out_says_how_late_it_is_and_what_went_out_does_not(network, desk):
    done = send(signed_release(7), account=network.of_city, at=an_hour_ago())
    engine.run(done.pk)
    Delivery.objects.update(due_at=an_hour_ago())
    assert "late" not in due_cells(desk(network.duty).get("hub_deliveries_results"))
    send(signed_release(8), account=network.of_city)
    Delivery.objects.update(due_at=an_hour_ago())
    assert "1 hour late" in due_cells(desk(network.duty).get("hub_deliveries_results"))


def test_what_waits_for_a_quota_says_until_when(network, desk, server):
    server.faults["/draft"] = ["quota"]
    delivery = send(signed_release(7), account=network.of_city)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.phase in Delivery.OPEN and delivery.next_at > timezone.now()
    shown = text(desk(network.duty).get("hub_deliveries"))
    assert "is used up; it goes on at" in shown
    assert date_format(timezone.localtime(delivery.next_at), "DATETIME_FORMAT") in shown


def test_ten_thousand_deliveries_cost_no_more_queries_than_forty(
    network, desk, django_assert_max_num_queries
):
    release = signed_release(7, title="山里的阅览室")
    many = [
        Delivery(account=network.of_city, due_at=an_hour_ago(), phase=Phase.SETTLED, created_by_name="x")
        for _ in range(10_000)
    ]
    Delivery.objects.bulk_create(many)
    DeliveryItem.objects.bulk_create(
        DeliveryItem(delivery=each, account=each.account, position=0, release=release, wanted=False)
        for each in many
    )
    see = desk(network.provincial)
    see.get("hub_deliveries")
    far = f"after.2.{Delivery.objects.order_by('due_at')[50].pk}"
    for query in ({}, {"p": far}, {"phase": "settled"}, {"account": network.of_city.pk}):
        with django_assert_max_num_queries(37):
            assert "山里的阅览室" in text(see.get("hub_deliveries", **query))


def due_cells(response) -> str:
    return " ".join(
        re.findall(r'<td class="hub-number">.*?</td>', text(response).replace("\xa0", " "), re.DOTALL)
    )
