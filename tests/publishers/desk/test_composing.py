"""Composing an edition at the desk: which texts, in which order, when; and composing it anew."""

import dataclasses
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from publishers import distribution, engine, registry
from publishers.desk.composing import arranged
from publishers.models import Delivery, DeliveryItem, Phase
from publishers.people.permissions import OPERATOR
from tests.publishers.desk.conftest import refused, text, turned_away
from tests.publishers.engine.cast import send, sent_titles, signed_release
from tests.publishers.engine.clock import in_an_hour, just_now
from tests.triggers import lifted

pytestmark = pytest.mark.django_db(transaction=True)
LATER = {"when": "later", "at": "2036-03-08 09:30"}


def said(*releases, **more):
    return {"release": [str(release.pk) for release in releases], "when": "now", **more}


def titles() -> list[str]:
    return list(DeliveryItem.objects.order_by("position").values_list("release__title", flat=True))


@pytest.fixture
def texts(network):
    return [signed_release(number, title=title) for number, title in enumerate(("阅览室", "夜校"), start=7)]


@pytest.mark.parametrize(
    ("pressed", "order"),
    [
        ({"add": "c"}, "abc"),
        ({"add": "a"}, "ab"),
        ({"remove": "a"}, "b"),
        ({"up": "b"}, "ba"),
        ({"up": "a"}, "ab"),
        ({"down": "a"}, "ba"),
        ({"down": "x"}, "ab"),
    ],
)
def test_each_button_changes_the_order_and_nothing_else(pressed, order):
    assert arranged(["a", "b"], pressed, size=3) == list(order)


def test_no_more_than_fit_and_none_twice():
    assert arranged(["a", "b", "a"], {"add": "c"}, size=2) == ["a", "b"]


def test_the_order_that_is_posted_is_the_order_that_goes_out(texts, network, desk, server):
    first, second = texts
    answer = desk(network.duty).post("hub_edition", network.of_city.pk, said=said(second, first, send="1"))
    delivery = Delivery.objects.get()
    assert answer.redirect_chain[0][0] == reverse("hub_delivery", args=[delivery.pk])
    engine.run(delivery.pk)
    assert sent_titles(server) == ["夜校", "阅览室"]


def test_adding_and_searching_keep_what_was_chosen_and_send_nothing(texts, network, desk):
    first, second = texts
    see, account = desk(network.duty), network.of_city.pk
    shown = text(see.post("hub_edition", account, said=said(first, add=second.pk, **LATER)))
    assert shown.index("阅览室") < shown.index("夜校") and "2036-03-08 09:30" in shown
    assert "2 of at most 2 articles." in shown and "The edition is full" in shown
    found = text(see.post("hub_edition", account, said=said(search="1", q="夜")))
    assert "夜校" in found and "阅览室" not in found
    assert not Delivery.objects.exists()


def test_what_is_on_its_way_to_the_account_is_not_offered(texts, network, desk):
    send(texts[0], account=network.of_city, at=in_an_hour())
    shown = text(desk(network.duty).get("hub_edition", network.of_city.pk))
    assert "夜校" in shown and "阅览室" not in shown


def test_what_was_cancelled_before_it_began_is_offered_again(texts, network, desk):
    distribution.cancel(send(texts[0], account=network.of_city, at=in_an_hour()), by=OPERATOR)
    assert "阅览室" in text(desk(network.duty).get("hub_edition", network.of_city.pk))


def test_a_text_that_is_not_what_was_signed_is_neither_offered_nor_sent(texts, network, desk):
    first, second = texts
    with lifted():
        type(first).objects.filter(pk=first.pk).update(title="改过的标题")
    see, account = desk(network.duty), network.of_city.pk
    shown = text(see.get("hub_edition", account))
    assert "夜校" in shown and "改过的标题" not in shown
    assert "“改过的标题” can no longer go out" in text(
        see.post("hub_edition", account, said=said(first, second, send="1"))
    )
    assert not Delivery.objects.exists()


def test_a_time_that_is_not_chosen_does_not_count(texts, network, desk):
    before = just_now()
    at = {"when": "now", "at": LATER["at"]}
    desk(network.duty).post("hub_edition", network.of_city.pk, said=said(*texts, send="1") | at)
    assert before <= Delivery.objects.get().due_at <= timezone.now()


