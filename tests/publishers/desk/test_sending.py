"""Choosing accounts and a time for signed texts."""

import datetime as dt

import pytest
from django.utils import timezone

from publishers import engine
from publishers.models import Delivery, Phase
from tests.publishers.desk.conftest import text, turned_away
from tests.publishers.engine.cast import sent_titles, signed_release

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
