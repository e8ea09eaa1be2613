"""Choosing accounts and a time for signed texts."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from cms.releases import withdrawals
from publishers import distribution, engine
from publishers.desk.forms import MoveForm, WhenForm
from publishers.models import Delivery, Phase
from publishers.people.permissions import OPERATOR
from publishers.templatetags.desk import zoned
from tests.factories import make_section, make_story
from tests.publishers.desk.conftest import text, turned_away
from tests.publishers.engine.cast import send, sent_titles, signed_release
from tests.publishers.engine.clock import HOUR, in_an_hour
from tests.triggers import lifted

pytestmark = pytest.mark.django_db(transaction=True)


def choose(*accounts, when="now", at=""):
    return {"accounts": [account.pk for account in accounts], "when": when, "at": at}


def of(*releases):
    return [("release", str(release.pk)) for release in releases]


def test_a_duty_editor_sends_a_signed_text_now(network, desk, server):
    release = signed_release(7, title="山里的阅览室")
    assert "山里的阅览室" in text(desk(network.duty).get("hub_texts"))
    answer = desk(network.duty).post("hub_send", said=choose(network.of_city), query=of(release))
    assert answer.redirect_chain[0][0] == "/admin/deliveries/"
    [delivery] = Delivery.objects.all()
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert sent_titles(server) == ["山里的阅览室"]


def test_several_texts_go_together_in_the_order_in_which_they_were_chosen(network, desk, server):
    first, second = signed_release(7, title="头条"), signed_release(8, title="次条")
    desk(network.duty).post("hub_send", said=choose(network.of_city), query=of(first, second))
    [delivery] = Delivery.objects.all()
    engine.run(delivery.pk)
    assert sent_titles(server) == ["头条", "次条"]


def test_a_time_is_in_the_persons_zone_and_one_that_has_passed_is_refused(network, desk):
    release = signed_release(7)
    later = timezone.localtime() + dt.timedelta(days=2)
    said = choose(network.of_city, when="later", at=later.strftime("%Y-%m-%d %H:%M"))
    desk(network.duty).post("hub_send", said=said, query=of(release))
    assert Delivery.objects.get().due_at == later.replace(second=0, microsecond=0)

    past = choose(network.of_city, when="later", at="2020-01-01 08:00")
    answer = desk(network.duty).post("hub_send", said=past, query=of(signed_release(8)))
    assert "This time has passed" in text(answer) and "2020-01-01 08:00" in text(answer)
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    "early", [dt.timedelta(), dt.timedelta(seconds=1)], ids=["at that moment", "before it"]
)
def test_a_time_that_is_just_now_has_passed(early):
    at = timezone.localtime() + dt.timedelta(days=1)
    with time_machine.travel(at.replace(second=0, microsecond=0) - early, tick=False):
        said = {"when": "later", "at": f"{at:%Y-%m-%d %H:%M}"}
        assert [form(said).is_valid() for form in (MoveForm, WhenForm)] == [bool(early)] * 2


def test_an_embargo_is_told_while_it_lies_ahead(network, desk):
    """Of several texts the last one's counts: they go out together."""
    see, said = desk(network.duty), "Readers may see it from"
    public, soon, later = (
        signed_release(n, public_from=at) for n, at in enumerate((None, in_an_hour(), in_an_hour() + HOUR), 7)
    )
    assert said not in shown(see, public)
    assert f"{said} {zoned(later.public_from)}" in shown(see, soon, later, public)


def test_an_account_where_one_of_the_texts_is_cannot_be_chosen_until_that_is_given_up(network, desk):
    release, taken = signed_release(7), "is there or on its way"
    delivery, see = send(release, account=network.of_city, at=in_an_hour()), desk(network.duty)
    assert taken in shown(see, release) and taken not in shown(see, signed_release(8))
    distribution.cancel(delivery, by=OPERATOR)
    assert taken not in shown(see, release)


def test_the_newest_texts_say_where_they_are_to_be(network, desk):
    release, see = signed_release(7), desk(network.duty)
    assert "Not distributed yet" in text(see.get("hub_texts_results"))
    send(release, account=network.of_province)
    down = send(release, account=network.of_city)
    assert "2 accounts" in text(see.get("hub_texts_results"))
    down.items.update(desired="gone")
    assert "1 account" in (page := text(see.get("hub_texts_results"))) and "1 accounts" not in page


def test_of_very_many_chosen_texts_eight_go_together(network, desk):
    releases = [signed_release(number, title=f"第{number}篇") for number in range(10, 19)]
    page = shown(desk(network.duty), *releases)
    assert "第17篇" in page and "第18篇" not in page


@pytest.mark.parametrize(("said", "priority"), [({"urgent": "on"}, Delivery.URGENT), ({}, Delivery.ORDINARY)])
def test_what_is_urgent_goes_before_what_is_not(said, priority, network, desk):
    said |= choose(network.of_city)
    desk(network.duty).post("hub_send", said=said, query=of(signed_release(7)))
    assert Delivery.objects.get().priority == priority