def test_what_an_edition_holds_is_shown_in_it_though_a_newer_text_exists(texts, network, desk):
    waiting = send(texts[0], account=network.of_city, at=in_an_hour())
    signed_release(7, title="更正后")
    shown = text(desk(network.duty).get("hub_recompose", waiting.pk))
    assert str(texts[0].pk) in shown and "can no longer go out" not in shown


def test_what_was_taken_out_of_an_edition_can_be_added_again(texts, network, desk):
    first, second = texts
    waiting = send(first, account=network.of_city, at=in_an_hour())
    shown = text(desk(network.duty).post("hub_recompose", waiting.pk, said=said(second, remove=first.pk)))
    assert f'name="add" value="{first.pk}"' in shown


def test_the_last_signed_is_offered_first(texts, network, desk):
    last = signed_release(9, title="刚签发的")
    with lifted():
        type(last).objects.filter(pk=texts[0].pk).update(signed_at=in_an_hour())
    shown = text(desk(network.duty).get("hub_edition", network.of_city.pk))
    assert shown.index("刚签发的") < shown.index("夜校")


def test_of_too_many_chosen_texts_those_that_fit_are_there(texts, network, desk):
    third = signed_release(9, title="第三篇")
    see, chosen = desk(network.duty), [text.pk for text in (*texts, third)]
    shown = text(see.get("hub_edition", network.of_city.pk, release=chosen))
    assert "2 of at most 2 articles." in shown and "第三篇" not in shown


def test_where_articles_go_one_by_one_no_edition_is_composed(texts, network, desk, server, monkeypatch):
    tiny = registry.get("tiny")
    monkeypatch.setattr(tiny, "platform", dataclasses.replace(tiny.platform, edition_size=1))
    see = desk(network.provincial)
    shown = text(see.get("hub_editions"))
    assert "市号" not in shown and "省号" not in shown
    assert see.get("hub_edition", network.of_city.pk).status_code == 404


def test_a_text_that_can_no_longer_go_out_is_named_and_the_others_stay(texts, network, desk):
    first, second = texts
    signed_release(7, title="更正后")
    shown = text(
        desk(network.duty).post("hub_edition", network.of_city.pk, said=said(first, second, send="1"))
    )
    assert "“阅览室” can no longer go out" in shown and str(second.pk) in shown
    assert not Delivery.objects.exists()


def test_after_a_cancellation_halfway_she_is_asked_and_her_work_stays(texts, network, desk, server):
    first, second = texts
    server.faults["/submit"] = ["cut"]
    halfway = send(first, account=network.of_city)
    engine.run(halfway.pk)
    distribution.cancel(Delivery.objects.get(), by=OPERATOR)
    see, order = desk(network.duty), said(second, first, send="1", **LATER)
    shown = text(see.post("hub_edition", network.of_city.pk, said=order))
    assert "cancelled halfway" in shown and 'name="again"' in shown and "2036-03-08 09:30" in shown
    assert shown.index("夜校") < shown.index("阅览室") and Delivery.objects.count() == 1
    see.post("hub_edition", network.of_city.pk, said=order | {"again": "on"})
    assert Delivery.objects.count() == 2


def test_a_text_nearly_the_same_as_an_earlier_one_is_asked_about(texts, network, desk):
    earlier = send(texts[0], account=network.of_city, at=in_an_hour())
    twin = signed_release(9, title="阅览室")
    see = desk(network.duty)
    shown = text(see.post("hub_edition", network.of_city.pk, said=said(twin, send="1")))
    assert 'name="alike"' in shown and f"/admin/deliveries/{earlier.pk}/" in shown
    see.post("hub_edition", network.of_city.pk, said=said(twin, send="1", alike="on"))
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("ids", [["no-uuid"], ["00000000-0000-0000-0000-000000000000"], []])
def test_unknown_texts_and_none_send_nothing(ids, network, desk):
    answer = desk(network.duty).post(
        "hub_edition", network.of_city.pk, said={"release": ids, "when": "now", "send": "1"}
    )
    assert "Choose at least one text first." in text(answer) and not Delivery.objects.exists()