def test_texts_are_found_by_their_kind_and_office(network, desk):
    signed_release(7, title="省里的故事")
    other = signed_release(8, title="市里的政策")
    with lifted():
        type(other).objects.filter(pk=other.pk).update(kind="policy", office_code="city")
    see = desk(network.duty)
    for query in ({"kind": "policy"}, {"office_code": "city"}):
        listed = text(see.get("hub_texts_results", **query))
        assert "市里的政策" in listed and "省里的故事" not in listed, query


def shown(see, *releases) -> str:
    return text(see.get("hub_send", release=[release.pk for release in releases]))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [({"when": "now"}, "Choose at least one account."), ({"when": "later", "at": ""}, "Say when.")],
)
def test_what_is_missing_is_said_at_its_field(said, sentence, network, desk):
    answer = desk(network.duty).post("hub_send", said=said, query=of(signed_release(7)))
    assert sentence in text(answer) and not Delivery.objects.exists()


def test_an_account_of_another_office_can_neither_be_seen_nor_chosen(network, desk):
    release = signed_release(7)
    shown = desk(network.liaison).client.get(f"/admin/texts/distribute/?release={release.pk}")
    assert "市号" in text(shown) and "省号" not in text(shown)
    desk(network.liaison).post("hub_send", said=choose(network.of_province), query=of(release))
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("who", ["administrator", "auditor", "author"])
def test_only_duty_editors_and_liaison_officers_distribute(who, network, desk):
    release = signed_release(7)
    answer = desk(getattr(network, who)).post("hub_send", said=choose(network.of_city), query=of(release))
    assert turned_away(answer) and not Delivery.objects.exists()


def test_a_text_that_is_there_already_is_refused_with_its_title(network, desk):
    release = signed_release(7, title="山里的阅览室")
    for _ in range(2):
        answer = desk(network.duty).post("hub_send", said=choose(network.of_city), query=of(release))
    assert "山里的阅览室" in text(answer) and "already" in text(answer)
    assert Delivery.objects.count() == 1


def test_only_the_newest_text_of_a_page_can_be_sent(network, desk):
    old = signed_release(7)
    signed_release(7, title="更正后的标题")
    assert "更正后的标题" in text(desk(network.duty).get("hub_texts"))
    answer = desk(network.duty).post("hub_send", said=choose(network.of_city), query=of(old))
    assert answer.status_code == 404 and not Delivery.objects.exists()


def test_a_withdrawn_text_is_chosen_nowhere_and_one_that_was_signed_after_it_is(network, desk):
    page = make_story(make_section(network.city), author=network.author)
    withdrawn = signed_release(page.pk, title="撤下的文章")
    withdrawals.withdraw(page, reason="有误。", by=network.duty)
    see = desk(network.duty)
    for screen in (("hub_texts",), ("hub_edition", network.of_city.pk)):
        assert "撤下的文章" not in text(see.get(*screen))
    assert see.get("hub_send", release=withdrawn.pk).status_code == 404
    signed_release(page.pk, title="重新签发的文章")
    for screen in (("hub_texts",), ("hub_edition", network.of_city.pk)):
        assert "重新签发的文章" in text(see.get(*screen))


@pytest.mark.parametrize("chosen", ["", "no-uuid", "00000000-0000-0000-0000-000000000000"])
def test_an_address_without_a_known_text_leads_nowhere(chosen, network, desk):
    answer = desk(network.duty).post("hub_send", said=choose(network.of_city), query=[("release", chosen)])
    assert answer.status_code == 404 and not Delivery.objects.exists()


def test_after_a_cancellation_halfway_the_desk_asks_to_look_before_it_sends_again(network, desk, server):
    release = signed_release(7, title="山里的阅览室")
    server.faults["/submit"] = ["cut"]
    duty, said = desk(network.duty), choose(network.of_city)
    duty.post("hub_send", said=said, query=of(release))
    delivery = Delivery.objects.get()
    engine.run(delivery.pk)
    duty.post("hub_delivery", delivery.pk, said={"action": "cancel"})
    answer = duty.post("hub_send", said=said, query=of(release))
    assert "cancelled halfway" in text(answer) and "I have looked at the account" in text(answer)
    assert Delivery.objects.count() == 1

    duty.post("hub_send", said={**said, "again": "on"}, query=of(release))
    assert engine.run(Delivery.objects.latest("created_at").pk) == Phase.SETTLED
    assert sent_titles(server) == ["山里的阅览室"]


def test_a_text_like_one_that_is_there_goes_out_only_after_a_confirmation(network, desk):
    duty, said = desk(network.duty), choose(network.of_city)
    duty.post("hub_send", said=said, query=of(signed_release(7)))
    earlier = Delivery.objects.get()
    alike = signed_release(8)
    asked = text(duty.post("hub_send", said=said, query=of(alike)))
    assert "is nearly the same as" in asked and f"/admin/deliveries/{earlier.pk}/" in asked
    assert "this one shall go out as well" in asked and Delivery.objects.count() == 1
    duty.post("hub_send", said={**said, "alike": "on"}, query=of(alike))
    assert Delivery.objects.count() == 2