@pytest.mark.parametrize("who", ["administrator", "auditor", "author"])
def test_who_may_not_send_finds_no_screen_and_sends_nothing(who, texts, network, desk):
    see = desk(getattr(network, who))
    waiting = send(texts[1], account=network.of_city, at=in_an_hour())
    cover = next(iter(json.loads(bytes(texts[0].assets))))
    for screen in (
        ("hub_editions",),
        ("hub_edition", network.of_city.pk),
        ("hub_recompose", waiting.pk),
        ("hub_cover", texts[0].pk, cover),
    ):
        assert refused(see.get(*screen))
    for screen in (("hub_edition", network.of_city.pk), ("hub_recompose", waiting.pk)):
        assert turned_away(see.post(*screen, said=said(texts[0], send="1")))
    assert titles() == ["夜校"]


def test_another_offices_account_and_edition_are_not_there(texts, network, desk):
    see = desk(network.liaison)
    waiting = send(texts[1], account=network.of_province, at=in_an_hour())
    for screen in (("hub_edition", network.of_province.pk), ("hub_recompose", waiting.pk)):
        assert see.get(*screen).status_code == 404
        assert see.post(*screen, said=said(texts[0], send="1")).status_code == 404
    assert titles() == ["夜校"]


def test_with_several_accounts_she_is_asked_for_one_and_with_one_led_there(texts, network, desk):
    shown = text(desk(network.provincial).get("hub_editions", release=texts[0].pk))
    assert "省号" in shown and "市号" in shown and str(texts[0].pk) in shown
    led = desk(network.duty).get("hub_editions", release=texts[0].pk)
    assert led.url == f"/admin/editions/{network.of_city.pk}/?release={texts[0].pk}"


def test_a_new_edition_may_be_for_another_account_and_a_scheduled_one_is_not(texts, network, desk):
    waiting, see = send(texts[0], account=network.of_city, at=in_an_hour()), desk(network.provincial)
    assert "Another account" in text(see.get("hub_edition", network.of_city.pk))
    assert "Another account" not in text(see.get("hub_recompose", waiting.pk))
    assert "Another account" not in text(desk(network.duty).get("hub_edition", network.of_city.pk))


def test_a_scheduled_edition_is_composed_anew_and_its_history_says_so(texts, network, desk):
    first, second = texts
    waiting = send(first, account=network.of_city, at=in_an_hour())
    see = desk(network.duty)
    address = reverse("hub_recompose", args=[waiting.pk])
    assert address in text(see.get("hub_delivery", waiting.pk))
    assert address not in text(desk(network.auditor).get("hub_delivery", waiting.pk))
    assert str(first.pk) in text(see.get("hub_recompose", waiting.pk))
    shown = text(see.post("hub_recompose", waiting.pk, said=said(second, first, send="1", **LATER)))
    assert "Edition composed anew" in shown and titles() == ["夜校", "阅览室"]
    waiting.refresh_from_db()
    assert waiting.due_at.isoformat() == "2036-03-08T01:30:00+00:00"


def test_an_edition_that_has_begun_leads_back_to_its_delivery(texts, network, desk):
    delivery = send(texts[0], account=network.of_city)
    engine.run(delivery.pk)
    see = desk(network.duty)
    assert see.get("hub_recompose", delivery.pk).url == f"/admin/deliveries/{delivery.pk}/"
    shown = text(see.post("hub_recompose", delivery.pk, said=said(texts[1], send="1")))
    assert "Only an edition that is scheduled" in shown and titles() == ["阅览室"]
    assert Delivery.objects.get().phase == Phase.SETTLED


def test_a_cover_is_shown_only_of_a_text_that_shows_it(texts, network, desk):
    see = desk(network.liaison)
    cover = next(iter(json.loads(bytes(texts[0].assets))))
    assert see.get("hub_cover", texts[0].pk, cover).headers["Content-Type"] == "image/webp"
    others = json.loads(bytes(signed_release(9, pictures=2).assets)).keys() - {cover}
    for sha256 in ("0" * 64, *others):
        assert see.get("hub_cover", texts[0].pk, sha256).status_code == 404, sha256


def test_the_screen_costs_the_same_for_one_article_and_for_two(
    texts, network, desk, django_assert_max_num_queries
):
    see = desk(network.duty)
    for number in range(12):
        signed_release(20 + number, title=f"第{number}篇")
    see.get("hub_edition", network.of_city.pk)
    for chosen in (texts[:1], texts):
        with django_assert_max_num_queries(18):
            see.post("hub_edition", network.of_city.pk, said=said(*chosen))
